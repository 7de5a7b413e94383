import type {
  PlaygroundHost,
  PlaygroundMemory,
  PlaygroundPage,
} from '../../src/panels/playground/playground.contract.ts';
import { listenForKeys, runCommand } from '../ui/keyboard.ts';
import { drawLater, openPanel } from '../ui/panel.ts';
import { PlaygroundView } from './playground-view.tsx';
import { listenForPictures } from './playground-pictures.tsx';
import { playgroundKeys } from './playground-keys.ts';
import { PlaygroundModel } from './playground-model.ts';
import '../ui/base.css';
import '../ui/views.css';
import './playground.css';
import './sandbox.css';

const page: PlaygroundPage = {
  show: (state) => model.showHost(state),
  picture: (args) => model.showPicture(args),
  command: (command) => runCommand(keys, command),
};
const { host, memory, remember } = openPanel<PlaygroundHost, PlaygroundMemory>({ ...page }, (problem) =>
  model.update({ problem }),
);
const model = new PlaygroundModel(host, memory, (state) => {
  // Preserve the stored state until the host has answered.
  if (state.host) remember(model.memory);
  draw();
});
const keys = playgroundKeys(model);

const draw = drawLater(() => <PlaygroundView model={model} keys={keys} />);
draw();
listenForKeys(keys);
listenForPictures(model);
// Resume the answers in progress after the host knows this page.
queueMicrotask(() => model.resume());
