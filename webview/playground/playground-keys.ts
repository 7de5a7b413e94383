import type { PlaygroundCommand } from '../../src/panels/playground/playground.contract.ts';
import { focused, isText, keyOf, type Key } from '../ui/keyboard.ts';
import type { PlaygroundModel } from './playground-model.ts';

/** How far a key moves an object, as a share of its distance. */
const STEP = 0.01;

/** The keys of the panel, and the commands of the palette. */
export function playgroundKeys(model: PlaygroundModel): (Key & { command?: PlaygroundCommand })[] {
  const toggle = (what: 'swapped' | 'boxes' | 'graph') => model.update({ [what]: !model.state[what] });
  const repeats = true;
  const sandbox = () => model.sandbox !== null;
  const picture = () => model.sandbox === null;
  const step = (by: number) => (choice: number) =>
    model.sandbox?.step(by * [-1, 1, 0, 0][choice - 1]!, by * [0, 0, 1, -1][choice - 1]!);
  return [
    keyOf(['ctrl+enter'], 'ask', 'Ask', () => void model.askAll(), { inText: true, when: picture }),
    keyOf(['e'], 'editQuestion', 'Edit Question', () => document.getElementById('question')?.focus(), {
      when: picture,
    }),
    keyOf(['o'], 'pickPicture', 'Open Image…', () => void model.host.call('pickPicture', null)),
    keyOf(['a'], 'addModel', 'Add Model…', () => void model.host.call('addModel', null)),
    keyOf(['m'], 'swap', 'Swap Original and Mirror', () => toggle('swapped')),
    keyOf(['b'], 'toggleBoxes', 'Show or Hide Boxes', () => toggle('boxes')),
    keyOf(['g'], 'toggleGraph', 'Show or Hide Scene Graph', () => toggle('graph')),
    keyOf(['k'], 'older', 'Earlier Question', () => model.move(-1), { repeats, when: picture }),
    keyOf(['j'], 'newer', 'Later Question', () => model.move(1), { repeats, when: picture }),
    keyOf(['w'], 'sandbox', 'Open or Leave the Sandbox', () => model.toggleSandbox()),
    keyOf(['l'], 'look', 'Show or Hide Where Models Look', () => model.sandbox?.toggleLook(), {
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
    { keys: ['n'], label: 'Select the Next Object', run: () => model.sandbox?.selectNext(), when: sandbox },
    keyOf(
      ['f'],
      'findBreak',
      'Find Where It Breaks',
      () => void model.sandbox?.findBreak(model.sandbox.models[0]?.id ?? ''),
      { when: sandbox },
    ),
    keyOf(
      ['s'],
      'save',
      'Save as Sample…',
      () =>
        void (model.sandbox ? model.sandbox.save(Object.keys(model.sandbox.state.found)[0]) : model.save()),
    ),
    keyOf(['x'], 'cancel', 'Cancel Asking', () => model.cancel()),
    keyOf(['?'], 'showKeys', 'Show Keys of the Playground', () => model.update({ showKeys: true })),
    {
      keys: ['escape'],
      label: 'Leave a field, else the sandbox',
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
