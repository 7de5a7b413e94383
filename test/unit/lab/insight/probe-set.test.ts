import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Xyxy } from '../../../../src/rows/sample/boxes.ts';
import type { EmbeddedTrainer } from '../../../../src/engines/embedded/embedded-engine.ts';
import { readTensors } from '../../../../src/engines/embedded/weights.ts';
import type { ProbeResult } from '../../../../src/core/insight/insight-files.ts';
import { factsOf } from '../../../../src/lab/insight/row-facts.ts';
import { probeSet } from '../../../../src/lab/insight/probe-set.ts';
import { rowsToLook } from '../../../../src/lab/insight/set-folder.ts';
import { DIRECT, halves, QUESTION, tinyEngine } from '../../engines/tiny.ts';
import { folderOfTests } from '../../../support/folder.ts';

const engine = await tinyEngine();
const folder = folderOfTests('chirality-probe-');

const colours = ['red', 'blue'] as const;
const lines = Array.from({ length: 40 }, (_, i) => {
  const [left, right] = i % 2 === 0 ? colours : colours.toReversed();
  writeFileSync(join(folder, `${i}.raw`), halves(left!, right!));
  return `${JSON.stringify({ id: `${i}`, question: QUESTION, answer: left, choices: colours, images: [`${i}.raw`] })}\n`;
});
writeFileSync(join(folder, 'set.qa.jsonl'), lines.join(''));

it('probeSet: decodes the answer from an untrained model only with the image', async () => {
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
  // The input of the last token is the same in all rows; attention brings the image to it.
  expect(at(0, null)).toBeLessThanOrEqual(0.6);
  expect(at(2, null)).toBe(1);
  expect(at(2, 'blind')).toBeLessThanOrEqual(0.6);
  expect(best.weights).toHaveLength(16);
  expect(said[0]!.n).toBe(40);
  const never = () => Promise.reject(new Error('Nothing is left to ask.'));
  expect(await probeSet(never, rows, { ...question, arrays: true })).toEqual(results);
  const { arrays, shapes } = await readTensors(join(dir, 'activations.safetensors'));
  const lines = readFileSync(join(dir, 'activations.jsonl'), 'utf8').trim().split('\n');
  // With and without the image; the input and two layers.
  expect(shapes).toEqual({ last: [80, 3, 16], answer: [80, 3, 16] });
  const weights = best.weights;
  const odds = lines.map((_, i) =>
    weights.reduce(
      (sum, w, j) => sum + w * arrays[best.position]![(i * 3 + best.layer) * 16 + j]!,
      best.bias,
    ),
  );
  const told = lines.map((line) => JSON.parse(line) as { reference: string; blind: boolean });
  // The probe of the results, applied to the arrays, reads the rows that are named next to them.
  told.forEach(({ reference, blind }, i) => {
    if (!blind) expect(odds[i]! > 0).toBe(reference === 'red');
  });
  expect(JSON.parse(readFileSync(join(dir, 'results.json'), 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(results)),
  );
});

it('probeSet: rejects an engine without hidden states before any request to the model', async () => {
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

describe('factsOf', () => {
  const object = (id: string, label: string, depth?: number) => ({ id, label, ...(depth && { depth }) });
  const sample = {
    id: '1',
    question: 'How many cubes are behind the ball?',
    answer: 'two',
    images: ['1.png'],
    scene_graph: {
      version: 1 as const,
      objects: [object('o1', 'cone', 4), object('o2', 'ball', 3.5)],
      relations: [{ subject: 'o1', predicate: 'left of', object: 'o2', frame: 'object' as const }],
    },
  };
  const boxes = [
    { name: 'o1', box: [0, 0, 0.1, 0.1] as Xyxy },
    { name: 'o2', box: [0.25, 0.5, 0.75, 1] as Xyxy },
  ];
  const look = { asked: { boxes }, labels: ['cone', 'ball'] };
  const known = (question: string, answer: string) =>
    factsOf({ sample: { ...sample, question, answer }, graph: undefined }, look);

  it('factsOf returns numbers from the scene graph and the answer', () => {
    const { question, answer } = sample;
    expect(known(question, answer).numbers).toEqual({ column: 0.5, row: 0.75, depth: 3.5, count: 2 });
    expect(known('Is the cone left of the ball?', 'no').numbers).toEqual({
      column: 0.05,
      row: 0.05,
      depth: 4,
    });
  });

  it("factsOf returns the viewer's side and the side of an object with a front", () => {
    const seen = known('Is the cone left of the ball?', 'yes');
    expect(seen.labels).toEqual({ answer: 'yes', side: 'left', nearer: 'second named' });
    expect(seen.asks).toEqual(['answer', 'side']);
    // Asked of the ball's own sides, the viewer's side does not decide the answer.
    const own = known('If you were the ball, would the cone be on your left?', 'yes');
    expect(own.labels).toMatchObject({ side: 'right', 'own side': 'left' });
    expect(own.asks).toEqual(['answer', 'own side']);
  });

  it('factsOf returns whether the graph that the model wrote implies the right answer', () => {
    const row = { ...sample, question: 'Is the cone left of the ball?', answer: 'yes' };
    const relation = (predicate: string) => ({
      subject: 'o1',
      predicate,
      object: 'o2',
      frame: 'viewer' as const,
    });
    const drawn = (predicate: string) => ({ ...sample.scene_graph, relations: [relation(predicate)] });
    const graphLabel = (written: string) =>
      factsOf({ sample: { ...row, scene_graph: drawn('left of') }, graph: written }, look).labels.graph;
    expect(graphLabel(JSON.stringify(drawn('left of')))).toBe('right');
    expect(graphLabel(JSON.stringify(drawn('right of')))).toBe('wrong');
    expect(graphLabel(JSON.stringify(drawn('wearing')))).toBeUndefined();
    expect(graphLabel('no graph')).toBeUndefined();
  });
});
