import type { PairHost, PairMemory, PairPage, PairState } from '../../src/core/protocol/pair.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import '../ui/views.css';
import { listenForQuestionMark, wasPressed } from '../ui/question-mark.ts';
import { PairView } from './pair-view.tsx';
import './pair.css';
import type { PanelState } from './panel-state.ts';

function update(change: Partial<PanelState>): void {
  panel = { ...panel, ...change };
  const { state, boxes } = panel;
  if (state) remember({ uri: state.uri, line: state.kind === 'row' ? state.line : 1, boxes });
  draw(<PairView panel={panel} update={update} host={host} />);
}

const page: PairPage = {
  show: (state: PairState) => update({ state }),
  toggleBoxes: () => update({ boxes: !panel.boxes }),
  showKeys: () => wasPressed() || update({ keys: true }),
};
const { host, memory, remember } = openPanel<PairHost, PairMemory>({ ...page }, (detail) =>
  update({ state: { kind: 'message', uri: memory?.uri ?? null, title: 'Nothing to show', detail } }),
);
let panel: PanelState = { state: null, boxes: memory?.boxes ?? true, flipped: false, keys: false };

listenForQuestionMark(() => update({ keys: true }));

/** A key of which a command cannot know that it is held. */
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === 'm' && !event.repeat) update({ flipped: true });
});
addEventListener('keyup', (event) => event.key === 'm' && update({ flipped: false }));

// The key may be released elsewhere.
addEventListener('blur', () => panel.flipped && update({ flipped: false }));
