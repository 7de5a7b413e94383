import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { TRACE_FIELDS } from '../../../src/core/run-data/trace-fields.ts';
import type { ListedPair } from '../../../src/core/run-data/trace-summary.ts';
import type { TracedPair } from '../../../src/core/run-data/trace.ts';
import { chirality } from '../lab/recipes/cli.ts';
import { folderOfTests } from '../../support/folder.ts';
import { parseRows } from '../../support/rows.ts';

const trace = (...args: string[]) => chirality('.', 'trace', 'test/fixtures/traces/run', ...args);
const list = async (...args: string[]) => parseRows<ListedPair>((await trace(...args, '--json')).stdout);

describe('chirality trace --where', () => {
  test('lists matching pairs as a table and as JSON lines', async () => {
    const all = await list('--limit', '0');
    expect(all.length).toBeGreaterThan(10);
    expect(Object.keys(all[0]!)).toEqual(TRACE_FIELDS.map(({ name }) => name));
    const wanted = all
      .filter(({ delta, verdict }) => delta !== null && delta > 0 && verdict !== 'consistent')
      .sort((a, b) => b.delta! - a.delta!);
    const args = ['--where', 'delta > 0 and verdict != consistent', '--sort', 'delta', '--descending'];
    expect(await list(...args, '--limit', '3')).toEqual(wanted.slice(0, 3));
    const { stdout, stderr, code } = await trace(...args, '--limit', '3');
    expect(stdout.trim().split('\n')).toHaveLength(4);
    expect(stdout).toContain(wanted[0]!.sample);
    expect(stderr).toContain(`${wanted.length} of ${all.length} pairs; showing the first 3`);
    expect(code).toBe(0);
  });

  test('prints a pair in at most 8,000 characters with --short', async () => {
    const [{ step, pair }] = (await list('--limit', '1')) as [ListedPair];
    const one = ['--step', String(step), '--pair', String(pair), '--json'];
    const [whole, short] = [await trace(...one), await trace(...one, '--short')];
    expect(whole.stdout.length).toBeGreaterThan(8000);
    expect(short.stdout.length).toBeLessThanOrEqual(8000);
    expect(JSON.parse(short.stdout)).toMatchObject({ step, pair, views: [{}, {}] });
    expect((await trace('--short')).stderr).toContain('--short has no effect');
  });

  test('lists the pairs of a step, by default the last, or one pair with --pair', async () => {
    const pairs = await list('--where', 'step = 97', '--limit', '0');
    for (const args of [['--step', '97'], []]) {
      const { stdout, stderr } = await trace(...args);
      expect(stdout.split('\n')[0]).toMatch(/^step +pair +verdict/);
      expect(stderr).toContain('--pair with its number');
    }
    expect((await trace('--step', '97')).stdout.trim().split('\n')).toHaveLength(1 + pairs.length);
    const { stdout } = await trace('--step', '97', '--pair', String(pairs[0]!.pair));
    expect(stdout).toContain(`step 97, pair ${pairs[0]!.pair}: `);
  });

  test('lists the pairs of an endpoint’s evaluation, by its name or its folder', async () => {
    const name = 'mock-scene-graph-val-d9ed7c43';
    const project = 'test/fixtures/recorded/project';
    const rows = await readFile(join(project, 'evals', name, 'rows.jsonl'), 'utf8');
    const { id } = JSON.parse(rows.split('\n')[0]!) as { id: string };
    for (const named of [name, join('evals', name)]) {
      const { stdout, stderr, code } = await chirality(project, 'trace', named, '--text', id);
      expect([stdout, code], stderr).toEqual([expect.stringContaining(id), 0]);
    }
  });

  test('prints a completion without tags only once', async () => {
    const copy = folderOfTests('chirality-untagged-');
    await cp('test/fixtures/traces/run', copy, { recursive: true });
    const file = join(copy, 'traces/step-000097.jsonl');
    const [first, ...others] = (await readFile(file, 'utf8')).split('\n');
    const pair = JSON.parse(first!) as TracedPair;
    Object.assign(pair.views[0]!.group[0]!, {
      segments: [{ stage: 'answer', text: 'far left', stop_reason: 'end' }],
      answer_text: null,
    });
    await writeFile(file, [JSON.stringify(pair), ...others].join('\n'));
    const { stdout } = await chirality(copy, 'trace', '.', '--step', '97', '--pair', String(pair.pair));
    expect(stdout).toContain(' far left  (read from the whole text)\n');
  });

  test('searches the texts of completions, and a single step', async () => {
    const [first] = await list('--limit', '1');
    const words = first!.question.toUpperCase();
    expect((await list('--text', words, '--limit', '0')).map(({ sample }) => sample)).toContain(
      first!.sample,
    );
    expect(await list('--text', 'no such words')).toEqual([]);
    expect(
      new Set((await list('--where', 'kept or not kept', '--step', '97')).map(({ step }) => step)),
    ).toEqual(new Set([97]));
  });

  test.each([
    [
      ['--where', 'kept and rewrd < 1'],
      'chirality: --where: Field "rewrd" does not exist. Did you mean "reward"?\n  kept and rewrd < 1\n           ^^^^^\n',
    ],
    [['--where', 'verdict = nether', '--step', '1'], '  verdict = nether\n            ^^^^^^\n'],
    [['--where', 'reward <'], '  reward <\n          ^\n'],
    [['--sort', 'rewrad'], 'Field "rewrad" does not exist. Did you mean "reward"?'],
    [['--eval', '../..'], 'Evaluation "../.." does not exist. Evaluations: none.'],
  ])('trace --where rejects %j, and marks the position', async (args, message) => {
    const { stderr, code } = await trace(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

test('trace: shows a pair of an evaluation by its number in the list', async () => {
  const folder = 'test/fixtures/recorded/project/runs/spatial/eval/step-000004';
  const ofRun = ['spatial', '--runs', 'test/fixtures/recorded/project/runs', '--eval', 'step-000004'];
  const show = (...args: string[]) => chirality('.', 'trace', ...args);
  const { stdout: listed } = await show(folder, '--limit', '3', '--json');
  const third = JSON.parse(listed.trim().split('\n')[2]!) as { pair: number; sample: string };
  const { stdout } = await show(folder, '--pair', String(third.pair));
  expect(stdout).toContain(`step 4, pair ${third.pair}: ${third.sample}`);
  expect(stdout).toMatch(/^original: .*\n {2}[✓✗] .*\n\nmirror: .*\n {2}[✓✗] /m);
  expect((await show(...ofRun, '--pair', String(third.pair))).stdout).toBe(stdout);
  const { stdout: json } = await show(...ofRun, '--pair', String(third.pair), '--json');
  expect(JSON.parse(json)).toMatchObject({ kind: 'evaluated', sample: third.sample });
  const { stderr, code } = await show(folder, '--pair', '100000');
  expect([stderr, code]).toEqual([
    expect.stringContaining('Pair 100000 does not exist in this evaluation'),
    2,
  ]);
});

test('trace --figure: writes a pair figure with answers of other evaluations', async () => {
  const folder = folderOfTests('figure-');
  const project = 'test/fixtures/recorded/project';
  const write = (file: string, ...more: string[]) =>
    chirality(
      '.',
      ...['trace', 'spatial', '--runs', `${project}/runs`, '--eval', 'step-000004', '--pair', '0'],
      ...['--figure', join(folder, file), '--data-root', project, ...more],
    );
  const beside = ['--beside', `${project}/runs/spatial/eval/step-000000`];
  expect((await write('p.svg', ...beside)).code).toBe(0);
  const svg = await readFile(join(folder, 'p.svg'), 'utf8');
  expect(svg.match(/<image /g)).toHaveLength(2);
  expect(svg).toMatch(/spatial, step 4[^]*spatial, step 0/);
  expect((await write('seen.svg', '--sees', 'kimi-k2.5')).code).toBe(0);
  // Kimi pads 16 pixels to 28, on the right and below: the image is the upper left 16/28 of the 920 pixels.
  const [, url] = /href="data:image\/png;base64,([^"]+)"/.exec(
    await readFile(join(folder, 'seen.svg'), 'utf8'),
  )!;
  const seen = sharp(Buffer.from(url!, 'base64')).ensureAlpha();
  const { data, info } = await seen.raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 920, height: 920 });
  const alphas = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => data[4 * (920 * (from + i) + 300 + from) + 3]);
  expect(Math.min(...alphas(2, 520).map(Number))).toBe(255);
  expect(Math.min(...alphas(530, 918).map(Number))).toBe(0);
  expect((await write('p.svg', '--sees', 'nothing')).stderr).toContain('nothing');
  const { code, stderr } = await write('p.png');
  expect([code, stderr]).toEqual([2, expect.stringContaining('must end with .svg')]);
});
