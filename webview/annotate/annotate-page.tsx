import type {
  AnnotateHost,
  AnnotateMemory,
  AnnotatePage,
} from '../../src/panels/annotate/annotate.contract.ts';
import { draw, openPanel } from '../ui/panel.ts';
import { listenForKeys, runCommand } from '../ui/keyboard.ts';
import '../ui/base.css';
import '../ui/views.css';
import './annotate.css';
import { AnnotateView } from './annotate-view.tsx';
import { annotateKeys } from './annotate-keys.ts';
import { AnnotateModel } from './annotate-model.ts';

const page: AnnotatePage = {
  show: (state) => model.show(state),
  frozen: (isFrozen) => model.update({ isFrozen }),
  command: (command) => runCommand(keys, command),
};
const { host, memory, remember } = openPanel<AnnotateHost, AnnotateMemory>({ ...page });
const model = new AnnotateModel(host, memory, () => {
  remember(model.memory);
  draw(<AnnotateView model={model} keys={keys} />);
});
const keys = annotateKeys(model);
listenForKeys(keys);
