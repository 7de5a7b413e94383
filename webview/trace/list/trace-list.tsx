import { thousands } from '../../../src/base/format.ts';
import { filterWriting } from '../../../src/core/run-data/trace-fields.ts';
import type { TraceQuery } from '../../../src/core/run-data/trace-summary.ts';
import type { TraceList as List } from '../../../src/panels/trace/trace.contract.ts';
import { Button } from '../../ui/controls.tsx';
import { ColumnMenu } from '../../ui/grid.tsx';
import { Problem } from '../../ui/message-line.tsx';
import { COLUMNS, DEFAULT_COLUMNS, ownColumns } from './trace-columns.tsx';
import { PairGrid, type PairGridProps } from './pair-grid.tsx';
import { Search } from './search-fields.tsx';
import './list.css';

interface TraceListProps extends Omit<PairGridProps, 'columns' | 'onSort'> {
  /** Share of the run's files that has been read; null if no files are being read. */
  reading: number | null;
  /** Reason why the query has no result; null without an error. */
  error: string | null;
  evaluation: boolean;
  /** Names of the columns that the user selected; null for the default columns. */
  columns: readonly string[] | null;
  onQuery: (query: TraceQuery) => void;
  onColumns: (columns: string[] | null) => void;
}

/**
 * List of a run's pairs, with search, filter, sorting and keyboard navigation. The parent controls the list; the list
 * itself only requests rows.
 */
export function TraceList(props: TraceListProps) {
  const { query, list, reading, error, onQuery } = props;
  const usual = DEFAULT_COLUMNS[props.evaluation ? 'evaluation' : 'traces'];
  // If no row has a mirror, the list omits the outcome column.
  const names =
    props.columns ?? usual.filter((name) => name !== 'verdict' || !list || list.partners !== null);
  const unknown = list?.unknown ?? [];
  const kept = [...COLUMNS, ...ownColumns(list?.own ?? [])].filter(({ name }) => !unknown.includes(name));
  const columns = kept.filter(({ name }) => names.includes(name));
  const ask = (change: Partial<TraceQuery>) => onQuery({ ...query, ...change });
  return (
    <div class="trace-list stack">
      <Search {...{ query, onQuery, list }} evaluation={props.evaluation} />
      <div class="about">
        <Count list={list} reading={reading} />
        <ColumnMenu
          columns={kept}
          shown={columns.map(({ name }) => name)}
          // Keep at least one column visible.
          needed={columns.length === 1 ? columns[0]!.name : undefined}
          set={props.onColumns}
        />
        {reading !== null && <progress class="thin" value={reading} max={1} aria-label="Reading traces" />}
      </div>
      <Problem why={error} signed />
      {list && list.broken > 0 && <Broken list={list} />}
      {list?.total === 0 && reading === null && !error ? (
        <Empty list={list} filter={query.filter} onClear={() => ask({ filter: '', text: '' })} />
      ) : (
        <PairGrid {...props} columns={columns} onSort={(sort) => ask({ sort })} />
      )}
    </div>
  );
}

function Count({ list, reading }: { list: List | null; reading: number | null }) {
  if (reading !== null) return <p class="quiet">Reading traces: {Math.round(100 * reading)}%</p>;
  if (!list) return <p class="quiet" />;
  const { total, inSource, partners } = list;
  const all = `${thousands(inSource)} ${partners ? 'pairs' : 'rows'}`;
  return (
    <p class="quiet" role="status">
      {total === inSource ? all : `${thousands(total)} of ${all}`}
    </p>
  );
}

function Broken({ list: { broken, problems } }: { list: List }) {
  return (
    <details class="broken">
      <summary>
        <span aria-hidden="true">⚠ </span>
        {broken === 1 ? '1 unreadable line' : `${thousands(broken)} unreadable lines`}
      </summary>
      <ul>
        {problems.map((problem) => (
          <li>{problem}</li>
        ))}
        {problems.length < broken && <li>{`and ${thousands(broken - problems.length)} more lines`}</li>}
      </ul>
    </details>
  );
}

function Empty({ list, filter, onClear }: { list: List; filter: string; onClear: () => void }) {
  if (list.inSource === 0) return <p class="empty stack">No pairs yet.</p>;
  const { valuesIn } = filterWriting(list.own ?? [], list.unknown, list.occurring);
  return (
    <div class="empty stack">
      <p>{list.partners ? 'No pairs match the filter.' : 'No rows match the filter.'}</p>
      {valuesIn(filter).map((sentence) => (
        <p>{sentence}</p>
      ))}
      <Button onClick={onClear}>Clear Search and Filter</Button>
    </div>
  );
}
