import { several } from '../../base/format.ts';
import { groupBy } from '../evaluation/scored-row.ts';
import type { Card, SetCard } from '../metrics/card.ts';
import { ORIGINAL, sortedViews, viewOf, type ViewId } from '../../rows/view-list.ts';
import { cellsOf, chanceCell, countCell, figureCell, right, withoutEmpty } from './cells.ts';
import {
  chartOf,
  markBest,
  ownFigures,
  pointOf,
  section,
  tableOf,
  words,
  type Cell,
  type Chart,
  type ColumnOf,
  type ReportDocument,
  type Section,
  type Table,
} from './document.ts';
import { sum } from '../../base/numbers.ts';
import { floorLines } from '../metrics/floor.ts';
import { endsOf } from '../metrics/metric.ts';
import type { Metric } from '../evaluation/results.ts';
import { matrixFigure, matrixFigures, type MatrixFigure, type MatrixMetric } from '../metrics/view-matrix.ts';
import { figureOf } from './evaluation.ts';
import { motionSentence, motionTables } from './sections/motion-section.ts';
import { AGAINST_ORIGINAL, againstTitle, few, viewTables } from './sections/views.ts';

/** Returns a report that compares benchmark cards (consistency), from one or several laboratories. */
export function cardsDocument(cards: readonly Card[], title: string): ReportDocument {
  const names = distinct(cards.map(({ model }) => model.name));
  const results = cards.flatMap((card, i) => card.sets.map((set) => ({ name: names[i]!, card, set })));
  const groups = [...groupBy(results, comparable).values()];
  return {
    title,
    lead: [
      cards.length === 1
        ? `${names[0]!} on ${several(results.length, 'evaluation set')}, in several views of each row.`
        : `${several(cards.length, 'benchmark card')} on ${several(new Set(results.map(({ set }) => set.sha256)).size, 'evaluation set')}.`,
      ...results.flatMap(({ name, set }) => {
        const sentence = motionSentence(set);
        return sentence === null ? [] : [cards.length === 1 ? sentence : `${name}: ${sentence}`];
      }),
      ...differences(cards, names, groups),
    ],
    sections: [...groups.flatMap((group, g) => setSections(group, g, groups)), conditions(cards, names)],
  };
}

/** Returns a key that comparable results share: the same rows, images, prompts, sampling and scoring. */
const comparable = ({ card, set }: Result): string =>
  `${set.sha256} ${card.asked.sha256} ${card.scoring_rules}`;

function distinct(names: readonly string[]): string[] {
  const before = (i: number) => names.slice(0, i).filter((name) => name === names[i]).length;
  return names.map((name, i) => (before(i) === 0 ? name : `${name} (${before(i) + 1})`));
}

function differences(
  cards: readonly Card[],
  names: readonly string[],
  groups: readonly (readonly Result[])[],
): string[] {
  const results = groups.flat();
  const byName = [...groupBy(results, ({ set }) => set.name)].flatMap(([set, ofSet]) =>
    new Set(ofSet.map((result) => result.set.sha256)).size > 1
      ? [`Cannot compare results on “${set}”: its rows or images differ between the benchmark cards.`]
      : [],
  );
  const byPrompt = [...groupBy(results, ({ set }) => set.sha256).values()].flatMap((ofSet) =>
    new Set(ofSet.map(({ card }) => card.asked.sha256)).size > 1
      ? [
          `Cannot compare ${list(ofSet.map(({ name }) => name))} on “${ofSet[0]!.set.name}”: their prompts or sampling differ.`,
        ]
      : [],
  );
  const byViews = groups.flatMap((group) => {
    const views = sortedViews(group.flatMap(({ set }) => set.views.map(({ view }) => view)));
    const other = views.filter((view) => new Set(group.map(({ set }) => rowsOf(set, view))).size > 1);
    return other.length > 0
      ? [
          `On “${group[0]!.set.name}”, the benchmark cards have different rows of ${list(other.map((view) => viewOf(view).plural))}. Differences between these columns can come from the rows.`,
        ]
      : [];
  });
  const programs = new Set(cards.map(({ program }) => program));
  const byProgram =
    programs.size > 1
      ? [
          `The benchmark cards are from different versions of Chirality (${cards.map(({ program }, i) => `${names[i]!}: ${program}`).join(', ')}), whose rules can create different views.`,
        ]
      : [];
  const rules = new Set(cards.map(({ scoring_rules }) => scoring_rules));
  const byRules =
    rules.size > 1
      ? [
          `The benchmark cards use different scoring rules (${cards.map(({ scoring_rules }, i) => `${names[i]!}: version ${scoring_rules}`).join(', ')}), so their results cannot be compared. To update the older benchmark cards from existing answers, run \`chirality benchmark consistency\`.`,
        ]
      : [];
  return [...byName, ...byPrompt, ...byRules, ...byViews, ...byProgram];
}

function conditions(cards: readonly Card[], names: readonly string[]): Section {
  type Line = readonly [title: string, textOf: (card: Card) => string];
  const sets = [...new Set(cards.flatMap((card) => card.sets.map(({ name }) => name)))];
  const rows: Line[] = [
    ['engine', ({ model }) => model.engine],
    ['Chirality', ({ program }) => program],
    ['date', ({ date }) => date],
    ['scoring rules', ({ scoring_rules }) => `version ${scoring_rules}`],
    ['prompting strategy', ({ asked }) => asked.strategy],
    [
      'sampling',
      ({ asked: { sampling } }) => {
        const { temperature, n, max_tokens } = sampling;
        const how = temperature === 0 ? 'greedy' : `temperature ${temperature}, n = ${n}`;
        return `${how}, at most ${max_tokens} tokens`;
      },
    ],
    ['hash of prompts and sampling', ({ asked }) => asked.sha256.slice(0, 16)],
    ...sets.map((name): Line => [
      `hash of ${name}`,
      (card) => {
        const set = card.sets.find((counted) => counted.name === name);
        return set ? `${set.sha256.slice(0, 16)}, ${several(set.rows, 'row')}` : '–';
      },
    ]),
  ];
  return section(
    'conditions',
    'Conditions',
    [
      'Two benchmark cards are comparable if the hashes of evaluation set, prompts and sampling match. The hash of an evaluation set covers its texts, rewrites and images. Intervals are 95% and cover other images of the same kind (Wilson, adjusted for correlated rows of one image).',
    ],
    [
      tableOf('conditions', 'Evaluation settings', rows, [
        words('', ([title]) => title),
        ...names.map((name, i) => words<Line>(name, ([, textOf]) => textOf(cards[i]!))),
      ]),
    ],
  );
}

interface Result {
  /** Name of the model, with a number if several benchmark cards have the same name. */
  name: string;
  card: Card;
  set: SetCard;
}

function setSections(group: readonly Result[], g: number, groups: readonly (readonly Result[])[]): Section[] {
  const { set, card } = group[0]!;
  const namesakes = groups.filter((other) => other[0]!.set.name === set.name).length;
  const rows = `rows ${set.sha256.slice(0, 8)}, questions ${card.asked.sha256.slice(0, 8)}`;
  const title = namesakes > 1 ? `${set.name} (${rows})` : set.name;
  return [
    section(
      `set-${g}`,
      title,
      [
        'Agreement means little without accuracy and chance, because a model can agree with itself and be wrong. Update: the answer changes where the reference answer changes between views. Stability: the answer stays where the reference answer stays. A model that always gives the same text has 0 update and 100 stability. By letter, the same applies to a model that always gives the same letter.',
      ],
      [
        ...motionTables(group, g),
        overview(group, g),
        ...SIDE_BY_SIDE.map((metric) => sideBySide(group, g, metric)),
      ],
      [accuracyChart(group, g)],
    ),
    section(
      `matrix-${g}`,
      `${title}: view pairs`,
      [],
      [
        ...group.flatMap((result, i) =>
          viewTables({ key: '', figures: result.set.figures }, result.set.name, `${g}-${i}`).map((table) => ({
            ...table,
            caption: `${table.caption}: ${result.name}`,
          })),
        ),
        lackingTable(group, g),
      ],
    ),
  ];
}

/** Draws the accuracy in every view. A model that has learned a shortcut drops to chance in some views. */
function accuracyChart(group: readonly Result[], g: number): Chart {
  const views = askedIn(group);
  const counts = group.flatMap(({ set }) => views.map((view) => rowsOf(set, view)));
  const sameRows = new Set(counts).size === 1;
  return chartOf(
    'bars',
    `accuracy-${g}`,
    `Accuracy by view, percent${sameRows ? ` of ${several(counts[0] ?? 0, 'row')}` : ''}`,
    'view',
    { label: 'accuracy, percent', range: [0, 100] },
    group.map(({ name, set }) => ({
      name,
      points: views.flatMap((view, x) => {
        const figure = figureOf({ figures: set.figures }, set.name, { metric: 'accuracy', view });
        const label = `${viewOf(view).label}${sameRows ? '' : ` (${several(figure?.n ?? 0, 'row')})`}`;
        return pointOf(figureCell(figure), { x, label });
      }),
    })),
    {
      notes: [`Accuracy on all rows that have the view. Chance is in the tables.`],
      inTables: true,
    },
  );
}

const askedIn = (group: readonly Result[]): ViewId[] =>
  sortedViews(group.flatMap(({ set }) => set.views.filter(({ rows }) => rows > 0).map(({ view }) => view)));

const SIDE_BY_SIDE: readonly MatrixMetric[] = ['consistent', 'agreement', 'update'];

const CAPTIONS: Partial<Record<MatrixMetric, string>> = {
  consistent: 'Pair accuracy (original and view both correct), percent',
  agreement: 'Agreement of original and view, correct or wrong, percent',
  update: 'Update (the answer changes where the reference answer changes), percent',
};

function overview(group: readonly Result[], g: number): Table {
  const items = group.map(({ name, set }) => {
    const accuracy = figureOf(set, set.name, { metric: 'accuracy' });
    const figures = matrixFigures(set.figures, set.name);
    const cells = cellsOf([accuracy, ...AGAINST_ORIGINAL.map((metric) => pooledFigure(figures, metric))]);
    const all = set.figures.filter(({ metric }) => metric === 'accuracy');
    const answers = sum(all.map(({ n }) => n));
    const unread = sum(all.map(({ unparsed = 0 }) => unparsed));
    return { name, accuracy, cells, rows: set.rows, answers, unread };
  });
  type Item = (typeof items)[number];
  return withoutEmpty(
    tableOf<Item>(
      `overview-${g}`,
      'All views, percent',
      items,
      [
        words('model', ({ name }) => name),
        [right('accuracy', 'higher', 'Accuracy on the original rows.'), ({ cells }) => cells[0]!],
        [right('chance'), ({ accuracy }) => chanceCell(accuracy)],
        [
          right('pair accuracy', 'higher', 'Share of all pairs of the original and another view.'),
          ({ cells }) => cells[1]!,
        ],
        ...AGAINST_ORIGINAL.slice(1).map((metric, i): ColumnOf<Item> => [
          right(...againstTitle(metric, '', metric.startsWith('update') ? 'higher' : undefined)),
          ({ cells }) => cells[i + 2]!,
        ]),
        [
          right('unparsed', undefined, 'Share of answers to all views. Unparsed answers count as wrong.'),
          ({ answers: n, unread }) => figureCell({ unit: 'share', n, value: n === 0 ? null : unread / n }),
        ],
        [right('rows'), ({ rows }) => countCell(rows)],
      ],
      [],
      ownFigures,
    ),
  );
}

function pooledFigure(figures: readonly MatrixFigure[], metric: MatrixMetric): Metric | undefined {
  const pairs = figures.flatMap((figure) => {
    const ends = figure.one === ORIGINAL && figure.metric === metric ? endsOf(figure) : null;
    return ends ? [{ ...figure, ends }] : [];
  });
  const n = sum(pairs.map((pair) => pair.n));
  if (n === 0) return undefined;
  const [low, high] = [0, 1].map((end) => sum(pairs.map((pair) => pair.n * pair.ends[end]!)) / n);
  const not_judged = sum(pairs.map((pair) => pair.not_judged ?? 0));
  return not_judged === 0
    ? { value: low!, unit: 'share', n }
    : { value: null, unit: 'share', n, bounds: [low!, high!], not_judged };
}

function sideBySide(group: readonly Result[], g: number, metric: MatrixMetric): Table {
  const views = askedIn(group).filter((view) => view !== ORIGINAL);
  const items = group.map(({ name, set }) => {
    const figures = matrixFigures(set.figures, set.name);
    const ofViews = views.map((view) => matrixFigure(figures, ORIGINAL, view, metric));
    const cells = cellsOf(ofViews).map((cell, v): Cell => ({ ...cell, ...(ofViews[v] && few(ofViews[v])) }));
    return { name, cells };
  });
  const { figures, name } = group[0]!.set;
  return markBest(
    tableOf(
      `${metric.replace('_', '-')}-${g}`,
      CAPTIONS[metric]!,
      items,
      [
        words('model', ({ name }) => name),
        ...views.map((view, v): ColumnOf<(typeof items)[number]> => [
          right(viewOf(view).label, metric === 'agreement' ? undefined : 'higher'),
          ({ cells }) => cells[v]!,
        ]),
      ],
      metric === 'consistent'
        ? floorLines(
            figures.filter(({ slice }) => slice?.value === ORIGINAL),
            name,
          )
        : [],
      ownFigures,
    ),
  );
}

function lackingTable(group: readonly Result[], g: number): Table {
  const alike = [...groupBy(group, ({ set }) => JSON.stringify(set.views)).values()];
  const items = alike.flatMap((same) => same[0]!.set.views.map((view) => ({ same, ...view })));
  type Item = (typeof items)[number];
  return tableOf<Item>(
    `rows-${g}`,
    'Rows by view',
    items,
    [
      words('view', ({ view }) => viewOf(view).label),
      ...(alike.length > 1 ? [words<Item>('card', ({ same }) => list(same.map(({ name }) => name)))] : []),
      [right('rows'), ({ rows }) => countCell(rows)],
      words('reasons for missing rows', ({ lacking }) =>
        Object.entries(lacking)
          .sort(([, a], [, b]) => b - a)
          .map(([why, n]) => `${why} ${n}`)
          .join(', '),
      ),
    ],
    ['docs/views.md explains the codes. Chirality creates no views with an uncertain reference answer.'],
  );
}

const list = (names: readonly string[]): string => [...new Set(names)].join(', ');

const rowsOf = (set: SetCard, view: ViewId): number | undefined =>
  set.views.find((counted) => counted.view === view)?.rows;
