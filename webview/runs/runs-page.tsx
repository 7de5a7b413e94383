import type { RunsHost, RunsMemory, RunsPage } from '../../src/panels/runs/runs.contract.ts';
import { PageModel } from '../ui/page-model.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import { RunsView, type RunsModel, type RunsPanelState } from './runs-view.tsx';
import './runs.css';

const { host, memory, remember } = openPanel<RunsHost, RunsMemory>(
  {
    show: ({ runs }: Parameters<RunsPage['show']>[0]) => {
      const dirs = new Set(runs?.map(({ dir }) => dir));
      model.update({ runs, chosen: new Set([...model.state.chosen].filter((dir) => dirs.has(dir))) });
    },
  },
  (problem) => model.update({ problem }),
);
const first: RunsPanelState = {
  filter: '',
  sort: null,
  columns: null,
  ...memory,
  runs: null,
  chosen: new Set(),
  problem: null,
};
const model: RunsModel = new PageModel(host, first, ({ filter, sort, columns }) => {
  remember({ filter, sort, columns });
  draw(<RunsView model={model} />);
});
