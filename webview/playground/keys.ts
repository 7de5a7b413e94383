import type { PlaygroundCommand } from '../../src/core/protocol/playground.ts';
import { focused, isText, type Key } from '../ui/keyboard.ts';
import type { PlaygroundModel } from './model.ts';

/** The keys of the panel, and the commands of the palette. */
export function playgroundKeys(model: PlaygroundModel): (Key & { command?: PlaygroundCommand })[] {
  const toggle = (what: 'swapped' | 'boxes' | 'graph') => model.update({ [what]: !model.state[what] });
  const repeats = true;
  return [
    { keys: ['ctrl+enter'], command: 'ask', label: 'Ask', run: () => void model.askAll(), inText: true },
    {
      keys: ['e'],
      command: 'editQuestion',
      label: 'Edit Question',
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
    { keys: ['k'], command: 'older', label: 'Earlier Question', run: () => model.move(-1), repeats },
    { keys: ['j'], command: 'newer', label: 'Later Question', run: () => model.move(1), repeats },
    { keys: ['s'], command: 'save', label: 'Save as Sample…', run: () => void model.save() },
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
