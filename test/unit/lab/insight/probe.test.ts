import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Xyxy } from '../../../../src/core/spatial/boxes.ts';
import type { LookCase } from '../../../../src/lab/insight/cases.ts';
import type { EmbeddedTrainer } from '../../../../src/engines/embedded/engine.ts';
import { openEmbedded } from '../../../../src/engines/embedded/open.ts';
import type { ProbeResult } from '../../../../src/core/insight/probe.ts';
import { numbersOf, probeSet } from '../../../../src/lab/insight/probe.ts';
import { rowsToLook } from '../../../../src/lab/insight/set-folder.ts';
import { DIRECT, halves, QUESTION, TINY } from '../../engines/tiny.ts';

let engine: EmbeddedTrainer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chirality-probe-'));
  const colours = ['red', 'blue'] as const;
  const rows = Array.from({ length: 40 }, (_, i) => {
    const [left, right] = i % 2 === 0 ? colours : colours.toReversed();
    writeFileSync(join(folder, `${i}.raw`), halves(left!, right!));
    return `${JSON.stringify({ id: `${i}`, question: QUESTION, answer: left, images: [`${i}.raw`] })}\n`;
  });
  writeFileSync(join(folder, 'set.qa.jsonl'), rows.join(''));
  engine = await openEmbedded(TINY);
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

it('reads off an untrained model what it was shown, and nothing without the picture', async () => {
  const file = join(folder, 'set.qa.jsonl');
  const { rows } = await rowsToLook({
    file,
    root: folder,
    views: ['original'],
    strategy: DIRECT,
    limit: undefined,
  });
  const dir = join(folder, 'probe');
  const question = { dir, manifest: { kind: 'probe', content: 'one' }, strategy: DIRECT, maxTokens: 3 };
  const results = await probeSet(() => Promise.resolve(engine), rows, question);
  expect(results.map(({ target, labels }) => [target, labels])).toEqual([['answer', ['blue', 'red']]]);
  const { figures, best, said } = results[0] as ProbeResult;
  const at = (layer: number, control: string | null) =>
    figures.find((one) => one.position === 'last' && one.layer === layer && one.control === control)!.value;
  // The input of the last token is the same in all rows; attention brings the picture to it.
  expect(at(0, null)).toBeLessThanOrEqual(0.6);
  expect(at(2, null)).toBe(1);
  expect(at(2, 'blind')).toBeLessThanOrEqual(0.6);
  expect(best.weights).toHaveLength(16);
  expect(said[0]!.n).toBe(40);
  const never = () => Promise.reject(new Error('Nothing is left to ask.'));
  expect(await probeSet(never, rows, question)).toEqual(results);
  expect(JSON.parse(readFileSync(join(dir, 'results.json'), 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(results)),
  );
});

it('refuses an engine that shows no hidden states before anything is asked', async () => {
  const info = { ...engine.info(), engine: 'openai' as const, features: [] };
  const file = join(folder, 'set.qa.jsonl');
  const { rows } = await rowsToLook({ file, root: folder, views: ['original'], strategy: DIRECT, limit: 1 });
  const question = {
    dir: join(folder, 'no'),
    manifest: { kind: 'probe', content: '' },
    strategy: DIRECT,
    maxTokens: 3,
  };
  const other = { info: () => info } as unknown as EmbeddedTrainer;
  await expect(probeSet(() => Promise.resolve(other), rows, question)).rejects.toThrow(
    'openai engine does not support',
  );
});

it('knows the numbers of a row from its graph and its answer', () => {
  const object = (id: string, label: string, depth?: number) => ({ id, label, ...(depth && { depth }) });
  const sample = {
    ...{ id: '1', question: 'How many cubes are behind the ball?', answer: 'two', images: ['1.png'] },
    scene_graph: {
      ...{ version: 1 as const, relations: [] },
      objects: [object('o1', 'cone'), object('o2', 'ball', 3.5)],
    },
  };
  const boxes = [
    { name: 'o1', box: [0, 0, 0.1, 0.1] as Xyxy },
    { name: 'o2', box: [0.25, 0.5, 0.75, 1] as Xyxy },
  ];
  const look = { asked: { boxes } as LookCase['asked'], labels: ['cone', 'ball'] };
  expect(numbersOf(sample, look)).toEqual({ column: 0.5, row: 0.75, depth: 3.5, count: 2 });
  const other = { ...sample, question: 'Is the cone left of the ball?', answer: 'no' };
  expect(numbersOf(other, look)).toEqual({ column: 0.05, row: 0.05 });
});
