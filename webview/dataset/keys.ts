import type { DataCommand } from '../../src/core/protocol/data-panel.ts';
import type { Key } from '../ui/keyboard.ts';

/** What keys and the palette do. */
export const DATA_KEYS: (Key & { command: DataCommand })[] = [
  {
    ...{ keys: ['t'], command: 'tryRow', label: 'Try Selected Row in Playground' },
    run: () => document.getElementById('try-row')?.click(),
  },
];
