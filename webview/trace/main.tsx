import { render } from 'preact';
import type { TraceHost, TraceMemory, TracePage } from '../../src/core/protocol/trace-panel.ts';
import { connect, memory } from '../ui/host.ts';
import '../ui/base.css';
import '../ui/views.css';
import { TraceView } from './app.tsx';
import { CommandRunner } from './commands.ts';
import { TraceModel, type State } from './model.ts';
import './trace.css';

/** After this long without a word from the host, the page says so instead of staying empty. */
const SILENCE_MS = 20_000;

const remembered = memory.get<TraceMemory>();

const page: TracePage = {
  show: ({ place, keys }) => {
    model.update({ keys });
    // The host does not know which pair was shown before the page was thrown away; the page does.
    const again = remembered?.run === place.run && remembered.source === place.source && !model.state.place;
    void model.show(again ? { ...place, id: place.id ?? remembered.id } : place);
  },
  command: ({ name }) => runner.hear(name),
  changed: () => void model.refresh(),
  message: (message) => model.update({ message }),
};
const host = connect<TraceHost>({ ...page });

const model = new TraceModel(host, remembered, (state) => {
  remember(state);
  draw();
});
const runner = new CommandRunner(model);

function remember({ place, id, query, options, changes }: State): void {
  if (place) memory.set<TraceMemory>({ ...place, id, query, options, changes });
}

/** Many changes in one turn are drawn once. */
let due = false;
function draw(): void {
  if (due) return;
  due = true;
  queueMicrotask(() => {
    due = false;
    render(<TraceView model={model} run={(name) => runner.run(name)} />, document.getElementById('app')!);
  });
}

draw();
host.notify('ready', null);
setTimeout(() => {
  if (model.state.place || model.state.message) return;
  const detail = 'The extension does not answer. Close this panel and open it again.';
  model.update({ message: { title: 'Nothing to show', detail } });
}, SILENCE_MS);
