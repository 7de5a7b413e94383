import type { PlaygroundCommand } from '../../src/core/protocol/playground.ts';
import { focused, isText, type Key } from '../ui/keyboard.ts';
import type { PlaygroundModel } from './model.ts';

/** How far a key moves a solid, as a share of its distance. */
const STEP = 0.01;

/** The keys of the panel, and the commands of the palette. */
export function playgroundKeys(model: PlaygroundModel): (Key & { command?: PlaygroundCommand })[] {
  const toggle = (what: 'swapped' | 'boxes' | 'graph') => model.update({ [what]: !model.state[what] });
  const repeats = true;
  const stage = () => model.stage !== null;
  const picture = () => model.stage === null;
  const step = (by: number) => (choice: number) =>
    model.stage?.step(by * [-1, 1, 0, 0][choice - 1]!, by * [0, 0, 1, -1][choice - 1]!);
  return [
    {
      keys: ['ctrl+enter'],
      command: 'ask',
      label: 'Ask',
      run: () => void model.askAll(),
      inText: true,
      when: picture,
    },
    {
      keys: ['e'],
      command: 'editQuestion',
      label: 'Edit Question',
      when: picture,
      run: () => document.getElementById('question')?.focus(),
    },
    {
      keys: ['o'],
      command: 'pickPicture',
      label: 'Open Picture…',
      run: () => void model.host.call('pickPicture', null),
    },
    {
      keys: ['a'],
      command: 'addModel',
      label: 'Add Model…',
      run: () => void model.host.call('addModel', null),
    },
    { keys: ['m'], command: 'swap', label: 'Swap Original and Mirror', run: () => toggle('swapped') },
    { keys: ['b'], command: 'toggleBoxes', label: 'Show or Hide Boxes', run: () => toggle('boxes') },
    { keys: ['g'], command: 'toggleGraph', label: 'Show or Hide Scene Graph', run: () => toggle('graph') },
    {
      keys: ['k'],
      command: 'older',
      label: 'Earlier Question',
      run: () => model.move(-1),
      repeats,
      when: picture,
    },
    {
      keys: ['j'],
      command: 'newer',
      label: 'Later Question',
      run: () => model.move(1),
      repeats,
      when: picture,
    },
    { keys: ['w'], command: 'stage', label: 'Open or Leave the Stage', run: () => model.toggleStage() },
    {
      keys: ['l'],
      command: 'look',
      label: 'Show or Hide Where Models Look',
      run: () => model.stage?.toggleLook(),
      when: stage,
    },
    {
      keys: ['arrowleft', 'arrowright', 'arrowup', 'arrowdown'],
      shown: 'Arrows',
      label: 'Move the selected solid',
      run: step(STEP),
      repeats,
      when: stage,
    },
    {
      keys: ['shift+arrowleft', 'shift+arrowright', 'shift+arrowup', 'shift+arrowdown'],
      shown: 'Shift+Arrows',
      label: 'Move the selected solid in large steps',
      run: step(5 * STEP),
      repeats,
      when: stage,
    },
    { keys: ['n'], label: 'Select the Next Solid', run: () => model.stage?.selectNext(), when: stage },
    {
      keys: ['f'],
      command: 'findBreak',
      label: 'Find Where It Breaks',
      run: () => void model.stage?.findBreak(model.stage.models[0]?.id ?? ''),
      when: stage,
    },
    {
      keys: ['s'],
      command: 'save',
      label: 'Save as Sample…',
      run: () =>
        void (model.stage ? model.stage.save(Object.keys(model.stage.state.found)[0]) : model.save()),
    },
    { keys: ['x'], command: 'cancel', label: 'Cancel Asking', run: () => model.cancel() },
    {
      keys: ['?'],
      command: 'showKeys',
      label: 'Show Keys of the Playground',
      run: () => model.update({ showKeys: true }),
    },
    {
      keys: ['escape'],
      label: 'Leave a field',
      inText: true,
      when: () => isText(focused()),
      run: () => (focused() as HTMLElement).blur(),
    },
  ];
}
