import { render } from 'preact';
import type { PlaygroundHost, PlaygroundMemory, PlaygroundPage } from '../../src/core/protocol/playground.ts';
import { connect, memory } from '../ui/host.ts';
import '../ui/base.css';
import '../ui/views.css';
import { PlaygroundView } from './app.tsx';
import { listenForPictures, runCommand, listenForKeys } from './commands.ts';
import { PlaygroundModel } from './model.ts';
import './playground.css';

/** After this long without a word from the host, the page says so instead of staying empty. */
const SILENCE_MS = 20_000;

const page: PlaygroundPage = {
  show: (state) => model.update({ host: state }),
  picture: (args) => model.showPicture(args),
  command: ({ name }) => runCommand(model, name, true),
};
const host = connect<PlaygroundHost>({ ...page });
const model = new PlaygroundModel(host, memory.get<PlaygroundMemory>(), (state) => {
  // Before the host has spoken, what is remembered is not known to be wrong.
  if (state.host) memory.set(model.memory);
  draw();
});

/** Many changes in one turn are drawn once. */
let due = false;
function draw(): void {
  if (due) return;
  due = true;
  queueMicrotask(() => {
    due = false;
    render(<PlaygroundView model={model} />, document.getElementById('app')!);
  });
}

draw();
listenForKeys(model);
listenForPictures(model);
host.notify('ready', null);
model.resume();
setTimeout(() => {
  if (model.state.host) return;
  model.update({ problem: 'The extension does not answer. Close this panel and open it again.' });
}, SILENCE_MS);
