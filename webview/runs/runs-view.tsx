import { several, thousands } from '../../src/base/format.ts';
import type { RunSummary, RunsAction, RunsHost, RunsMemory } from '../../src/panels/runs/runs.contract.ts';
import { tableCsv, tableMarkdown } from '../../src/core/reports/table-text.ts';
import { ColumnMenu } from '../ui/grid.tsx';
import { Button, SearchField, Menu } from '../ui/controls.tsx';
import type { IconName } from '../ui/icon.tsx';
import { useAnswer } from '../ui/hooks.ts';
import { Message, Problem } from '../ui/message-line.tsx';
import type { PageModel } from '../ui/page-model.ts';
import { chosenRuns, COLUMNS, tableOf, usualColumns, type Column } from './runs-columns.ts';
import { RunsTable, type Compared } from './runs-table.tsx';

export interface RunsPanelState extends RunsMemory {
  /** Listed runs; null until the host has sent them. */
  runs: readonly RunSummary[] | null;
  chosen: ReadonlySet<string>;
  problem: string | null;
}

export type RunsModel = PageModel<RunsPanelState, RunsHost>;

interface RunsViewProps {
  model: RunsModel;
}

/** Maximum number of runs to compare. The differences of more runs would be illegible. */
const MOST_COMPARED = 100;
const NOTHING: Compared = { dirs: [], differences: [] };

/** Actions on a single selected run, or on all selected runs. */
const TOOLS: readonly { action: RunsAction; ofOne: boolean; icon: IconName; title: string; k?: string }[] = [
  { action: 'open', ofOne: true, icon: 'graph-line', title: 'Open run', k: 'Enter' },
  { action: 'openTraces', ofOne: true, icon: 'list-tree', title: 'Open traces', k: 't' },
  { action: 'rename', ofOne: true, icon: 'rename', title: 'Rename run', k: 'F2' },
  { action: 'notes', ofOne: true, icon: 'note', title: 'Open notes', k: 'n' },
  { action: 'delete', ofOne: false, icon: 'trash', title: 'Delete selected runs', k: 'Delete' },
  { action: 'openReport', ofOne: false, icon: 'table', title: 'Open report of selected runs' },
];

/** Table of the runs, below the actions for the selected runs. */
export function RunsView({ model }: RunsViewProps) {
  const { host, state } = model;
  const { runs, filter, sort, chosen, problem } = state;
  const dirs = [...chosen];
  const isMany = dirs.length > 1 && dirs.length <= MOST_COMPARED;
  const answer = useAnswer(dirs.join('\n'), isMany, async () => ({
    dirs,
    differences: await host.call('runsDifferences', { dirs }),
  }));
  const compared = isMany && answer.state === 'answered' ? answer.value : NOTHING;
  if (runs === null || runs.length === 0) return <NoRuns model={model} />;
  const rows = chosenRuns(runs, filter, sort);
  const names = state.columns ?? usualColumns(runs);
  const columns = COLUMNS.filter(({ name }) => names.includes(name));
  const act = (action: RunsAction, dirs: readonly string[] = [...chosen]) =>
    host.notify('act', { action, dirs });
  return (
    <>
      <Header {...{ model, compared, rows, columns, act }} />
      <Problem why={problem} />
      {rows.length === 0 ? (
        <Message text="No runs match the search.">
          <Button onClick={() => model.update({ filter: '' })}>Show All Runs</Button>
        </Message>
      ) : (
        <main>
          <RunsTable
            {...{ rows, columns, sort, chosen, compared }}
            act={act}
            onChoose={(chosen) => {
              model.update({ chosen });
              host.notify('choose', { dirs: [...chosen] });
            }}
            onSort={(sort) => model.update({ sort })}
          />
        </main>
      )}
    </>
  );
}

/** Content of the panel if there are no runs. */
function NoRuns({ model: { host, state } }: RunsViewProps) {
  const { runs, problem } = state;
  if (problem !== null && runs === null) return <Message text={problem} role="alert" />;
  if (runs === null) return <Message text="Looking for runs…" role="status" />;
  return (
    <Message title="No runs yet" text="Runs started in this workspace appear in this table.">
      <Button primary onClick={() => host.notify('newRun', null)}>
        Start a Run…
      </Button>
    </Message>
  );
}

interface HeaderProps extends RunsViewProps {
  compared: Compared;
  rows: readonly RunSummary[];
  columns: readonly Column[];
  act: (action: RunsAction) => void;
}

function Header({ model, compared, rows, columns, act }: HeaderProps) {
  const { host } = model;
  const { runs, filter, chosen } = model.state;
  const copy = (as: typeof tableCsv, format: string) => {
    // Copy the selected runs, or all visible runs, in the order of the table.
    const some = chosen.size > 0 ? rows.filter(({ dir }) => chosen.has(dir)) : rows;
    const differences = compared.differences.map(({ path, values }) => ({
      path,
      values: some.map(({ dir }) => values[compared.dirs.indexOf(dir)] ?? null),
    }));
    const values = columns.filter(({ name }) => name !== 'differs');
    const done = `${several(some.length, 'run')} copied as ${format}.`;
    host.call('copy', { text: as(tableOf(some, values, differences)), done }).catch(() => undefined);
  };
  return (
    <header>
      <div class="place">
        <h1>Runs</h1>
        <SearchField label="Search runs" value={filter} set={(filter) => model.update({ filter })} />
        <span class="quiet" role="status">
          {`${rows.length === runs!.length ? '' : `${thousands(rows.length)} of `}${several(runs!.length, 'run')}`}
          {chosen.size > 0 && `, ${chosen.size} selected`}
        </span>
      </div>
      <div class="tools" role="group" aria-label="Tools">
        {TOOLS.map(({ action, ofOne, ...tool }) => (
          <Button
            key={action}
            {...tool}
            disabled={ofOne ? chosen.size !== 1 : chosen.size === 0}
            onClick={() => act(action)}
          />
        ))}
        <Button
          disabled={chosen.size < 2}
          title="Show selected runs in one panel"
          onClick={() => act('compare')}
        >
          Compare
        </Button>
        <Menu label="Copy">
          <div class="items">
            <Button onClick={() => copy(tableMarkdown, 'Markdown')}>Copy as Markdown</Button>
            <Button onClick={() => copy(tableCsv, 'CSV')}>Copy as CSV</Button>
          </div>
        </Menu>
        <ColumnMenu
          columns={COLUMNS.slice(1)}
          shown={columns.map(({ name }) => name)}
          set={(columns) => model.update({ columns })}
        />
      </div>
    </header>
  );
}
