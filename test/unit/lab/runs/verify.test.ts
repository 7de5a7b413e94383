// Recorded runs are computed again from their folders, and what was changed in one is named.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { deviationText } from '../../../../src/core/verify/deviations.ts';
import type { TracedCompletion, TracedPair } from '../../../../src/core/run-data/trace.ts';
import { readTraces, tracedSteps } from '../../../../src/lab/runs/trace-files.ts';
import { verifyRun } from '../../../../src/lab/runs/verify.ts';
import { chirality } from '../recipes/cli.ts';
import { openProject } from '../../recorded/files.ts';
import { folderOfTests } from '../../../support/folder.ts';

const RUNS = ['sft', 'sft-stages', 'grpo', 'spatial', 'stages', 'refill', 'skip'];

const project = folderOfTests('chirality-verify-');
beforeAll(async () => {
  await openProject(project);
});

const runOf = (name: string) => join(project, 'runs', name);

describe('verifyRun on an unchanged run', () => {
  it.each(RUNS)('verifyRun passes for %s', async (name) => {
    const { verification, traced } = await verifyRun(runOf(name), undefined);
    expect(verification.found.map(deviationText)).toEqual([]);
    expect(verification.isVerified).toBe(true);
    expect(verification.steps).toBe(traced.length);
    expect(verification.quantities.get('loss')!.compared).toBe(traced.length);
  });

  it('compares the losses of all updates for each completion', async () => {
    const { verification } = await verifyRun(runOf('refill'), 1);
    const pairs = await readTraces(runOf('refill'), 1);
    const updates = pairs.flatMap(({ views }) =>
      views.flatMap(({ group }) => group.flatMap((completion) => completion.updates ?? [])),
    );
    expect(updates.filter(({ ratios }) => ratios !== undefined)).toHaveLength(updates.length / 2);
    expect(verification.quantities.get('loss of a completion')!.compared).toBe(updates.length);
  });

  it('verifyRun passes for a single step', async () => {
    const { verification } = await verifyRun(runOf('spatial'), 2);
    expect(verification.steps).toBe(1);
    expect(verification.quantities.get('num_tokens')!.compared).toBe(1);
  });
});

it('verifyRun: does not require the steps of the parent for a fork', async () => {
  const fork = join(project, 'runs', 'fork-of-spatial');
  await cp(runOf('spatial'), fork, { recursive: true });
  const manifest = JSON.parse(await readFile(join(fork, 'manifest.json'), 'utf8')) as object;
  const parent = { name: 'spatial', step: 2, changes: [] };
  await writeFile(join(fork, 'manifest.json'), JSON.stringify({ ...manifest, parent }));
  for (const step of ['000001', '000002']) await rm(join(fork, 'traces', `step-${step}.jsonl`));
  const { traced, untraced, verification } = await verifyRun(fork, undefined);
  expect(traced[0]).toBe(3);
  expect(untraced).toBe(0);
  expect(verification.isVerified).toBe(true);
});

/** What verify finds in a copy of a run of which a file was changed. */
async function foundAfter(
  name: string,
  file: string,
  change: (bytes: Buffer) => Buffer | string,
): Promise<string[]> {
  const copy = await mkdtemp(join(project, 'changed-'));
  await cp(runOf(name), copy, { recursive: true });
  const path = join(copy, file);
  await writeFile(path, change(await readFile(path)));
  const { verification } = await verifyRun(copy, undefined);
  expect(verification.isVerified).toBe(false);
  return verification.found.map(deviationText);
}

/** Changes one line of a file of JSON. */
const inLine =
  <Row>(at: number, change: (row: Row) => void) =>
  (bytes: Buffer): string => {
    const lines = bytes.toString().trimEnd().split('\n');
    const row = JSON.parse(lines[at]!) as Row;
    change(row);
    lines[at] = JSON.stringify(row);
    return `${lines.join('\n')}\n`;
  };

type Change = (completion: TracedCompletion) => void;

/** Changes a completion of a mirror that was trained on: one whose tokens are not kept, if asked. */
async function foundIn(name: string, areKept: boolean, change: Change): Promise<string[]> {
  const isMeant = (completion: TracedCompletion) =>
    completion.updates !== undefined &&
    completion.advantage !== 0 &&
    Boolean(completion.segments[0]!.tokens) === areKept;
  const meant = ({ views }: TracedPair) => views[1]?.group.find(isMeant);
  const number = (await readTraces(runOf(name), 2)).findIndex(meant);
  const inPair = inLine<TracedPair>(number, (pair) => change(meant(pair)!));
  return foundAfter(name, 'traces/step-000002.jsonl', inPair);
}

describe('verifyRun on a changed run', () => {
  const place = /^step 2, pair \d+ \(row "[^"]+"\), view mirror, completion \d+/;

  it.each<[string, RegExp, Change]>([
    ['a reward', /: reward is/, (it) => (it.reward! += 1e-4)],
    ['an advantage', /: advantage is/, (it) => (it.advantage! += 1e-4)],
    ['a penalty', /: penalty is/, (it) => (it.penalty! += 1e-4)],
    ['an answer', /: answer is/, (it) => (it.answer_text = 'elsewhere')],
    ['a format', /: format is/, (it) => (it.rewards.format!.value = 1 - it.rewards.format!.value)],
    ['a share of the loss', /update 1: loss of a completion is/, (it) => (it.updates![0]!.loss += 1e-3)],
    ['a sum of weights', /update 1: weights is/, (it) => (it.updates![0]!.weights -= 1e-3)],
    ['missing sums', /update 1: sums of the loss is recorded as none/, (it) => delete it.updates],
  ])('reports the place of a changed value: %s', async (_, quantity, change) => {
    for (const [first] of [await foundIn('spatial', true, change), await foundIn('refill', false, change)]) {
      expect(first).toMatch(quantity);
      expect(first).toMatch(place);
    }
  });

  it.each<[string, RegExp, RegExp, Change]>([
    [
      'a number of tokens',
      /: tokens is/,
      /: (?:weights|loss of a completion) is/,
      (it) => (it.updates![0]!.tokens += 1),
    ],
    [
      'a number of clipped tokens',
      /: clipped_high is/,
      /: weights is/,
      (it) => (it.updates![0]!.clipped_high = 2),
    ],
    [
      'a sum of ratios',
      /: ratios is/,
      /: (?:weights|loss of a completion) is/,
      (it) => (it.updates!.at(-1)!.ratios = 99),
    ],
  ])('reports %s, found by tokens or by the other sums', async (_, fromTokens, fromSums, change) => {
    const [whole] = await foundIn('spatial', true, change);
    expect(whole).toMatch(fromTokens);
    expect(whole).toMatch(place);
    const summed = await foundIn('refill', false, change);
    expect(summed[0]).toMatch(fromSums);
  });

  it('reports a changed reward after the quantity that depends on the reward', async () => {
    const found = await foundIn('spatial', true, (it) => (it.rewards.semantic!.value += 0.01));
    expect(found[0]).toMatch(/^step 2, pair \d+ \(row "[^"]+"\): delta is recorded as/);
    expect(found.some((line) => place.test(line) && line.includes('reward is'))).toBe(true);
  });

  it('reports the place of a changed log-probability of a token', async () => {
    const [{ views }] = (await readTraces(runOf('spatial'), 2)) as [TracedPair];
    const { at, n } = views[0]!.group[1]!.segments[0]!.update_logprobs![0]!;
    const [first] = await foundAfter('spatial', 'traces/step-000002.bin', (bytes) => {
      bytes.writeFloatLE(bytes.readFloatLE(at + 4 * (n - 1)) - 0.01, at + 4 * (n - 1));
      return bytes;
    });
    expect(first).toMatch(
      /^step 2, pair 0 .* view original, completion 1, update 1: logprobs is recorded as/,
    );
  });

  it('reports the place of truncated arrays', async () => {
    const [first] = await foundAfter('spatial', 'traces/step-000002.bin', (bytes) => bytes.subarray(0, 8));
    expect(first).toMatch(/pair 0 .* completion 0, update 1: arrays/);
  });

  it('reports the place of a removed pair', async () => {
    const [first] = await foundAfter('spatial', 'traces/step-000002.jsonl', (bytes) =>
      bytes.toString().replace(/^.*\n/, ''),
    );
    expect(first).toMatch(/^step 2: groups_drawn is recorded as/);
  });

  it('reports the place of a changed metric', async () => {
    const change = inLine<Record<string, number>>(1, (row) => (row.loss! += 1e-3));
    expect(await foundAfter('spatial', 'metrics.jsonl', change)).toEqual([
      expect.stringMatching(/^step 2: loss is recorded as/),
    ]);
  });

  it('reports the place of a changed loss of a target', async () => {
    const change = inLine<{ loss: number }>(0, (row) => (row.loss *= 1.001));
    const [first] = await foundAfter('sft', 'traces/step-000002.targets.jsonl', change);
    expect(first).toMatch(/^step 2, row "[^"]+", view original: loss of a target is recorded as/);
  });

  it('reports a changed setting', async () => {
    const [first] = await foundAfter('spatial', 'run.yaml', (bytes) =>
      bytes.toString().replace('beta: 0.04', 'beta: 0.05'),
    );
    expect(first).toMatch(/update 1: (?:weights|loss of a completion) is recorded/);
  });
});

it('verifyRun: reports missing sums of a logged loss', async () => {
  const copy = await mkdtemp(join(project, 'without-sums-'));
  await cp(runOf('spatial'), copy, { recursive: true });
  for (const step of await tracedSteps(copy)) {
    const file = join(copy, 'traces', `step-00000${step}.jsonl`);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(/,"updates":\[.*?\](?=\})/g, ''));
  }
  const { verification } = await verifyRun(copy, undefined);
  expect(verification.isVerified).toBe(false);
  expect(verification.found.map(({ quantity }) => quantity)).toContain('loss');
});

it('verifyRun: rejects a run from before version 0.1.0', async () => {
  const copy = await mkdtemp(join(project, 'older-'));
  await cp(runOf('spatial'), copy, { recursive: true });
  const file = join(copy, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...manifest, identity: undefined }));
  await expect(verifyRun(copy, undefined)).rejects.toThrow('is from a Chirality version before 0.1.0');
});

it('report and runs: show a run as verified until one of its files changes', async () => {
  const said = async () => {
    const { stdout } = await chirality(project, 'runs', 'spatial');
    const report = await chirality(project, 'report', 'spatial', '--format', 'text');
    return [/Verified: .*/.exec(stdout)?.[0], /Verified runs \(.*/.exec(report.stdout)?.[0]];
  };
  await rm(join(runOf('spatial'), 'verified.json'), { force: true });
  expect(await said()).toEqual([undefined, undefined]);
  expect(await chirality(project, 'verify', 'spatial')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^advantage +\d+ +0$[^]*^Verified: 4 steps, \d+ completions\.$/m),
  });
  expect(await said()).toEqual([
    'Verified: 4 steps, recomputed from the folder.',
    expect.stringMatching(/^Verified runs \(recomputed .*\): spatial \(4 steps\)\.$/),
  ]);
  const change = inLine<Record<string, number>>(0, (row) => (row.kl! += 1e-3));
  const metrics = join(runOf('spatial'), 'metrics.jsonl');
  await writeFile(metrics, change(await readFile(metrics)));
  expect(await said()).toEqual([undefined, undefined]);
  expect(await chirality(project, 'verify', 'spatial', '--json')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/"verified":false.*"deviations":\[\{"step":1,"quantity":"kl"/),
  });
});
