import type { PairHost, PairMemory, PairPage } from '../../src/core/protocol/pair.ts';
import { listenForKeys, runCommand } from '../ui/keyboard.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import '../ui/views.css';
import { pairKeys } from './keys.ts';
import { PairView } from './pair-view.tsx';
import './pair.css';
import type { PanelState } from './panel-state.ts';

const page: PairPage = {
  show: (state) => update({ state }),
  command: (command) => runCommand(keys, command),
};
const { host, memory, remember } = openPanel<PairHost, PairMemory>({ ...page }, (detail) =>
  update({ state: { kind: 'message', uri: memory?.uri ?? null, title: 'Nothing to show', detail } }),
);
let panel: PanelState = { state: null, boxes: memory?.boxes ?? true, flipped: false, showKeys: false };
const keys = pairKeys(host, () => panel, update);
listenForKeys(keys);

function update(change: Partial<PanelState>): void {
  panel = { ...panel, ...change };
  const { state, boxes } = panel;
  if (state) remember({ uri: state.uri, line: state.kind === 'row' ? state.line : 1, boxes });
  draw(<PairView panel={panel} update={update} host={host} keys={keys} />);
}
