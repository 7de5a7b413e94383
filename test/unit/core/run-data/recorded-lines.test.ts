import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readEvaluationRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import { parseLines, type RowReader } from '../../../../src/base/record.ts';
import { readTracedPair, readTracedRewards } from '../../../../src/core/run-data/trace.ts';

const FIXTURES = fileURLToPath(new URL('../../../fixtures', import.meta.url));
const files = (readdirSync(FIXTURES, { recursive: true }) as string[]).map((name) => join(FIXTURES, name));
const traces = files.filter((file) => /^step-\d+\.jsonl$/.test(basename(file)));
const evaluations = files.filter((file) => basename(file) === 'rows.jsonl');

/** Every line as it was read; a line that cannot be read fails the test. */
function read<T>(file: string, reader: RowReader<T>): T[] {
  return parseLines(readFileSync(file, 'utf8'), file, reader, (why) => {
    throw why;
  });
}
const decode = (file: string) => read(file, (value) => value);

test('readTracedPair: reads every recorded trace without loss', () => {
  // Those of fixtures/runs/spatial hold no more than rewards.
  const whole = traces.filter(
    (file) => !file.includes(join('runs', 'spatial', 'traces')) || file.includes('recorded'),
  );
  expect(whole.length).toBeGreaterThan(10);
  for (const file of whole) expect(read(file, readTracedPair)).toEqual(decode(file));
  for (const file of traces) expect(read(file, readTracedRewards)).toHaveLength(decode(file).length);
});

test('readEvaluationRow: reads every recorded evaluation without loss', () => {
  expect(evaluations.length).toBeGreaterThan(5);
  for (const file of evaluations) expect(read(file, readEvaluationRow)).toEqual(decode(file));
});

test('readEvaluationRow: reports file, line and field of an invalid row', () => {
  const [row] = read(evaluations[0]!, (value) => value as { score: object });
  const reading = (value: object) => () => readEvaluationRow(value, { file: 'rows.jsonl', line: 3 });
  expect(reading({ ...row, score: { ...row!.score, correct: 'yes' } })).toThrow(
    'rows.jsonl:3 cannot be read: "score.correct" must be true or false, not "yes".',
  );
  expect(reading({ ...row, segments: [] })).toThrow(
    '"segments" must be a list of at least 1 item, not an empty list.',
  );
  expect(reading({ ...row, images: [7] })).toThrow(/"images\[0\]" must be .*, not 7\./);
});
