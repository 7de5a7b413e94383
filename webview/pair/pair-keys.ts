import type { PairCommand } from '../../src/panels/pair/pair.contract.ts';
import { keyOf, type Key } from '../ui/keyboard.ts';
import type { LookActions } from './look/actions.ts';
import { viewsOf } from '../ui/pair-sides.ts';
import type { PairModel } from './pair-panel-state.ts';

/** The keys of the panel, and the commands of the palette. */
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
    keyOf(['j'], 'nextRow', 'Next Row', () => move(1), { repeats }),
    keyOf(['k'], 'previousRow', 'Previous Row', () => move(-1), { repeats }),
    {
      keys: ['m'],
      label: 'While held: the right view in the place of the left one',
      run: () => model.update({ flipped: true }),
      release: () => model.update({ flipped: false }),
    },
    keyOf(['v'], 'nextView', 'Next View on the Right', () => next('right')),
    keyOf(['shift+v'], 'nextLeftView', 'Next View on the Left', () => next('left')),
    keyOf(['b'], 'toggleBoxes', 'Show or Hide Boxes', () => model.update({ boxes: !model.state.boxes })),
    keyOf(['l'], 'look', 'Show or Hide Where a Model Looks', look.toggle),
    { keys: ['arrowleft'], label: 'Look: Layer Before', when, repeats, run: () => look.moveLayer(-1) },
    { keys: ['arrowright'], label: 'Look: Next Layer', when, repeats, run: () => look.moveLayer(1) },
    { keys: ['h'], label: 'Look: Next Head', when, run: look.nextHead },
    {
      keys: ['d'],
      label: 'Look: Attention, What the Mirror Changes, or Relative Attention',
      when,
      run: look.nextMode,
    },
    keyOf(['o'], 'openRow', 'Go to Row in Editor', () => model.host.notify('openRow', null)),
    keyOf(['?'], 'showKeys', 'Show Keys of the Pair Panel', () => model.update({ showKeys: true })),
  ];
}
