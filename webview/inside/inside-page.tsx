import type { InsideHost, InsideMemory, InsidePage } from '../../src/panels/inside/inside.contract.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import '../ui/views.css';
import { InsideView } from './inside-view.tsx';
import './inside.css';
import { listenForKeys } from '../ui/keyboard.ts';
import { SEEN_KEY } from '../ui/seen-family.ts';
import { PageModel } from '../ui/page-model.ts';
import type { InsideModel, InsideState } from './look-names.ts';

const page: InsidePage = {
  show: ({ runs }) => model.update({ runs, revision: model.state.revision + 1 }),
};
const { host, memory, remember } = openPanel<InsideHost, InsideMemory>({ ...page }, (problem) =>
  model.update({ problem }),
);
const first: InsideState = { runs: null, revision: 0, chosen: memory?.chosen ?? '', problem: null };
const model: InsideModel = new PageModel(host, first, ({ runs, chosen }) => {
  if (runs) remember({ dirs: runs.map(({ dir }) => dir), chosen });
  draw(<InsideView model={model} />);
});
listenForKeys([SEEN_KEY]);
