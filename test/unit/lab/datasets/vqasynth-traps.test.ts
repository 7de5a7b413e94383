import { describe, expect, it } from 'vitest';
import { vqasynthTraps } from '../../../../src/lab/datasets/vqasynth-traps.ts';

const fused =
  'Can you give me an estimation of the horizontal distance between the mug and the lamp?' +
  'Could you provide the horizontal distance between the mug and the lamp?';

describe('VQASynth traps', () => {
  it.each([
    [fused, '1.2 meters', ['fused-questions']],
    ['Vertial gap between the mug and the lamp.', '1.2 meters', ['vertial-gap']],
    ['How tall is the door?', '2.1 meters', ['height-from-width']],
    ['Could you tell me the vericall size of the door?', 'It is 80 inches.', ['height-from-width']],
    ['Is the door taller than the lamp?', 'Yes, the door is taller than the lamp.', []],
    ['Who is taller, the door or the lamp?', 'the door is taller.', []],
    ['How far apart are the mug and the lamp?', '0.002 meters', ['odd-length']],
    ['How far apart are the mug and the lamp?', 'They are 412 feet apart.', ['odd-length']],
    ['How far apart are the mug and the lamp?', '20 inches', []],
    ['How wide is the mug?', '4 inches', []],
  ])('reads %s %s: %j', (question, answer, traps) => {
    expect(vqasynthTraps(question, answer, 'OpenSpaces')).toEqual(traps);
    expect(vqasynthTraps(question, answer, 'SAT')).toEqual([]);
  });
});
