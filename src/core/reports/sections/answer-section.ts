import { fixed } from '../../../base/format.ts';
import { taskLabel, PATH_LABELS } from '../../../base/labels.ts';
import { CLOSED } from '../../metrics/answer-spread.ts';
import { countCell, figureCell, left, ownRow, right, NONE, withoutEmpty } from '../cells.ts';
import {
  type Chart,
  type Section,
  type Series,
  type Table,
  sectionOfParts,
  type Cell,
  markBest,
} from '../document.ts';
import {
  figureOf,
  nameOf,
  setsOf,
  shownFor,
  type Evaluation,
  type Figure,
  type ShownCheckpoints,
  type ReportOptions,
} from '../evaluation.ts';
import { sum } from '../../../base/numbers.ts';
import type { Style } from '../../metrics/answer-lengths.ts';

/**
 * The distribution of answers, compared with that of the references: a model that guesses gives the same answer to
 * everything.
 */
export function answerSection(evaluations: readonly Evaluation[], options: ShownCheckpoints): Section | null {
  const parts = setsOf(evaluations).flatMap((set, s) =>
    CLOSED.flatMap((task) => {
      const shown = shownFor(evaluations, set, options).filter((evaluation) =>
        spread(evaluation, set, task, 'entropy'),
      );
      if (shown.length === 0) return [];
      const id = `answers-${task}-${s}`;
      return [{ table: spreadTable(shown, set, task, id), chart: histogram(shown, set, task, id) }];
    }),
  );
  return sectionOfParts(
    'answers',
    'Answer distribution',
    [
      'Originals only. A model that was rewarded for guessing gives nearly the same answer to everything, so its entropy is far below the entropy of the reference answers.',
    ],
    parts,
  );
}

const spread = (evaluation: Evaluation, set: string, task: string, metric: string, answer?: string) =>
  figureOf(evaluation, set, { task, metric, answer });

function spreadTable(shown: readonly Evaluation[], set: string, task: string, id: string): Table {
  return {
    id,
    caption: `Distribution of answers to ${taskLabel(task)} questions of ${set}`,
    columns: [
      left('evaluation'),
      right('entropy, bits'),
      right('reference entropy, bits'),
      right('most frequent answer, %'),
      right('most frequent reference, %'),
      right('answers'),
    ],
    rows: shown.map((evaluation) => {
      const figure = (metric: string) => spread(evaluation, set, task, metric);
      return ownRow(evaluation, [
        figureCell(figure('entropy'), 2),
        figureCell(figure('reference_entropy'), 2),
        figureCell(figure('top_share')),
        figureCell(figure('reference_top_share')),
        countCell(figure('entropy')!.n),
      ]);
    }),
    notes: [],
  };
}

/** Shares of each answer, with those of the references last; answers that are almost never given are not listed. */
function histogram(shown: readonly Evaluation[], set: string, task: string, id: string): Chart {
  const isListed = (figure: Figure) =>
    figure.set === set && figure.task === task && figure.metric === 'given';
  const listed = shown.flatMap(({ figures }) => figures.filter(isListed));
  const answers = [...new Set(listed.map(({ answer }) => answer!))];
  const series = (evaluation: Evaluation, side: 'given' | 'reference', name: string): Series => ({
    name,
    origin: 'own',
    points: answers.map((label, x) => ({
      x,
      label,
      y: 100 * (spread(evaluation, set, task, side, label)?.value ?? 0),
    })),
  });
  return {
    id: `${id}-histogram`,
    caption: `Answers to ${taskLabel(task)} questions of ${set}`,
    kind: 'bars',
    x: { label: 'answer' },
    y: { label: 'share, %' },
    series: [
      ...shown.map((evaluation) => series(evaluation, 'given', nameOf(evaluation))),
      series(shown[0]!, 'reference', 'reference answers'),
    ],
    notes: [],
  };
}

type Path = keyof Style['paths'];

/** BLEU with what explains it: lengths, and how answers were found (R19) [B-51]. */
export function textSection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const parts = setsOf(evaluations).flatMap((set, s) => {
    const shown = shownFor(evaluations, set, options).filter((evaluation) => evaluation.sets[set]);
    return shown.length > 0 ? [{ table: textTable(shown, set, s), chart: pathChart(shown, set, s) }] : [];
  });
  return sectionOfParts(
    'text',
    'Answer texts',
    [
      'Where answers differ in length from the references or could not be extracted, BLEU reflects style and format rather than meaning (R19).',
    ],
    parts,
  );
}

/** Whether it is of a run, or any answer had a tag: else nothing shows that a format was asked for. */
const asksFormat = (evaluation: Evaluation, set: string): boolean =>
  evaluation.step !== null ||
  ['format_ok', 'extracted'].some(
    (metric) => (figureOf(evaluation, set, { task: 'all', metric })?.value ?? 0) > 0,
  );

function textTable(shown: readonly Evaluation[], set: string, s: number): Table {
  return markBest(
    withoutEmpty({
      id: `text-${s}`,
      caption: `Answers to the originals of ${set}`,
      columns: [
        left('evaluation'),
        right('BLEU-1', 'higher', 'Mean sentence BLEU, NLTK’s smoothing 1, times 100 (R40).'),
        right('BLEU-2', 'higher'),
        right('corpus BLEU-1', 'higher'),
        right('SBERT', 'higher', 'Cosine times 100.'),
        right('answer, words', undefined, 'Median (10th – 90th percentile).'),
        right('reference, words', undefined, 'Median (10th – 90th percentile).'),
        right('format kept, %', 'higher'),
        right('answer found strictly, %', 'higher', 'In its tags, as the prompt asked.'),
        right(
          'reasoning words',
          undefined,
          'Words of the published list per answer; the published mean is 0.8.',
        ),
      ],
      rows: shown.map((evaluation) => {
        const figure = (task: string, metric: string) =>
          figureCell(figureOf(evaluation, set, { task, metric }));
        const { style } = evaluation.sets[set]!;
        return ownRow(evaluation, [
          figure('text', 'bleu1'),
          figure('text', 'bleu2'),
          figure('text', 'corpus_bleu1'),
          figure('text', 'sbert'),
          lengthCell(style.answers),
          lengthCell(style.references),
          ...(['format_ok', 'extracted'] as const).map((metric) =>
            asksFormat(evaluation, set) ? figure('all', metric) : NONE,
          ),
          figure('all', 'reasoning_words'),
        ]);
      }),
      notes: [],
    }),
  );
}

function lengthCell(lengths: { p10: number; p50: number; p90: number } | null): Cell {
  if (!lengths) return NONE;
  const { p10, p50, p90 } = lengths;
  return { text: `${fixed(p50, 0)} (${fixed(p10, 0)} – ${fixed(p90, 0)})`, value: p50 };
}

function pathChart(shown: readonly Evaluation[], set: string, s: number): Chart {
  const paths = (Object.keys(PATH_LABELS) as Path[]).filter((path) =>
    shown.some((evaluation) => evaluation.sets[set]!.style.paths[path]),
  );
  return {
    id: `text-paths-${s}`,
    caption: `Answer locations on ${set}`,
    kind: 'bars',
    x: { label: 'answer location' },
    y: { label: 'answers, %' },
    series: shown.map((evaluation) => {
      const counts = evaluation.sets[set]!.style.paths;
      const all = sum(Object.values(counts));
      return {
        name: nameOf(evaluation),
        origin: 'own',
        points: paths.map((path, x) => ({
          x,
          y: (100 * (counts[path] ?? 0)) / all,
          label: PATH_LABELS[path],
        })),
      };
    }),
    notes: [],
  };
}
