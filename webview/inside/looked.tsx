import { useState } from 'preact/hooks';
import type { InsideRun, LookedSet } from '../../src/panels/inside/inside.contract.ts';
import { lookedFigures, type LookedChoice } from '../../src/core/reports/insight/looked-figures.ts';
import { viewOf } from '../../src/rows/view-list.ts';
import { Dropdown } from '../ui/controls.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import { Attention } from './attention.tsx';
import { Bars, ThroughLayers } from './through-layers.tsx';
import { Beside } from './beside.tsx';
import { type Result, MOST_ROWS, type Host, type OpenRow } from './look-names.ts';

interface LookedProps {
  set: LookedSet;
  open: OpenRow;
  /** Result for this evaluation set. The next field contains all results that can be compared with this result. */
  result: Result;
  results: readonly Result[];
  runs: readonly InsideRun[];
  host: Host;
}

/** Attention of a model while it answered the rows of an evaluation set. */
export function Looked({ set, open, result, results, runs, host }: LookedProps) {
  const { rows, layers, unreadable } = set;
  const views = [...new Set(rows.map((row) => row.view))];
  const [choice, setChoice] = useState<LookedChoice>({
    view: views[0]!,
    among: 'all',
    layer: Math.max(0, layers.length - 2),
    role: 'first named',
  });
  const choose = (change: Partial<LookedChoice>) => setChoice({ ...choice, ...change });
  const { pairs, among, depends, through, tables, heads, rows: list } = lookedFigures(set, choice, MOST_ROWS);
  return (
    <>
      <Attention {...{ set, result, host, open, pairs }} />
      <Bars chart={depends} />
      <details open={runs.length > 1}>
        <summary>Values by layer, and comparison of analyses</summary>
        <Beside base={result} {...{ results, runs, host }}>
          <ThroughLayers figures={through} />
        </Beside>
      </details>
      <details>
        <summary>
          {`All values and ${rows.length} answers`}
          {unreadable > 0 && ` (${unreadable} unreadable lines in rows.jsonl)`}
        </summary>
        <div class="controls" role="group" aria-label="Options">
          <Dropdown
            label="View"
            value={choice.view}
            set={(view) => choose({ view })}
            options={views.map((id) => [id, viewOf(id).label])}
          />
          <Dropdown
            label="Answers"
            value={choice.among}
            set={(kind) => choose({ among: kind })}
            options={among}
          />
          <Dropdown
            label="Layer in row table"
            value={`${choice.layer}`}
            set={(value) => choose({ layer: Number(value) })}
            options={layers.map((number, index) => [`${index}`, `${number}`])}
          />
        </div>
        {tables.map((table) => (
          <FigureTable key={table.id} table={table} />
        ))}
        {heads && (
          <>
            <Dropdown
              label="Object in head table"
              value={heads.role}
              set={(role) => choose({ role })}
              options={heads.roles}
            />
            <FigureTable table={heads.table} />
          </>
        )}
        <FigureTable table={list} open={open} />
      </details>
    </>
  );
}
