import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCORING_RULES } from '../../../src/core/answers/score.ts';
import { LATEST_RULES } from '../../../src/core/rewards/advantages.ts';
import type { EvaluationResult } from '../../../src/core/evaluation/results.ts';
import { isRecording, neutralFiles, openProject, PROJECT, record, type Files } from './files.ts';
import { chirality, makeProject } from './project.ts';

const temporary = async () => realpath(await mkdtemp(join(tmpdir(), 'chirality-recorded-')));

let recorded: Files;
/** Made anew by this build. */
let made: string;
let now: Files;
let checksummed: string[];
beforeAll(async () => {
  made = await temporary();
  await makeProject(made);
  now = await neutralFiles(made);
  checksummed = takeChecksums(now);
  // What is compared is recorded: files of earlier builds stay files of earlier builds.
  if (isRecording)
    await record(new Map([...now].map(([path, bytes]) => [path, withoutNew(path, bytes)])), PROJECT);
  recorded = await neutralFiles(PROJECT);
}, 600_000);
afterAll(() => rm(made, { recursive: true, force: true }));

/** Takes out what checkpoints hold since they were recorded; the recorded ones load without. @returns their folders */
function takeChecksums(files: Files): string[] {
  const paths = [...files.keys()].filter((path) => path.endsWith('/checksums.json'));
  for (const path of paths) files.delete(path);
  return paths.map(dirname);
}

const part = (files: Files, name: string): Files =>
  new Map([...files].filter(([path]) => path.startsWith(`${name}/`)));

/** What runs that begin now say in their manifests, and what nobody knew to say when the others were recorded. */
const RULES = `  "assessment_rules": ${LATEST_RULES},\n`;
/** How many rows have no opposite question: an evaluation says so since it takes any views. */
const LACKING = '{\n      "no polarity": 3\n    }';
/** A margin of a family of questions that worlds did not have, and still draw only when asked. */
const PLANE = '    "plane": 0.12,\n';
/** Evaluations say by which rules their answers are scored; those recorded before are read as version 1. */
const SCORED_BY = `  "scoring_rules": ${SCORING_RULES},\n`;
/** Runs say on what machine they began. */
const HARDWARE = '  "hardware": "0",\n';
const withoutNew = (path: string, bytes: Buffer): Buffer => {
  if (path.endsWith('/manifest.json'))
    return Buffer.from(
      [RULES, PLANE, SCORED_BY, HARDWARE].reduce(
        (text, line) => text.replace(line, ''),
        bytes.toString().replace(LACKING, '{}'),
      ),
    );
  return path.endsWith('/results.json') ? withoutNewFigures(bytes) : bytes;
};

/**
 * Takes out the shares of pairs of each kind of rows, which evaluations had for all rows only, and those of measurements
 * within 10 %.
 */
function withoutNewFigures(bytes: Buffer): Buffer {
  const results = JSON.parse(bytes.toString()) as EvaluationResult[];
  const isNew = ({ slice, view, task, metric }: EvaluationResult) =>
    metric === 'within_10' || (slice && view === null && task === 'all');
  return Buffer.from(
    `${JSON.stringify(
      results.filter((figure) => !isNew(figure)),
      null,
      2,
    )}\n`,
  );
}

/** Compares names first, then texts line by line, so that a failure shows what changed; what is new is left out. */
function expectSame(now: Files, recorded: Files): void {
  expect(recorded.size).toBeGreaterThan(0);
  expect([...now.keys()]).toEqual([...recorded.keys()]);
  for (const [path, bytes] of recorded) {
    const made = withoutNew(path, now.get(path)!);
    if (made.equals(bytes)) continue;
    expect(made.toString().split('\n'), path).toEqual(bytes.toString().split('\n'));
    expect.fail(`${path} has other bytes.`);
  }
}

describe('what was recorded is written again, byte for byte', () => {
  const runs = ['sft', 'sft-stages', 'grpo', 'spatial', 'stages', 'refill', 'skip'];
  it.each([...runs.map((name) => `runs/${name}`), 'evals', 'sweeps', 'train', 'val', 'data', 'edits'])(
    '%s',
    (name) => expectSame(part(now, name), part(recorded, name)),
  );

  it('but that GRPO runs name the rules by which they are assessed', () => {
    const manifests = [...now].filter(([path]) => /runs\/[^/]+\/manifest\.json$/.test(path));
    expect(manifests.length).toBeGreaterThan(runs.length);
    for (const [path, bytes] of manifests) {
      const { recipe, assessment_rules } = JSON.parse(bytes.toString()) as Record<string, unknown>;
      expect(assessment_rules, path).toBe(recipe === 'grpo' ? LATEST_RULES : undefined);
    }
  });

  it('and that evaluations count the rows which lack a view', () => {
    const manifest = now.get('runs/grpo/eval/step-000002/manifest.json')!.toString();
    expect(manifest).toContain(LACKING);
  });

  it('and that worlds name the margin of a family that came later', () => {
    for (const name of ['train', 'val'])
      expect(now.get(`${name}/manifest.json`)!.toString()).toContain(PLANE);
  });

  it('and checksums in every checkpoint, which were not recorded yet', () => {
    const checkpoints = [...recorded.keys()].filter((path) => path.endsWith('/loop.json')).map(dirname);
    expect(checksummed).toEqual(checkpoints);
  });

  it('and nothing else', () => {
    expect([...now.keys()]).toEqual([...recorded.keys()]);
  });
});

it.each([
  ['goes on from its checkpoint as if it had never stopped', 'spatial', 'step-000004'],
  ['begins again where it had no checkpoint, by the rules that it began with', 'skip', 'step-000002'],
])('a recorded run %s', async (_, name, lost) => {
  const folder = await temporary();
  await openProject(folder);
  const dir = join(folder, 'runs', name);
  await rm(join(dir, 'checkpoints', lost), { recursive: true });
  // Git keeps no empty folders.
  for (const empty of ['logs', 'control']) await mkdir(join(dir, empty));
  const state = await readFile(join(dir, 'state.json'), 'utf8');
  await writeFile(join(dir, 'state.json'), state.replace('"finished"', '"stopped"'));
  await chirality(folder, 'resume', name);
  const events = `runs/${name}/events.jsonl`;
  const resumed = await neutralFiles(folder);
  takeChecksums(resumed);
  const told = resumed.get(events)!.toString();
  expect(told.includes('Going on from the checkpoint of step 2.')).toBe(name === 'spatial');
  resumed.set(events, recorded.get(events)!);
  // `resume` names the folder by its whole path, `train` by that of the project.
  const manifest = `runs/${name}/manifest.json`;
  const text = resumed.get(manifest)!.toString();
  resumed.set(manifest, Buffer.from(text.replace(`"/project/runs/${name}"`, `"runs/${name}"`)));
  expectSame(part(resumed, `runs/${name}`), part(recorded, `runs/${name}`));
  await rm(folder, { recursive: true });
});
