import type { RunPanelHost, RunPanelMemory, RunPanelPage } from '../../src/panels/run/run.contract.ts';
import { isNarrow } from '../ui/hooks.ts';
import { PageModel } from '../ui/page-model.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import 'uplot/dist/uPlot.min.css';
import './run.css';
import { RunView } from './run-view.tsx';
import {
  configAt,
  DEFAULTS,
  isOpen,
  PageContext,
  widthOf,
  type Choices,
  type RunPanelState,
} from './run-panel-state.ts';

const page: RunPanelPage = {
  show: ({ runs }) => {
    const isFirst = !model.state.runs?.some(isOpen) && runs.some(isOpen);
    model.update({ runs, revision: model.state.revision + 1 });
    // Wait until the page is drawn, because only then does it have its full length.
    if (isFirst && scroll > 0) requestAnimationFrame(() => scroller()?.scrollTo({ top: scroll }));
  },
  news: ({ dir, news }) => {
    const runs = model.state.runs?.map((run) => (run.dir === dir && isOpen(run) ? { ...run, news } : run));
    if (runs) model.update({ runs, revision: model.state.revision + 1 });
  },
  showConfig: () => {
    const { choices, runs } = model.state;
    const width = widthOf(isNarrow());
    const shown = configAt(choices, runs?.length ?? 1);
    if (!shown.includes(width)) choose({ configAt: [...shown, width] });
  },
};
const { host, memory, remember } = openPanel<RunPanelHost, RunPanelMemory>({ ...page }, (why) =>
  model.update({ runs: [{ dir: '', name: 'Run', kind: 'missing', why }] }),
);
let scroll = memory?.scroll ?? 0;
const first: RunPanelState = { runs: null, revision: 0, choices: { ...DEFAULTS, ...memory } };
const model = new PageModel<RunPanelState, RunPanelHost>(host, first, (panel) => {
  keep(panel);
  draw(
    <PageContext.Provider value={{ panel, choose, host }}>
      <RunView runs={panel.runs} />
    </PageContext.Provider>,
  );
});

const choose = (change: Partial<Choices>) => model.update({ choices: { ...model.state.choices, ...change } });

function keep({ runs, choices }: RunPanelState): void {
  if (runs) remember({ ...choices, dirs: runs.map(({ dir }) => dir), scroll });
}

const scroller = () => document.querySelector('main');
addEventListener(
  'scrollend',
  ({ target }) => {
    if (target !== scroller()) return;
    scroll = scroller()!.scrollTop;
    keep(model.state);
  },
  { capture: true },
);
