import { expect, it } from 'vitest';
import { acuityRecord } from '../../../../src/core/psychophysics/build-record.ts';
import type { AcuityAnswer } from '../../../../src/core/psychophysics/likelihood.ts';
import { planStimuli } from '../../../../src/core/psychophysics/plan-stimuli.ts';
import { type AcuityRecord, readAcuity } from '../../../../src/core/psychophysics/acuity-record.ts';
import { leaningsText } from '../../../../src/core/psychophysics/text.ts';

const answers = [-8, -4, 4, 8].flatMap((x): AcuityAnswer[] =>
  (['left', 'right'] as const).map((word) => ({
    block: String(x),
    x,
    conditions: { view: 'original', word },
    claim: x > 0 ? 1 : -1,
    signs: {},
    right: true,
    cell: [0, 0],
  })),
);
const about = { model: 'm', run: null, step: null, rows_sha256: '', answers: 'a', versions: {} };
const chosen = { style: 'compact', blocks: 1, seed: 1 } as const;
const curve = acuityRecord(answers, { ...about, plan: planStimuli('side', chosen).plan });
const map = { columns: 1, rows: 1 };
const mapped = acuityRecord(answers, { ...about, plan: planStimuli('side', { ...chosen, map }).plan });

const read = (record: object) => readAcuity(JSON.stringify(record), { file: 'acuity.json' });

it('readAcuity: returns a valid record unchanged', () => {
  expect(read(curve)).toEqual(curve);
  expect(read(mapped)).toEqual(mapped);
});

it.each([
  { ...curve, version: 2 },
  { ...curve, habits: undefined },
  { ...mapped, version: 0 },
])('readAcuity: suggests the command that recreates a record from before 0.1.0 (case %#)', (record) => {
  expect(() => read(record)).toThrow(
    /^acuity\.json cannot be read: .* The file is from a Chirality version before 0\.1\.0\. Create the file again \(`chirality acuity`\)\.$/,
  );
});

it('readAcuity: reads response biases of any name', () => {
  const named = { ...curve, leanings: { constructor: { value: -1, interval: null, blocks: 1 } } };
  const { leanings } = read(named) as AcuityRecord;
  expect(leaningsText('side', leanings)).toBe('constructor 100%');
});

// Anybody can send a record: what contradicts itself would stop a report with an error of the program, or draw nonsense.
it.each([
  [{ ...curve, heard: 'upwards' }, 'heard'],
  [{ ...curve, heard: 'toString' }, 'heard'],
  [{ ...mapped, cells: [{ column: 0, row: 0, right: 9, n: 8 }] }, 'cells'],
  [{ ...mapped, all: { right: 9, n: 8, interval: null } }, 'all'],
  [{ ...curve, unread: 9, n: 8 }, 'unread'],
  [{ ...curve, scenes: [{ block: 'a', x: 1, answers: [[1, 1, 1]] }] }, 'scenes'],
  [{ ...mapped, unread: 9, n: 8 }, 'unread'],
  [{ ...mapped, plan: { ...mapped.plan, size: { w: 64, h: 0 } } }, 'size'],
])('readAcuity: rejects a record with inconsistent fields (case %#)', (record, field) => {
  expect(() => read(record)).toThrow(new RegExp(`acuity\\.json.*${field}`));
});
