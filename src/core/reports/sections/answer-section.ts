import { fixed } from '../../../base/format.ts';
import { metricLabel, PATH_LABELS, taskLabel } from '../../../base/labels.ts';
import { CLOSED } from '../../metrics/answer-spread.ts';
import { countCell, figureCell, NONE, ownTable, right, withoutEmpty } from '../cells.ts';
import {
  type Chart,
  type Section,
  type Series,
  type Table,
  chartOf,
  sectionOfParts,
  type Cell,
  markBest,
} from '../document.ts';
import {
  figureOf,
  nameOf,
  shownSets,
  type Evaluation,
  type Figure,
  type ShownCheckpoints,
  type ReportOptions,
} from '../evaluation.ts';
import { groupBy } from '../../evaluation/scored-row.ts';
import { sum } from '../../../base/numbers.ts';
import type { Style } from '../../metrics/answer-lengths.ts';

/**
 * Returns the section with the distributions of answers and reference answers, because a model that guesses gives the
 * same answer to every question.
 */
export function answerSection(evaluations: readonly Evaluation[], options: ShownCheckpoints): Section | null {
  const parts = shownSets(evaluations, options).flatMap(({ set, shown: all }, s) =>
    CLOSED.flatMap((task) => {
      const having = all.filter((evaluation) => spread(evaluation, set, task, 'entropy'));
      const groups = groupBy(having, (each) => (hasTexts(each, set, task) ? ', by text' : ''));
      return [...groups].map(([about, shown]) => {
        const id = `answers-${task}${about && '-texts'}-${s}`;
        const name = `${taskLabel(task)} questions of ${set}${about}`;
        return {
          table: spreadTable(shown, set, task, id, name),
          chart: histogram(shown, set, task, id, name),
        };
      });
    }),
  );
  return sectionOfParts(
    'answers',
    'Answer distribution',
    [
      'Originals only. A model rewarded for guessing gives nearly the same answer to all questions, so the entropy of its answers is far below the entropy of the reference answers.',
    ],
    parts,
  );
}

/** Whether answers are texts of options, which have other reference answers than the letters of options. */
const hasTexts = ({ figures }: Evaluation, set: string, task: string): boolean =>
  task === 'mcq' &&
  figures.some(
    (figure) =>
      figure.set === set &&
      figure.task === task &&
      figure.metric === 'reference' &&
      figure.value! > 0 &&
      /[^A-Z, ]/.test(figure.answer!),
  );

const spread = (evaluation: Evaluation, set: string, task: string, metric: string, answer?: string) =>
  figureOf(evaluation, set, { task, metric, answer });

function spreadTable(
  shown: readonly Evaluation[],
  set: string,
  task: string,
  id: string,
  name: string,
): Table {
  const items = shown.map((evaluation) => ({
    evaluation,
    figure: (metric: string) => spread(evaluation, set, task, metric),
  }));
  return ownTable(id, `Distribution of answers to ${name}`, items, [
    [right('entropy, bits'), ({ figure }) => figureCell(figure('entropy'), 2)],
    [right('reference answer entropy, bits'), ({ figure }) => figureCell(figure('reference_entropy'), 2)],
    [right('most frequent answer, %'), ({ figure }) => figureCell(figure('top_share'))],
    [right('most frequent reference answer, %'), ({ figure }) => figureCell(figure('reference_top_share'))],
    [right('answers'), ({ figure }) => countCell(figure('entropy')!.n)],
  ]);
}

/** Draws the share of each answer. The last series shows the reference answers; rare answers are omitted. */
function histogram(shown: readonly Evaluation[], set: string, task: string, id: string, name: string): Chart {
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
  const caption = `Answers to ${name}`;
  return chartOf('bars', `${id}-histogram`, caption, 'answer', 'share, %', [
    ...shown.map((evaluation) => series(evaluation, 'given', nameOf(evaluation))),
    series(shown[0]!, 'reference', 'reference answers'),
  ]);
}

type Path = keyof Style['paths'];

/** Returns the section with BLEU and the metrics that explain it: lengths, and extraction paths (R19) [B-51]. */
export function textSection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const parts = shownSets(evaluations, options).flatMap(({ set, shown: all }, s) => {
    const shown = all.filter((evaluation) => evaluation.sets[set]);
    return shown.length > 0 ? [{ table: textTable(shown, set, s), chart: pathChart(shown, set, s) }] : [];
  });
  return sectionOfParts(
    'text',
    'Answer texts',
    evaluations.some(({ figures }) => figures.some(({ metric }) => metric === 'bleu1'))
      ? [
          'Where answers differ in length from the reference answers or could not be extracted, BLEU reflects style and format rather than meaning (R19).',
        ]
      : [],
    parts,
  );
}

/** Whether the evaluation is of a checkpoint, or any answer had a tag; otherwise, no format was visibly required. */
const asksFormat = (evaluation: Evaluation, set: string): boolean =>
  evaluation.step !== null ||
  ['format_ok', 'extracted'].some(
    (metric) => (figureOf(evaluation, set, { task: 'all', metric })?.value ?? 0) > 0,
  );

function textTable(shown: readonly Evaluation[], set: string, s: number): Table {
  const figure = (task: string, metric: string) => (item: { evaluation: Evaluation }) =>
    figureCell(figureOf(item.evaluation, set, { task, metric }));
  const ofFormat = (metric: string) => (item: { evaluation: Evaluation }) =>
    asksFormat(item.evaluation, set) ? figure('all', metric)(item) : NONE;
  const lengths = (side: 'answers' | 'references') => (item: { evaluation: Evaluation }) =>
    lengthCell(item.evaluation.sets[set]!.style[side]);
  const items = shown.map((evaluation) => ({ evaluation }));
  const median = 'Median number of words (10th – 90th percentile).';
  const published =
    'Mean number per answer, in its reasoning and outside, of words such as “because”, “first” and “likely” (B-58). SVQA-R1 reports a mean of 0.8.';
  const table = ownTable(`text-${s}`, `Answers to the originals of ${set}`, items, [
    [
      right('BLEU-1', 'higher', 'Mean sentence BLEU, NLTK’s smoothing 1, times 100 (R40).'),
      figure('text', 'bleu1'),
    ],
    [right('BLEU-2', 'higher'), figure('text', 'bleu2')],
    [right('corpus BLEU-1', 'higher'), figure('text', 'corpus_bleu1')],
    [right('SBERT', 'higher', 'Cosine of sentence embeddings, times 100.'), figure('text', 'sbert')],
    [right('answer, words', undefined, median), lengths('answers')],
    [right('reference answer, words', undefined, median), lengths('references')],
    [right('format adherence, %', 'higher'), ofFormat('format_ok')],
    [right('answer in required tags, %', 'higher', 'The prompt defines the tags.'), ofFormat('extracted')],
    [right(metricLabel('reasoning_words'), undefined, published), figure('all', 'reasoning_words')],
  ]);
  return markBest(withoutEmpty(table));
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
  const series = shown.map((evaluation): Series => {
    const counts = evaluation.sets[set]!.style.paths;
    const all = sum(Object.values(counts));
    const points = paths.map((path, x) => ({
      x,
      y: (100 * (counts[path] ?? 0)) / all,
      label: PATH_LABELS[path],
    }));
    return { name: nameOf(evaluation), origin: 'own', points };
  });
  const caption = `Answer locations on ${set}`;
  return chartOf('bars', `text-paths-${s}`, caption, 'answer location', 'answers, %', series);
}
