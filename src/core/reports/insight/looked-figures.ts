import { fixed, percent, UNKNOWN } from '../../../base/format.ts';
import type { SetFigure } from '../../insight/insight-files.ts';
import type { LookedSet } from '../../insight/looked-set.ts';
import { pairsSentence, verdictText } from '../../insight/sentences.ts';
import { AMONG, ROLES, type Among, type Role } from '../../insight/set-names.ts';
import type { ViewId } from '../../../rows/view-list.ts';
import { inEnglish } from '../../worlds/questions/in-english.ts';
import { right } from '../cells.ts';
import { tableOf, words, type Chart, type ColumnOf, type Table } from '../document.ts';
import { layersFigures, type LayersFigure } from './comparison-document.ts';
import { attentionTable, dependsChart, wordsTable } from './set-document.ts';

/** Selection of answers for the metrics on a page. */
export interface LookedChoice {
  view: ViewId;
  among: Among;
  /** Index of an analysed layer, for the values in the list of rows. */
  layer: number;
  role: Role;
}

interface LookedFigures {
  pairs: string;
  among: Among[];
  depends: Chart | null;
  through: LayersFigure[];
  /** Tables of the displayed view that are not empty. */
  tables: Table[];
  /** Heads that find an object: the available roles, the displayed role, and its table; null without a role. */
  heads: { roles: Role[]; role: Role; table: Table } | null;
  rows: Table;
}

/** Returns the content of a page about an analysed evaluation set. @param most maximum number of rows in a list */
export function lookedFigures(
  { figures, heads, rows, layers }: LookedSet,
  { view, among, layer, role }: LookedChoice,
  most: number,
): LookedFigures {
  const chosen = figures.filter((figure) => figure.among === among);
  const ofView = chosen.filter((figure) => figure.view === view);
  const last = ofView.filter((figure) => figure.layer === null || figure.layer === layers.at(-1));
  const headsOfView = heads.filter((figure) => figure.view === view);
  const roles = ROLES.filter((each) => headsOfView.some(({ of }) => of === each));
  const shown = roles.includes(role) ? role : roles[0];
  return {
    pairs: pairsSentence(rows),
    among: AMONG.filter((each) => each === 'all' || rows.some(({ verdict }) => verdict === each)),
    depends: dependsChart(chosen),
    through: layersFigures(chosen),
    tables: [attentionTable('attention', ofView), wordsTable('likeliest', last)].filter(
      (table) => table.rows.length > 0,
    ),
    heads: shown === undefined ? null : { roles, role: shown, table: headsTable(headsOfView, shown) },
    rows: rowsTable(
      rows.filter((row) => row.view === view && (among === 'all' || row.verdict === among)),
      layer,
      most,
    ),
  };
}

function headsTable(figures: readonly SetFigure[], role: Role): Table {
  const mine = figures.filter(({ of }) => of === role);
  const heads = [...new Set(mine.flatMap(({ head }) => head ?? []))].sort((a, b) => a - b);
  const layers = [...new Set(mine.flatMap(({ layer }) => layer ?? []))].sort((a, b) => a - b);
  const most = Math.max(...mine.map(({ value }) => value ?? 0));
  const caption = `Layers × heads: attention of the answer on “${role}”, relative to uniform; all answers`;
  return tableOf<number>('heads', caption, layers, [
    words('layer', (layer) => `${layer}`),
    ...heads.map((head): ColumnOf<number> => [
      right(`head ${head}`),
      (layer) => {
        const value = mine.find((figure) => figure.layer === layer && figure.head === head)?.value;
        return { text: fixed(value, 2), shade: most > 0 ? (value ?? 0) / most : 0 };
      },
    ]),
  ]);
}

function rowsTable(rows: LookedSet['rows'], layer: number, most: number): Table {
  const roles = ROLES.filter((role) => rows.some(({ masses }) => masses.some((mass) => mass.role === role)));
  const title = rows.length > most ? `The first ${most} of ${rows.length} rows` : `${rows.length} rows`;
  type LookedRow = (typeof rows)[number];
  return tableOf<LookedRow>(
    'rows',
    `${title}, with the answer’s attention on objects, %`,
    rows.slice(0, most),
    [
      words('row', ({ id }) => id),
      words('question', ({ question }) => inEnglish(question)),
      words('answer', ({ answer }) => answer || 'none'),
      words('verdict', (row) => verdictText(row) || UNKNOWN),
      ...roles.map((role): ColumnOf<LookedRow> => [
        right(role),
        ({ masses }) => ({ text: percent(masses.find((mass) => mass.role === role)?.byLayer[layer]) }),
      ]),
    ],
    [],
    ({ id }) => ({ key: id }),
  );
}
