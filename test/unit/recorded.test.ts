import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  chirality,
  makeProject,
  neutralFiles,
  openProject,
  PROJECT,
  record,
  RUNS,
} from '../support/recorded.ts';

/** Paths of a folder's files, and which of them differ from those of another one. */
type Files = Map<string, Buffer>;

const part = (files: Files, name: string): Files =>
  new Map([...files].filter(([path]) => path.startsWith(`${name}/`)));

/** Compares names first, then texts line by line, so that a failure shows what changed. */
function expectSame(now: Files, recorded: Files): void {
  expect(recorded.size).toBeGreaterThan(0);
  expect([...now.keys()]).toEqual([...recorded.keys()]);
  for (const [path, bytes] of recorded) {
    if (now.get(path)!.equals(bytes)) continue;
    expect(now.get(path)!.toString().split('\n'), path).toEqual(bytes.toString().split('\n'));
    expect.fail(`${path} has other bytes.`);
  }
}

const temporary = async () => realpath(await mkdtemp(join(tmpdir(), 'chirality-recorded-')));

let recorded: Files;
/** Made anew by this build. */
let made: string;
let now: Files;
/** What was recorded, to be read. */
let old: string;
beforeAll(async () => {
  [made, old] = [await temporary(), await temporary()];
  await makeProject(made);
  now = await neutralFiles(made);
  if (process.env.CHIRALITY_RECORD === '1') await record(made);
  recorded = await neutralFiles(PROJECT);
  await openProject(old);
}, 300_000);
afterAll(async () => {
  for (const folder of [made, old]) await rm(folder, { recursive: true, force: true });
});

describe('what was recorded is written again, byte by byte', () => {
  it.each(['train', 'val', ...RUNS.map((name) => `runs/${name}`)])('%s', (name) => {
    expectSame(part(now, name), part(recorded, name));
  });

  it('and nothing else', () => {
    expect([...now.keys()]).toEqual([...recorded.keys()]);
  });
});

it('a recorded run goes on from its checkpoint as if it had never stopped', async () => {
  const dir = join(old, 'runs/spatial');
  await rm(join(dir, 'checkpoints/step-000004'), { recursive: true });
  // Git keeps no empty folders.
  for (const empty of ['logs', 'control']) await mkdir(join(dir, empty), { recursive: true });
  const state = await readFile(join(dir, 'state.json'), 'utf8');
  await writeFile(join(dir, 'state.json'), state.replace('"finished"', '"stopped"'));
  await chirality(old, 'resume', 'spatial');
  const events = 'runs/spatial/events.jsonl';
  const resumed = await neutralFiles(old);
  expect(resumed.get(events)!.toString()).toContain('Going on from the checkpoint of step 2.');
  resumed.set(events, recorded.get(events)!);
  expectSame(part(resumed, 'runs/spatial'), part(recorded, 'runs/spatial'));
});
