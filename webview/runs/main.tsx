import type { RunsHost, RunsMemory, RunsPage } from '../../src/core/protocol/runs.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import { RunsView, type RunsPanelState } from './runs-view.tsx';
import './runs.css';

/** How many chosen runs are compared at most: tags of more say nothing. */
const MOST_COMPARED = 100;

const { host, memory, remember } = openPanel<RunsHost, RunsMemory>(
  {
    show: ({ runs }: Parameters<RunsPage['show']>[0]) => {
      const dirs = new Set(runs?.map(({ dir }) => dir));
      update({ runs, chosen: new Set([...state.chosen].filter((dir) => dirs.has(dir))) });
    },
  },
  (problem) => update({ problem }),
);

let state: RunsPanelState = {
  filter: '',
  sort: null,
  columns: null,
  ...memory,
  runs: null,
  chosen: new Set(),
  compared: { dirs: [], differences: [] },
  problem: null,
};

function update(change: Partial<RunsPanelState>): void {
  const before = state.chosen;
  state = { ...state, ...change };
  const { filter, sort, columns, chosen } = state;
  remember({ filter, sort, columns });
  if (change.chosen && [...chosen].join('\n') !== [...before].join('\n')) void compareChosen([...chosen]);
  draw(<RunsView state={state} host={host} update={update} />);
}

async function compareChosen(dirs: readonly string[]): Promise<void> {
  const isMany = dirs.length > 1 && dirs.length <= MOST_COMPARED;
  const differences = isMany ? await host.call('runsDifferences', { dirs }).catch(() => []) : [];
  if (dirs.join('\n') === [...state.chosen].join('\n')) update({ compared: { dirs, differences } });
}
