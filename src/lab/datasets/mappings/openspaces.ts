import type { Mapping } from './mapping.ts';
import { messagesSample } from './messages.ts';

/** remyxai/OpenSpaces (9 255 + 1 029 dialogues, about five questions each): template sentences, no boxes. */
export const openspaces: Mapping = {
  name: 'openspaces',
  about: 'remyxai/OpenSpaces (parquet)',
  columns: ['messages', 'images'],
  hint: /openspaces/i,
  sample: (row, id) => ({ ...messagesSample(row, id), source: 'OpenSpaces' }),
};
