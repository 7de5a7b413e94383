import type { PlaygroundCommand } from '../../src/panels/playground/playground.contract.ts';
import { focused, isText, keyOf, type Key } from '../ui/keyboard.ts';
import { SEEN_KEY } from '../ui/seen-family.ts';
import type { PlaygroundModel } from './playground-model.ts';

/** Distance by which a key moves an object, as a share of the object's distance from the camera. */
const STEP = 0.01;

/** Returns the keys of the Playground, with their commands in the command palette. */
export function playgroundKeys(model: PlaygroundModel): (Key & { command?: PlaygroundCommand })[] {
  const toggle = (what: 'swapped' | 'boxes' | 'graph') => model.update({ [what]: !model.state[what] });
  const repeats = true;
  const sandbox = () => model.sandbox !== null;
  const picture = () => model.sandbox === null;
  const step = (by: number) => (choice: number) =>
    model.sandbox?.step(by * [-1, 1, 0, 0][choice - 1]!, by * [0, 0, 1, -1][choice - 1]!);
  return [
    keyOf(['ctrl+enter'], 'ask', 'Ask Models', () => void model.askAll(), { inText: true, when: picture }),
    keyOf(['e'], 'editQuestion', 'Edit Question', () => document.getElementById('question')?.focus(), {
      when: picture,
    }),
    keyOf(['o'], 'pickPicture', 'Open Image…', () => void model.host.call('pickPicture', null)),
    keyOf(['a'], 'addModel', 'Add Model…', () => void model.host.call('addModel', null)),
    keyOf(['m'], 'swap', 'Swap Original and Mirror', () => toggle('swapped')),
    keyOf(['b'], 'toggleBoxes', 'Toggle Boxes', () => toggle('boxes')),
    SEEN_KEY,
    keyOf(['g'], 'toggleGraph', 'Toggle Scene Graph', () => toggle('graph')),
    keyOf(['k'], 'older', 'Show Earlier Question', () => model.move(-1), { repeats, when: picture }),
    keyOf(['j'], 'newer', 'Show Later Question', () => model.move(1), { repeats, when: picture }),
    keyOf(['w'], 'sandbox', 'Toggle Sandbox', () => model.toggleSandbox()),
    keyOf(['l'], 'look', 'Toggle Attention', () => model.sandbox?.toggleLook(), {
      when: sandbox,
    }),
    {
      keys: ['arrowleft', 'arrowright', 'arrowup', 'arrowdown'],
      shown: 'Arrows',
      label: 'Move the selected object',
      run: step(STEP),
      repeats,
      when: sandbox,
    },
    {
      keys: ['shift+arrowleft', 'shift+arrowright', 'shift+arrowup', 'shift+arrowdown'],
      shown: 'Shift+Arrows',
      label: 'Move the selected object in large steps',
      run: step(5 * STEP),
      repeats,
      when: sandbox,
    },
    { keys: ['n'], label: 'Select the next object', run: () => model.sandbox?.selectNext(), when: sandbox },
    keyOf(
      ['f'],
      'findBreak',
      'Find Breaking Point',
      () => void model.sandbox?.findBreak(model.sandbox.models[0]?.id ?? ''),
      { when: sandbox },
    ),
    keyOf(
      ['s'],
      'save',
      'Save as Row…',
      () =>
        void (model.sandbox ? model.sandbox.save(Object.keys(model.sandbox.state.found)[0]) : model.save()),
    ),
    keyOf(['x'], 'cancel', 'Cancel Request', () => model.cancel()),
    keyOf(['?'], 'showKeys', 'Show Playground Keys', () => model.update({ showKeys: true })),
    {
      keys: ['escape'],
      label: 'Leave the field or the sandbox',
      inText: true,
      when: () => isText(focused()) || sandbox(),
      run: () => {
        if (isText(focused())) (focused() as HTMLElement).blur();
        else if (model.sandbox!.state.walking !== null) model.sandbox!.cancel();
        else model.toggleSandbox();
      },
    },
  ];
}
