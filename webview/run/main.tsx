import { render } from 'preact';
import type {
  RunPanelHost,
  RunPanelMemory,
  RunPanelPage,
  ShownRun,
} from '../../src/core/protocol/run-panel.ts';
import { connect, memory } from '../ui/host.ts';
import '../ui/base.css';
import 'uplot/dist/uPlot.min.css';
import './run.css';
import { RunView } from './run-view.tsx';
import { DEFAULTS, isOpen, type Choices, type PanelState } from './panel-state.ts';

/** After this long without a word from the host, the page says so instead of staying empty. */
const SILENCE_MS = 20_000;

const remembered = memory.get<RunPanelMemory>();
let scroll = remembered?.scroll ?? 0;
let panel: PanelState = { runs: null, revision: 0, choices: { ...DEFAULTS, ...remembered } };

function remember(): void {
  if (!panel.runs) return;
  memory.set<RunPanelMemory>({ ...panel.choices, dirs: panel.runs.map(({ dir }) => dir), scroll });
}

function update(change: Partial<PanelState>): void {
  panel = { ...panel, ...change };
  remember();
  render(<RunView panel={panel} choose={choose} host={host} />, document.getElementById('app')!);
}

const choose = (change: Partial<Choices>) => update({ choices: { ...panel.choices, ...change } });

function show(runs: ShownRun[]): void {
  const first = !panel.runs?.some(isOpen) && runs.some(isOpen);
  update({ runs, revision: panel.revision + 1 });
  // Only now is the page as long as it was.
  if (first && scroll > 0) requestAnimationFrame(() => scroller()?.scrollTo({ top: scroll }));
}

const page: RunPanelPage = {
  show: ({ runs }) => show(runs),
  news: ({ dir, news }) => {
    const runs = panel.runs?.map((run) => (run.dir === dir && isOpen(run) ? { ...run, news } : run));
    if (runs) update({ runs, revision: panel.revision + 1 });
  },
};
const host = connect<RunPanelHost>({ ...page });

const scroller = () => document.querySelector('.columns');
addEventListener(
  'scrollend',
  ({ target }) => {
    if (target !== scroller()) return;
    scroll = scroller()!.scrollTop;
    remember();
  },
  { capture: true },
);

host.notify('ready', null);
setTimeout(() => {
  if (panel.runs) return;
  const why = 'The extension does not answer. Close this panel and open it again.';
  update({ runs: [{ dir: '', name: 'Run', kind: 'missing', why }] });
}, SILENCE_MS);
