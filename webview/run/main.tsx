import type {
  RunPanelHost,
  RunPanelMemory,
  RunPanelPage,
  ShownRun,
} from '../../src/core/protocol/run-panel.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import 'uplot/dist/uPlot.min.css';
import './run.css';
import { RunView } from './run-view.tsx';
import { DEFAULTS, isOpen, PageContext, type Choices, type RunPanelState } from './panel-state.ts';

function keep(): void {
  if (!panel.runs) return;
  remember({ ...panel.choices, dirs: panel.runs.map(({ dir }) => dir), scroll });
}

function update(change: Partial<RunPanelState>): void {
  panel = { ...panel, ...change };
  keep();
  draw(
    <PageContext.Provider value={{ panel, choose, host }}>
      <RunView runs={panel.runs} />
    </PageContext.Provider>,
  );
}

const choose = (change: Partial<Choices>) => update({ choices: { ...panel.choices, ...change } });

function show(runs: ShownRun[]): void {
  const first = !panel.runs?.some(isOpen) && runs.some(isOpen);
  update({ runs, revision: panel.revision + 1 });
  // Only now does the page have its full length.
  if (first && scroll > 0) requestAnimationFrame(() => scroller()?.scrollTo({ top: scroll }));
}

const page: RunPanelPage = {
  show: ({ runs }) => show(runs),
  news: ({ dir, news }) => {
    const runs = panel.runs?.map((run) => (run.dir === dir && isOpen(run) ? { ...run, news } : run));
    if (runs) update({ runs, revision: panel.revision + 1 });
  },
};
const { host, memory, remember } = openPanel<RunPanelHost, RunPanelMemory>({ ...page }, (why) =>
  update({ runs: [{ dir: '', name: 'Run', kind: 'missing', why }] }),
);
let scroll = memory?.scroll ?? 0;
let panel: RunPanelState = { runs: null, revision: 0, choices: { ...DEFAULTS, ...memory } };

const scroller = () => document.querySelector('.columns');
addEventListener(
  'scrollend',
  ({ target }) => {
    if (target !== scroller()) return;
    scroll = scroller()!.scrollTop;
    keep();
  },
  { capture: true },
);
