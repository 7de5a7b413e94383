import { render } from 'preact';
import type { PairHost, PairMemory, PairPage, PairState } from '../../src/core/protocol/pair.ts';
import { connect, memory } from '../ui/host.ts';
import '../ui/base.css';
import '../ui/views.css';
import { listenForQuestionMark, wasPressed } from '../ui/question-mark.ts';
import { PairView } from './pair-view.tsx';
import './pair.css';
import type { PanelState } from './panel-state.ts';

/** After this long without a word from the host, the page says so instead of staying empty. */
const SILENCE_MS = 20_000;

const remembered = memory.get<PairMemory>();
let panel: PanelState = { state: null, boxes: remembered?.boxes ?? true, flipped: false, keys: false };

function update(change: Partial<PanelState>): void {
  panel = { ...panel, ...change };
  const { state, boxes } = panel;
  if (state) memory.set<PairMemory>({ uri: state.uri, line: state.kind === 'row' ? state.line : 1, boxes });
  render(<PairView panel={panel} update={update} host={host} />, document.getElementById('app')!);
}

const page: PairPage = {
  show: (state: PairState) => update({ state }),
  toggleBoxes: () => update({ boxes: !panel.boxes }),
  showKeys: () => wasPressed() || update({ keys: true }),
};
const host = connect<PairHost>({ ...page });

listenForQuestionMark(() => update({ keys: true }));

/** A key of which a command cannot know that it is held. */
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === 'm' && !event.repeat) update({ flipped: true });
});
addEventListener('keyup', (event) => event.key === 'm' && update({ flipped: false }));

// The key may be released elsewhere.
addEventListener('blur', () => panel.flipped && update({ flipped: false }));

host.notify('ready', null);
setTimeout(() => {
  if (panel.state) return;
  const detail = 'The extension does not answer. Close this panel and open it again.';
  update({ state: { kind: 'message', uri: remembered?.uri ?? null, title: 'Nothing to show', detail } });
}, SILENCE_MS);
