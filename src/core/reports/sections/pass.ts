import { endsText, fixed } from '../../../base/format.ts';
import { taskLabel } from '../../../base/labels.ts';
import { endsOf, isOpen } from '../../metrics/metric.ts';
import {
  bareCell,
  chanceCell,
  countCell,
  figureCell,
  NONE,
  notJudgedColumn,
  ownTable,
  right,
  withoutEmpty,
} from '../cells.ts';
import {
  chartOf,
  pointOf,
  section,
  words,
  type Cell,
  type Chart,
  type Point,
  type Section,
  type Series,
  type Table,
} from '../document.ts';
import {
  nameOf,
  showsPublished,
  shownSets,
  type Evaluation,
  type Figure,
  type ReportOptions,
} from '../evaluation.ts';
import { PUBLISHED_PASS } from '../published/investigator.ts';
import { viewLabel } from '../../../rows/view-list.ts';

interface PassPair {
  label: string;
  one: Figure;
  four: Figure;
}

function passPairs({ figures }: Evaluation, set: string): PassPair[] {
  const ofSet = figures.filter((figure) => figure.set === set);
  return ofSet
    .filter(({ metric }) => metric === 'pass@1')
    .flatMap((single) => {
      const { task, view } = single;
      const four = ofSet.find((each) => each.metric === 'pass@4' && each.task === task && each.view === view);
      const label = [taskLabel(task), view && viewLabel(view)].filter(Boolean).join(', ');
      return four ? [{ label, one: single, four }] : [];
    });
}

/** Returns the section on coverage and precision: accuracy of one answer, and of the best of four answers. */
export function passSection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const having = shownSets(evaluations, options)
    .map(({ set, shown }) => ({
      set,
      shown: shown
        .map((evaluation) => ({ evaluation, pairs: passPairs(evaluation, set) }))
        .filter(({ pairs }) => pairs.length > 0),
    }))
    .filter(({ shown }) => shown.length > 0);
  if (having.length === 0 && !showsPublished(evaluations, options)) return null;
  return section(
    'pass',
    'Pass@1 and Pass@4',
    [
      'Pass@4 counts a question as solved if one of four sampled answers is correct. Both metrics cover questions with at least four answers, so Pass@4 is never below Pass@1. High coverage alone means little: four guesses between two choices reach 93.75%, above the 91.17 and 90.00% of arXiv 2507.13362’s SFT (R53).',
      ...(having.length === 0 && evaluations.length > 0
        ? ['These evaluations have no Pass@4, because no question has four sampled answers.']
        : []),
    ],
    having.map(({ set, shown }, s) => passTable(set, s, shown)),
    [
      ...having.map(({ set, shown }, s) =>
        chart(
          `pass-${s}`,
          `Pass@1 against Pass@4 on ${set}`,
          shown.map(({ evaluation, pairs }) => ({
            name: nameOf(evaluation),
            origin: 'own',
            points: pairs.flatMap((pair): Point[] => {
              // If answers are unscored, draws the range of Pass@4 as a bar, in the middle of the range of Pass@1.
              const [x] = pointOf(figureCell(pair.one), { x: 0 });
              return x ? pointOf(bareCell(pair.four), { x: x.y, label: pair.label }) : [];
            }),
          })),
        ),
      ),
      chart(
        'pass-published',
        'Pass@1 against Pass@4 on CV-Bench (arXiv 2507.13362)',
        PUBLISHED_PASS.map(({ name, tasks }) => ({
          name,
          origin: 'published',
          points: tasks.map(({ task, pass1, pass4 }) => ({ x: pass1, y: pass4, label: task })),
        })),
        'Depth and Distance have two choices: four guesses reach 93.75%.',
      ),
    ],
  );
}

const passTable = (
  set: string,
  s: number,
  shown: readonly { evaluation: Evaluation; pairs: PassPair[] }[],
): Table => {
  const items = shown.flatMap(({ evaluation, pairs }) => pairs.map((pair) => ({ evaluation, ...pair })));
  return withoutEmpty(
    ownTable(`pass-table-${s}`, `Pass@1 and Pass@4 on ${set}, percent`, items, [
      words('task', ({ label }) => label),
      [right('Pass@1'), ({ one }) => figureCell(one)],
      [right('Pass@4'), ({ four }) => figureCell(four)],
      [right('gain, points'), gainCell],
      [
        right('four guesses', undefined, 'Expected Pass@4 of guessing (R53).'),
        ({ four }) => chanceCell(four),
      ],
      [notJudgedColumn(), ({ four }) => countCell(four.not_judged)],
      [right('questions'), ({ four }) => countCell(four.n)],
    ]),
  );
};

/** Returns Pass@4 minus Pass@1, or its bounds if answers are unscored; at least 0, because the samples are the same. */
function gainCell({ one, four }: PassPair): Cell {
  const [from, to] = [endsOf(one), endsOf(four)];
  if (!from || !to) return NONE;
  const [low, high] = [100 * (to[0] - from[1]), 100 * (to[1] - from[0])];
  return isOpen(from) || isOpen(to)
    ? {
        text: endsText([Math.max(0, low), high], (gain) => fixed(gain, 1)),
        bounds: [Math.max(0, low), high],
      }
    : { text: fixed(low, 1), value: low };
}

const chart = (id: string, caption: string, series: Series[], ...notes: string[]): Chart =>
  chartOf('scatter', id, caption, 'Pass@1, %', 'Pass@4, %', series, { notes });
