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

/**
 * remyxai/vqasynth_spacellava (25 235 + 2 804 dialogues): VQASynth questions mixed with LLaVA-1.5 instruction data.
 * Boxes inside the texts are x1, y1, x2, y2 from 0 to 1 of the square-padded image; mirroring maps x to 1 − x in the
 * padded frame too, because the padding is symmetric.
 */
export const spacellava: Mapping = {
  name: 'spacellava',
  about: 'remyxai/vqasynth_spacellava (parquet)',
  columns: ['messages', 'images'],
  hint: /spacellava/i,
  sample: (row, id) => ({
    ...messagesSample(row, id),
    box_format: 'xyxy_norm',
    source: 'vqasynth_spacellava',
  }),
};

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
