import { percentsText } from '../../../base/format.ts';
import { kindLabel } from '../../../base/labels.ts';
import { endsOf } from '../../metrics/metric.ts';
import { ROW_FIELDS } from '../../metrics/by-field.ts';
import {
  beyondChance,
  byDistance,
  kindsIn,
  sureDistance,
  viewGap,
  type ViewGap,
} from '../../metrics/view-gaps.ts';
import { ORIGINAL, viewLabel, viewOf } from '../../../rows/view-list.ts';
import { figureCell, left } from '../cells.ts';
import {
  chartOf,
  ownFigures,
  pointOf,
  tableOf,
  words,
  type Chart,
  type Point,
  type Table,
} from '../document.ts';
import { nameInSentence, nameOf, type Evaluation } from '../evaluation.ts';
import { inEnglish } from '../../worlds/questions/in-english.ts';

const LINES = 24;
const EXAMPLES = 2;

interface Gap extends ViewGap {
  evaluation: Evaluation;
}

/** The largest significant gap between originals and mirrors. */
export interface Finding {
  evaluation: Evaluation;
  /** Whether the gap over all questions is also significant; otherwise, one of many kinds could differ by chance. */
  isMain: boolean;
  sentence: string;
  /** Pairs of this kind with one right view; null for views except the mirror, or if no answer text is stored. */
  examples: Table | null;
}

/** Returns the view gaps of a set by kind of question, for the first field that divides its rows into kinds. */
function gapsOf(shown: readonly Evaluation[], set: string): Gap[] {
  const gaps = (slice: ViewGap['slice']): Gap[] =>
    shown.flatMap((evaluation) => {
      const gap = viewGap(evaluation.figures, set, slice);
      return gap ? [{ evaluation, ...gap }] : [];
    });
  const all = gaps(null);
  const everyKind = kindsIn(
    shown.flatMap(({ figures }) => figures),
    set,
  );
  for (const field of Object.keys(ROW_FIELDS)) {
    const kinds = everyKind.filter((kind) => kind.field === field).flatMap(gaps);
    if (kinds.length > 0) return [...all, ...kinds];
  }
  return all;
}

/** Returns the largest significant view gap by kind of question; null if no gap is significant. */
export function findingOf(shown: readonly Evaluation[], set: string): Finding | null {
  const sure = beyondChance(gapsOf(shown, set)).sort(byDistance);
  const [most] = sure;
  if (!most) return null;
  const { evaluation, slice, view, original, other } = most;
  const [a, b] = [original, other].map((figure) => percentsText(endsOf(figure)!));
  const what = slice
    ? `${kindLabel(slice.value)} questions and ${b} of their ${viewLabel(view)}`
    : `originals and ${b} of ${viewLabel(view)}`;
  return {
    evaluation,
    isMain: sure.at(-1)!.slice === null,
    sentence: `${shown.length > 1 ? 'Largest view gap: ' : ''}${nameInSentence(evaluation)} answers ${a} of ${what} correctly.`,
    examples: examplesOf(most, set),
  };
}

/** Draws original and partner view as two dots on a line for each kind of question; null if the set has no kinds. */
export function kindChart(shown: readonly Evaluation[], set: string): Chart | null {
  const kinds = gapsOf(shown, set).filter(({ slice }) => slice !== null);
  if (kinds.length === 0) return null;
  const most = (kind: string) =>
    Math.max(...kinds.filter(({ slice }) => slice!.value === kind).map((gap) => sureDistance(gap)));
  // Sorts the kinds by gap, the widest first.
  kinds.sort((a, b) => most(b.slice!.value) - most(a.slice!.value));
  const drawn = kinds.slice(0, LINES);
  const isAlone = new Set(drawn.map(({ evaluation }) => evaluation)).size === 1;
  const points = (figureOf: (gap: Gap) => ViewGap['original']): Point[] =>
    drawn.flatMap((gap, x) => {
      const kind = kindLabel(gap.slice!.value);
      const label = isAlone ? kind : `${kind}: ${nameOf(gap.evaluation)}`;
      return pointOf(figureCell(figureOf(gap)), { x, label });
    });
  return chartOf(
    'dumbbell',
    'outcome-kinds',
    `Originals and ${viewLabel(kinds[0]!.view)} of ${set} by kind of question`,
    'kind of question',
    { label: 'correct, %', range: [0, 100] },
    [
      { name: viewLabel(ORIGINAL), origin: 'own', points: points(({ original }) => original) },
      { name: viewLabel(kinds[0]!.view), origin: 'own', points: points(({ other }) => other) },
    ],
    {
      inTables: true,
      notes: [
        ...(kinds.length > LINES
          ? [`First ${LINES} of ${kinds.length} kinds of questions. The tables contain all kinds.`]
          : []),
        ...(drawn.some(({ original, other }) => original.bounds ?? other.bounds)
          ? ['A thick line shows the possible range where answers are not scored.']
          : []),
      ],
    },
  );
}

function examplesOf({ evaluation, slice, view, original, other }: Gap, set: string): Table | null {
  const isOriginal = endsOf(original)![0] > endsOf(other)![1];
  const examples = (evaluation.sets[set]?.examples ?? []).filter(
    (example) =>
      example.view === view &&
      example.right[0] === isOriginal &&
      (slice === null || example.kinds[slice.field] === slice.value),
  );
  if (examples.length === 0) return null;
  return tableOf(
    'outcome-examples',
    `Pairs that ${nameInSentence(evaluation)} answers correctly in one view only`,
    examples
      .slice(0, EXAMPLES)
      .flatMap(({ views, right }) =>
        views.map((shown, v) => ({ ...shown, of: v === 0 ? ORIGINAL : view, right: right[v]! })),
      ),
    [
      words('view', ({ of }) => viewOf(of).label.toLowerCase()),
      words('question', ({ question }) => inEnglish(question)),
      words('reference', ({ reference }) => reference),
      words('answer', ({ answered }) => answered ?? 'no answer'),
      [left('result'), ({ right }) => ({ text: right ? '✓\u00a0correct' : '✗\u00a0wrong', right })],
    ],
    [],
    ownFigures,
  );
}
