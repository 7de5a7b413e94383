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
import { DEFAULTS, isOpen, type Choices, type View } from './view.ts';

/** After this long without a word from the host, the page says so instead of staying empty. */
const SILENCE_MS = 20_000;

const remembered = memory.get<RunPanelMemory>();
let scroll = remembered?.scroll ?? 0;
let view: View = { runs: null, revision: 0, choices: { ...DEFAULTS, ...remembered } };

function remember(): void {
  if (!view.runs) return;
  memory.set<RunPanelMemory>({ ...view.choices, dirs: view.runs.map(({ dir }) => dir), scroll });
}

function update(change: Partial<View>): void {
  view = { ...view, ...change };
  remember();
  render(<RunView view={view} choose={choose} host={host} />, document.getElementById('app')!);
}

const choose = (change: Partial<Choices>) => update({ choices: { ...view.choices, ...change } });

function show(runs: ShownRun[]): void {
  const first = !view.runs?.some(isOpen) && runs.some(isOpen);
  update({ runs, revision: view.revision + 1 });
  // Only now is the page as long as it was.
  if (first && scroll > 0) requestAnimationFrame(() => scroller()?.scrollTo({ top: scroll }));
}

const page: RunPanelPage = {
  show: ({ runs }) => show(runs),
  news: ({ dir, news }) => {
    const runs = view.runs?.map((run) => (run.dir === dir && isOpen(run) ? { ...run, news } : run));
    if (runs) update({ runs, revision: view.revision + 1 });
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
  if (view.runs) return;
  const why = 'The extension does not answer. Close this panel and open it again.';
  update({ runs: [{ dir: '', name: 'Run', kind: 'missing', why }] });
}, SILENCE_MS);
