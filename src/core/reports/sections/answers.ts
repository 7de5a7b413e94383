import { taskLabel } from '../../labels.ts';
import { CLOSED } from '../../metrics/answer-spread.ts';
import { countCell, figureCell, left, ownRow, right } from '../cells.ts';
import { type Chart, type Section, type Series, type Table, sectionOfParts } from '../document.ts';
import {
  figureOf,
  nameOf,
  setsOf,
  shownFor,
  type Evaluation,
  type Figure,
  type ShownCheckpoints,
} from '../evaluation.ts';

/**
 * The distribution of answers, compared with that of the references: a model that guesses gives the same answer to
 * everything.
 */
export function answerSection(evaluations: readonly Evaluation[], options: ShownCheckpoints): Section | null {
  const parts = setsOf(evaluations).flatMap((set, s) =>
    CLOSED.flatMap((task) => {
      const shown = shownFor(evaluations, set, options).filter((one) => spread(one, set, task, 'entropy'));
      if (shown.length === 0) return [];
      const id = `answers-${task}-${s}`;
      return [{ table: spreadTable(shown, set, task, id), chart: histogram(shown, set, task, id) }];
    }),
  );
  return sectionOfParts(
    'answers',
    'Spread of answers',
    [
      'On the originals. A model that was rewarded for guessing gives one answer to nearly everything: its entropy is far below that of the references.',
    ],
    parts,
  );
}

const spread = (one: Evaluation, set: string, task: string, metric: string, answer?: string) =>
  figureOf(one, set, { task, metric, answer });

function spreadTable(shown: readonly Evaluation[], set: string, task: string, id: string): Table {
  return {
    id,
    caption: `How answers to ${taskLabel(task)} questions of ${set} are spread`,
    columns: [
      left('evaluation'),
      right('entropy, bits'),
      right('of the references'),
      right('most frequent answer, %'),
      right('most frequent reference, %'),
      right('answers'),
    ],
    rows: shown.map((one) => {
      const figure = (metric: string) => spread(one, set, task, metric);
      return ownRow(one, [
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
  const series = (one: Evaluation, of: 'given' | 'reference', name: string): Series => ({
    name,
    origin: 'own',
    points: answers.map((label, x) => ({
      x,
      label,
      y: 100 * (spread(one, set, task, of, label)?.value ?? 0),
    })),
  });
  return {
    id: `${id}-histogram`,
    caption: `Answers to ${taskLabel(task)} questions of ${set}`,
    kind: 'bars',
    x: { label: 'answer' },
    y: { label: 'share, %' },
    series: [
      ...shown.map((one) => series(one, 'given', nameOf(one))),
      series(shown[0]!, 'reference', 'references'),
    ],
    notes: [],
  };
}
