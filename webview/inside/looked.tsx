import { useState } from 'preact/hooks';
import { inEnglish } from '../../src/core/worlds/questions/in-english.ts';
import { fixed, percent, UNKNOWN } from '../../src/core/format.ts';
import type { SetFigure } from '../../src/core/insight/insight-files.ts';
import { AMONG, ROLES, type Among, type Role } from '../../src/core/insight/set-names.ts';
import type { InsideRun, LookedRow, LookedSet } from '../../src/panels/inside/inside.contract.ts';
import { left, right } from '../../src/core/reports/cells.ts';
import type { Table } from '../../src/core/reports/document.ts';
import { asThrough } from '../../src/core/reports/insight/compared.ts';
import { attentionTable, dependsChart, wordsTable } from '../../src/core/reports/insight/set.ts';
import { viewOf, type ViewId } from '../../src/core/view-list.ts';
import { Dropdown } from '../ui/controls.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import { Attention, verdictText } from './attention.tsx';
import { Bars, ThroughLayers } from './through-layers.tsx';
import { Beside } from './beside.tsx';
import { type Result, MOST_ROWS, type Host, type OpenRow } from './look-names.ts';

interface LookedProps {
  set: LookedSet;
  open: OpenRow;
  /** The set among the panel's results, for what it can be compared with. */
  result: Result;
  results: readonly Result[];
  runs: readonly InsideRun[];
  host: Host;
}

/** Where the model looked when it answered the rows of a set. */
export function Looked({ set, open, result, results, runs, host }: LookedProps) {
  const { figures, rows, layers, unreadable } = set;
  const views = [...new Set(rows.map((row) => row.view))];
  const verdicts = AMONG.filter((among) => among === 'all' || rows.some(({ verdict }) => verdict === among));
  const [view, setView] = useState<ViewId>(views[0]!);
  const [among, setAmong] = useState<Among>('all');
  const [layer, setLayer] = useState(Math.max(0, layers.length - 2));
  const mine = figures.filter((figure) => figure.view === view && figure.among === among);
  const hidden = mine.filter((figure) => figure.layer === null || figure.layer === layers.at(-1));
  const heads = set.heads.filter((figure) => figure.view === view);
  const [role, setRole] = useState<Role>('first named');
  const roles = ROLES.filter((each) => heads.some(({ of }) => of === each));
  const headsOf = roles.includes(role) ? role : roles[0];
  const tables = [attentionTable('attention', mine), wordsTable('likeliest', hidden)];
  return (
    <>
      <Attention {...{ set, result, host, open }} />
      <Bars chart={dependsChart(figures.filter((figure) => figure.among === among))} />
      <details open={runs.length > 1}>
        <summary>Through the layers, and beside other looks</summary>
        <Beside base={result} {...{ results, runs, host }}>
          <ThroughLayers
            looks={['']}
            figures={figures.filter((figure) => figure.among === among).flatMap(asThrough)}
          />
        </Beside>
      </details>
      <details>
        <summary>
          All figures, and the {rows.length} answers
          {unreadable > 0 && `; ${unreadable} lines of rows.jsonl cannot be read`}
        </summary>
        <div class="controls" role="group" aria-label="What is shown">
          <Dropdown
            label="View"
            value={view}
            set={setView}
            options={views.map((id) => [id, viewOf(id).label])}
          />
          <Dropdown label="Answers" value={among} set={setAmong} options={verdicts} />
          <Dropdown
            label="Layer of the rows"
            value={`${layer}`}
            set={(value) => setLayer(Number(value))}
            options={layers.map((number, at) => [`${at}`, `${number}`])}
          />
        </div>
        {tables.map((table) => table.rows.length > 0 && <FigureTable key={table.id} table={table} />)}
        {headsOf !== undefined && (
          <>
            <Dropdown label="Heads that look at" value={headsOf} set={setRole} options={roles} />
            <FigureTable table={headsTable(heads, headsOf)} />
          </>
        )}
        <FigureTable
          table={rowsTable(
            rows.filter((row) => row.view === view && (among === 'all' || row.verdict === among)),
            layer,
          )}
          open={open}
        />
      </details>
    </>
  );
}

/** Layers × heads: how much more than chance the answer looks at objects. */
function headsTable(figures: readonly SetFigure[], role: Role): Table {
  const mine = figures.filter(({ of }) => of === role);
  const heads = [...new Set(mine.flatMap(({ head }) => head ?? []))].sort((a, b) => a - b);
  const layers = [...new Set(mine.flatMap(({ layer }) => layer ?? []))].sort((a, b) => a - b);
  const most = Math.max(...mine.map(({ value }) => value ?? 0));
  return {
    id: 'heads',
    caption: `Layers × heads: attention of the answer on “${role}”, times chance; all answers`,
    columns: [left('layer'), ...heads.map((head) => right(`head ${head}`))],
    rows: layers.map((layer) => ({
      cells: [
        { text: `${layer}` },
        ...heads.map((head) => {
          const value = mine.find((figure) => figure.layer === layer && figure.head === head)?.value;
          return { text: fixed(value, 2), shade: most > 0 ? (value ?? 0) / most : 0 };
        }),
      ],
    })),
    notes: [],
  };
}

/** The rows; a click opens one in the Pair panel. */
function rowsTable(rows: readonly LookedRow[], layer: number): Table {
  const roles = ROLES.filter((role) => rows.some(({ masses }) => masses.some((mass) => mass.role === role)));
  return {
    id: 'rows',
    caption: `${rows.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${rows.length} rows` : `${rows.length} rows`}, with the answer’s attention on objects, %`,
    columns: [
      ...['row', 'question', 'answer', 'verdict'].map((title) => left(title)),
      ...roles.map((role) => right(role)),
    ],
    rows: rows.slice(0, MOST_ROWS).map(({ id, question, answer, reference, verdict, masses }) => ({
      key: id,
      cells: [
        { text: id },
        { text: inEnglish(question) },
        { text: answer || 'none' },
        { text: verdictText({ verdict, reference }) || UNKNOWN },
        ...roles.map((role) => ({
          text: percent(masses.find((mass) => mass.role === role)?.byLayer[layer]),
        })),
      ],
    })),
    notes: [],
  };
}
