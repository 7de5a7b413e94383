import type { InsideHost, InsideMemory, InsidePage } from '../../src/core/protocol/inside-panel.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import '../ui/views.css';
import { InsideView } from './inside-view.tsx';
import './inside.css';
import type { InsideState } from './look-names.ts';

const page: InsidePage = {
  show: ({ runs }) => update({ runs, revision: state.revision + 1 }),
};
const { host, memory, remember } = openPanel<InsideHost, InsideMemory>({ ...page }, (problem) =>
  update({ problem }),
);
let state: InsideState = { runs: null, revision: 0, chosen: memory?.chosen ?? '', problem: null };

function update(change: Partial<InsideState>): void {
  state = { ...state, ...change };
  if (state.runs) remember({ dirs: state.runs.map(({ dir }) => dir), chosen: state.chosen });
  draw(<InsideView state={state} choose={(chosen) => update({ chosen })} host={host} />);
}
