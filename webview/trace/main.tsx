import type { TraceHost, TraceMemory, TracePage } from '../../src/core/protocol/trace-panel.ts';
import { drawLater, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import '../ui/views.css';
import { TraceView } from './app.tsx';
import { CommandRunner } from './commands.ts';
import { TraceModel } from './model.ts';
import './trace.css';

const page: TracePage = {
  show: ({ place, keys }) => {
    model.update({ keys });
    // The host does not know which pair was shown before the page was thrown away; the page does.
    const again = memory?.run === place.run && memory.source === place.source && !model.state.place;
    void model.show(again ? { ...place, id: place.id ?? memory.id } : place);
  },
  command: ({ name }) => runner.hear(name),
  changed: () => void model.refresh(),
  message: (message) => model.update({ message }),
};
const { host, memory, remember } = openPanel<TraceHost, TraceMemory>({ ...page }, (detail) =>
  model.update({ message: { title: 'Nothing to show', detail } }),
);

const model = new TraceModel(host, memory, ({ place, id, query, options, changes }) => {
  if (place) remember({ ...place, id, query, options, changes });
  draw();
});
const runner = new CommandRunner(model);

const draw = drawLater(() => <TraceView model={model} run={(name) => runner.run(name)} />);
draw();
