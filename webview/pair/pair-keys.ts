import type { PairCommand } from '../../src/panels/pair/pair.contract.ts';
import { keyOf, type Key } from '../ui/keyboard.ts';
import type { LookActions } from './look/actions.ts';
import { SEEN_KEY } from '../ui/seen-family.ts';
import { viewsOf } from '../ui/pair-sides.ts';
import type { PairModel } from './pair-panel-state.ts';

/** Returns the keys of the Pair panel, with their commands in the command palette. */
export function pairKeys(model: PairModel, look: LookActions): (Key & { command?: PairCommand })[] {
  const move = (by: number) => model.host.notify('move', { by });
  const next = (side: 'left' | 'right') => {
    const { state, [side]: now } = model.state;
    if (state?.kind !== 'row') return;
    const views = viewsOf(state.row);
    model.update({ [side]: views[(views.indexOf(now) + 1) % views.length]! });
  };
  const repeats = true;
  const when = () => model.state.look?.look != null;
  return [
    keyOf(['j'], 'nextRow', 'Go to Next Row', () => move(1), { repeats }),
    keyOf(['k'], 'previousRow', 'Go to Previous Row', () => move(-1), { repeats }),
    {
      keys: ['m'],
      label: 'Show the right view on the left while the key is held',
      run: () => model.update({ flipped: true }),
      release: () => model.update({ flipped: false }),
    },
    keyOf(['v'], 'nextView', 'Show Next View on the Right', () => next('right')),
    keyOf(['shift+v'], 'nextLeftView', 'Show Next View on the Left', () => next('left')),
    keyOf(['b'], 'toggleBoxes', 'Toggle Boxes', () => model.update({ boxes: !model.state.boxes })),
    SEEN_KEY,
    keyOf(['l'], 'look', 'Toggle Attention', look.toggle),
    { keys: ['arrowleft'], label: 'Show previous layer', when, repeats, run: () => look.moveLayer(-1) },
    { keys: ['arrowright'], label: 'Show next layer', when, repeats, run: () => look.moveLayer(1) },
    { keys: ['h'], label: 'Show next head', when, run: look.nextHead },
    {
      keys: ['d'],
      label: 'Show next attention map (attention, mirror difference or relative attention)',
      when,
      run: look.nextMode,
    },
    keyOf(['o'], 'openRow', 'Go to Row in Editor', () => model.host.notify('openRow', null)),
    keyOf(['?'], 'showKeys', 'Show Pair Panel Keys', () => model.update({ showKeys: true })),
  ];
}
