import type { Channel } from '../../src/core/protocol/channel.ts';
import type { RunSummary, RunsAction, RunsHost, RunsMemory } from '../../src/core/protocol/runs.ts';
import { tableCsv, tableMarkdown } from '../../src/core/reports/table-text.ts';
import { ColumnMenu } from '../ui/grid.tsx';
import { Button, SearchField, Menu } from '../ui/controls.tsx';
import type { IconName } from '../ui/icon.tsx';
import { Message, Problem } from '../ui/message.tsx';
import { chosenRuns, COLUMNS, tableOf, USUAL, type Column } from './columns.ts';
import { RunsTable, type Compared } from './runs-table.tsx';

/** Everything that the page shows. */
export interface RunsPanelState extends RunsMemory {
  /** Null until the host has sent them. */
  runs: readonly RunSummary[] | null;
  /** Folders of the chosen runs. */
  chosen: ReadonlySet<string>;
  compared: Compared;
  problem: string | null;
}

interface Props {
  state: RunsPanelState;
  host: Channel<RunsHost>;
  update: (change: Partial<RunsPanelState>) => void;
}

/** What can be done with one chosen run, or with all of them. */
const TOOLS: readonly { action: RunsAction; ofOne: boolean; icon: IconName; title: string; k?: string }[] = [
  { action: 'open', ofOne: true, icon: 'graph-line', title: 'Open the run', k: 'Enter' },
  { action: 'openTraces', ofOne: true, icon: 'list-tree', title: 'Open its traces', k: 't' },
  { action: 'rename', ofOne: true, icon: 'rename', title: 'Rename the run', k: 'F2' },
  { action: 'notes', ofOne: true, icon: 'note', title: 'Open its notes' },
  { action: 'delete', ofOne: false, icon: 'trash', title: 'Delete the chosen runs', k: 'Delete' },
  { action: 'openReport', ofOne: false, icon: 'table', title: 'Report on the chosen runs' },
];

/** The runs as a table, and above it what can be done with the chosen ones. */
export function RunsView({ state, host, update }: Props) {
  const { runs, filter, sort, chosen, compared, problem } = state;
  if (runs === null || runs.length === 0) return <NoRuns {...{ runs, problem, host }} />;
  const rows = chosenRuns(runs, filter, sort);
  const names = state.columns ?? USUAL;
  const columns = COLUMNS.filter(({ name }) => names.includes(name));
  const act = (action: RunsAction, dirs: readonly string[] = [...chosen]) =>
    host.notify('act', { action, dirs });
  return (
    <>
      <Header {...{ state, host, update, rows, columns, act }} />
      <Problem why={problem} />
      {rows.length === 0 ? (
        <Message text="No run matches.">
          <Button onClick={() => update({ filter: '' })}>Show all runs</Button>
        </Message>
      ) : (
        <main>
          <RunsTable
            {...{ rows, columns, sort, chosen, compared }}
            act={act}
            onChoose={(chosen) => update({ chosen })}
            onSort={(sort) => update({ sort })}
            onNote={(dir, text) => {
              update({ problem: null });
              host
                .call('note', { dir, text })
                .catch((error: unknown) =>
                  update({ problem: `The note was not saved: ${(error as Error).message}` }),
                );
            }}
          />
        </main>
      )}
    </>
  );
}

/** Shown while there is nothing to list. */
function NoRuns({ runs, problem, host }: Pick<RunsPanelState, 'runs' | 'problem'> & Pick<Props, 'host'>) {
  if (problem !== null && runs === null) return <Message text={problem} role="alert" />;
  if (runs === null) return <Message text="Looking for runs…" role="status" />;
  return (
    <Message title="No runs yet" text="They appear here as soon as one has started in this workspace.">
      <Button primary onClick={() => host.notify('newRun', null)}>
        Start a Run…
      </Button>
    </Message>
  );
}

interface HeaderProps extends Props {
  rows: readonly RunSummary[];
  columns: readonly Column[];
  act: (action: RunsAction) => void;
}

function Header({ state, host, update, rows, columns, act }: HeaderProps) {
  const { runs, filter, chosen, compared } = state;
  const copy = (as: typeof tableCsv, format: string) => {
    // The chosen runs, or all that are shown, in the order of the table.
    const some = chosen.size > 0 ? rows.filter(({ dir }) => chosen.has(dir)) : rows;
    const differences = compared.differences.map(({ path, values }) => ({
      path,
      values: some.map(({ dir }) => values[compared.dirs.indexOf(dir)] ?? null),
    }));
    const done = `${some.length} run${some.length === 1 ? '' : 's'} copied as ${format}.`;
    host.call('copy', { text: as(tableOf(some, columns, differences)), done }).catch(() => undefined);
  };
  return (
    <header>
      <div class="place">
        <h1>Runs</h1>
        <SearchField
          label="Runs that contain these words"
          value={filter}
          set={(filter) => update({ filter })}
        />
        <span class="quiet" role="status">
          {rows.length === runs!.length ? rows.length : `${rows.length} of ${runs!.length}`}
          {chosen.size > 0 && `, ${chosen.size} chosen`}
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
          title="Draw the chosen runs in one panel"
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
          set={(columns) => update({ columns })}
        />
      </div>
    </header>
  );
}
