import type { PairHost, PairMemory, PairPage } from '../../src/panels/pair/pair.contract.ts';
import { MIRROR, ORIGINAL, isViewId, type ViewId } from '../../src/rows/view-list.ts';
import { listenForKeys, runCommand } from '../ui/keyboard.ts';
import { draw, openPanel } from '../ui/panel.ts';
import '../ui/base.css';
import '../ui/views.css';
import { pairKeys } from './pair-keys.ts';
import { lookActions } from './look/actions.ts';
import './look/look.css';
import { PageContext, PairView } from './pair-view.tsx';
import './pair.css';
import { PageModel } from '../ui/page-model.ts';
import type { PairModel, PairPanelState } from './pair-panel-state.ts';

const page: PairPage = {
  show: (state) => {
    // End the analysis if the panel shows another row.
    const { look } = model.state;
    const isSame = state.kind === 'row' && state.uri === look?.uri && state.line === look.line;
    if (look && !isSame) actions.close();
    model.update({ state });
  },
  command: (command) => runCommand(keys, command),
};
const { host, memory, remember } = openPanel<PairHost, PairMemory>({ ...page }, (detail) =>
  model.update({ state: { kind: 'message', uri: memory?.uri ?? null, title: 'Cannot show pair', detail } }),
);
const viewIn = (remembered: unknown, usual: ViewId): ViewId => (isViewId(remembered) ? remembered : usual);
const first: PairPanelState = {
  state: null,
  boxes: memory?.boxes ?? true,
  left: viewIn(memory?.left, ORIGINAL),
  right: viewIn(memory?.right, MIRROR),
  flipped: false,
  showKeys: false,
  look: null,
};
const model: PairModel = new PageModel(host, first, (panel) => {
  const { state, boxes, left, right } = panel;
  if (state) remember({ uri: state.uri, line: state.kind === 'row' ? state.line : 1, boxes, left, right });
  draw(
    <PageContext.Provider value={{ model, panel, look: actions }}>
      <PairView keys={keys} />
    </PageContext.Provider>,
  );
});
const actions = lookActions(model);
const keys = pairKeys(model, actions);
listenForKeys(keys);
