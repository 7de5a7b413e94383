import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isRecording, neutralFiles, openProject, PROJECT, record, type Files } from './files.ts';
import { chirality, makeProject } from './project.ts';
import { isSlow, slowly } from '../../support/slow.ts';

const temporary = async () => realpath(await mkdtemp(join(tmpdir(), 'chirality-recorded-')));

let recorded: Files;
/** Made again by this build, in the slow tests; the others resume two of its runs. */
const isMade = isSlow || isRecording;
let made: string;
let now: Files;
beforeAll(async () => {
  if (isMade) {
    made = await temporary();
    await makeProject(made);
    now = await neutralFiles(made);
  }
  if (isRecording) await record(now, PROJECT);
  recorded = await neutralFiles(PROJECT);
}, 600_000);
afterAll(() => isMade && rm(made, { recursive: true, force: true }));

const part = (files: Files, name: string): Files =>
  new Map([...files].filter(([path]) => path.startsWith(`${name}/`)));

/** Compares names first, then texts line by line, so that a failure shows what changed. */
function expectSame(now: Files, recorded: Files): void {
  expect(recorded.size).toBeGreaterThan(0);
  expect([...now.keys()]).toEqual([...recorded.keys()]);
  for (const [path, bytes] of recorded) {
    const made = now.get(path)!;
    if (made.equals(bytes)) continue;
    expect(made.toString().split('\n'), path).toEqual(bytes.toString().split('\n'));
    expect.fail(`${path} has other bytes.`);
  }
}

const runs = ['sft', 'sft-stages', 'grpo', 'spatial', 'stages', 'refill', 'skip'];
slowly.each([...runs.map((name) => `runs/${name}`), 'evals', 'sweeps', 'train', 'val', 'data', 'edits'])(
  'recorded files equal the newly written files byte for byte: %s',
  (name) => expectSame(part(now, name), part(recorded, name)),
);

slowly('the recorded project includes no additional file', () => {
  expect([...now.keys()]).toEqual([...recorded.keys()]);
});

it.each([
  ['continues from its checkpoint without a difference', 'spatial', 'step-000004'],
  ['starts over without a checkpoint', 'skip', 'step-000002'],
])('resumed run: %s', async (_, name, lost) => {
  const folder = await temporary();
  await openProject(folder);
  const dir = join(folder, 'runs', name);
  await rm(join(dir, 'checkpoints', lost), { recursive: true });
  // Git keeps no empty folders.
  for (const empty of ['logs', 'control']) await mkdir(join(dir, empty));
  const state = await readFile(join(dir, 'state.json'), 'utf8');
  await writeFile(join(dir, 'state.json'), state.replace('"finished"', '"stopped"'));
  await chirality(folder, 'resume', name, '--force');
  const events = `runs/${name}/events.jsonl`;
  const resumed = await neutralFiles(folder);
  const told = resumed.get(events)!.toString();
  expect(told.includes('Resumed from the checkpoint of step 2.')).toBe(name === 'spatial');
  resumed.set(events, recorded.get(events)!);
  // `resume` names the folder by its whole path, `train` by that of the project.
  const manifest = `runs/${name}/manifest.json`;
  const text = resumed.get(manifest)!.toString();
  resumed.set(manifest, Buffer.from(text.replace(`"/project/runs/${name}"`, `"runs/${name}"`)));
  expectSame(part(resumed, `runs/${name}`), part(recorded, `runs/${name}`));
  await rm(folder, { recursive: true });
});
