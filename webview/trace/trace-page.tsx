import type { TraceHost, TraceMemory, TracePage } from '../../src/panels/trace/trace.contract.ts';
import { listenForKeys, runCommand } from '../ui/keyboard.ts';
import { drawLater, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import '../ui/views.css';
import { TraceView } from './trace-view.tsx';
import { traceKeys } from './trace-keys.ts';
import { TraceModel } from './trace-model.ts';
import './trace.css';

const page: TracePage = {
  show: ({ subject, pair }) => {
    // After a reload, the page still knows the displayed pair, but the host does not.
    const again = memory?.run === subject.run && memory.source === subject.source && !model.state.subject;
    void model.show(again ? { ...subject, id: subject.id ?? memory.id } : subject, pair);
  },
  command: (command) => runCommand(keys, command),
  changed: () => void model.refresh(),
  message: (message) => model.update({ message }),
};
const { host, memory, remember } = openPanel<TraceHost, TraceMemory>({ ...page }, (detail) =>
  model.update({ message: { title: 'Cannot show traces', detail } }),
);

const model = new TraceModel(host, memory, ({ subject, id, query, options, changes, whatIfRun }) => {
  if (subject) remember({ ...subject, id, query, options, changes, whatIfRun });
  draw();
});
const keys = traceKeys(model);

const draw = drawLater(() => <TraceView model={model} keys={keys} />);
draw();
listenForKeys(keys);
