import type { Mapping } from './mapping.ts';
import { messagesSample } from './messages.ts';

/**
 * remyxai/SpaceThinker (about 11.4 k + 1.25 k rows): the reply is `<think>…</think><answer>…</answer>`. The columns
 * `input`, `output` and `reasoning` repeat the messages and are left out.
 */
export const spacethinker: Mapping = {
  name: 'spacethinker',
  about: 'remyxai/SpaceThinker (parquet)',
  columns: ['messages', 'images', 'input', 'output', 'reasoning'],
  sample: (row, id) => ({
    ...messagesSample(row, id, ['input', 'output', 'reasoning']),
    source: 'SpaceThinker',
  }),
};
