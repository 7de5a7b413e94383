import type { PairCommand } from '../../src/core/protocol/pair.ts';
import type { Key } from '../ui/keyboard.ts';
import type { LookActions } from './look/actions.ts';
import { viewsOf } from '../ui/sides.ts';
import type { Host, PairPanelState, Update } from './panel-state.ts';

/** The keys of the panel, and the commands of the palette. */
export function pairKeys(
  host: Host,
  panel: () => PairPanelState,
  update: Update,
  look: LookActions,
): (Key & { command?: PairCommand })[] {
  const move = (by: number) => host.notify('move', { by });
  const next = (side: 'left' | 'right') => {
    const { state, [side]: now } = panel();
    if (state?.kind !== 'row') return;
    const views = viewsOf(state.row);
    update({ [side]: views[(views.indexOf(now) + 1) % views.length]! });
  };
  const repeats = true;
  const looks = () => panel().look?.look != null;
  return [
    { keys: ['j'], command: 'nextRow', label: 'Next Row', run: () => move(1), repeats },
    { keys: ['k'], command: 'previousRow', label: 'Previous Row', run: () => move(-1), repeats },
    {
      keys: ['m'],
      label: 'While held: the right view in the place of the left one',
      run: () => update({ flipped: true }),
      release: () => update({ flipped: false }),
    },
    { keys: ['v'], command: 'nextView', label: 'Next View on the Right', run: () => next('right') },
    { keys: ['shift+v'], command: 'nextLeftView', label: 'Next View on the Left', run: () => next('left') },
    {
      keys: ['b'],
      command: 'toggleBoxes',
      label: 'Show or Hide Boxes',
      run: () => update({ boxes: !panel().boxes }),
    },
    { keys: ['l'], command: 'look', label: 'Show or Hide Where a Model Looks', run: look.toggle },
    { keys: ['arrowleft'], label: 'Look: Layer Before', when: looks, repeats, run: () => look.moveLayer(-1) },
    { keys: ['arrowright'], label: 'Look: Next Layer', when: looks, repeats, run: () => look.moveLayer(1) },
    { keys: ['h'], label: 'Look: Next Head', when: looks, run: look.nextHead },
    {
      keys: ['d'],
      label: 'Look: Attention, What the Mirror Changes, or Relative Attention',
      when: looks,
      run: look.nextMode,
    },
    {
      keys: ['o'],
      command: 'openRow',
      label: 'Go to Row in Editor',
      run: () => host.notify('openRow', null),
    },
    {
      keys: ['?'],
      command: 'showKeys',
      label: 'Show Keys of the Pair Panel',
      run: () => update({ showKeys: true }),
    },
  ];
}
