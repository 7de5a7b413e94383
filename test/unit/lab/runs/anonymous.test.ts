import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { identityIn, isPath, withoutIdentity, copyAnonymously } from '../../../../src/lab/runs/anonymous.ts';
import { listRuns } from '../../../../src/lab/runs/listed-runs.ts';
import { readTraces } from '../../../../src/lab/runs/trace-files.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-anonymous-');

const NAMES = ['/home/mira', 'tower7', 'mira'];
const recorded = join(import.meta.dirname, '../../../fixtures/recorded/project/runs/spatial');
const own = join(folder, 'spatial');
const copied = join(folder, 'supplement', 'a');

beforeAll(async () => {
  cpSync(recorded, own, { recursive: true });
  // As it would stand on somebody's machine.
  for (const file of [
    'manifest.json',
    'run.yaml',
    'state.json',
    'events.jsonl',
    'eval/step-000002/manifest.json',
  ]) {
    const path = join(own, file);
    if (!existsSync(path)) continue;
    const text = readFileSync(path, 'utf8')
      .replaceAll('/project', '/home/mira/work')
      .replaceAll('"host": "0"', '"host": "tower7"');
    writeFileSync(path, text);
  }
  writeFileSync(join(own, 'notes.md'), 'Ask Mira.');
  const event = {
    step: 1,
    time: '2026-01-01T00:00:00Z',
    kind: 'resume',
    message: 'Was on tower7 in /home/mira/work/x/y.yaml.',
  };
  writeFileSync(join(own, 'events.jsonl'), `${JSON.stringify(event)}\n`);
  await copyAnonymously(own, copied, NAMES);
});

const everything = (): string =>
  readdirSync(copied, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.bin'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');

test('copyAnonymously: removes user, folder and machine names from a run', () => {
  const text = everything();
  expect(identityIn(text, { root: '/home/mira/work', names: NAMES })).toEqual([]);
  expect(text).not.toContain('/home');
  expect(JSON.parse(readFileSync(join(copied, 'manifest.json'), 'utf8'))).toMatchObject({
    name: 'a',
    host: 'anonymous',
    argv: [],
    git: null,
    data_root: '.',
    data: [{ path: expect.stringMatching(/^[^/\\]/) }],
  });
  expect(readFileSync(join(copied, 'events.jsonl'), 'utf8')).toContain('Was on anonymous in x/y.yaml.');
  expect(readdirSync(copied)).not.toContain('notes.md');
  expect(readdirSync(copied)).not.toContain('checkpoints');
});

test('copyAnonymously: writes a finished run with the same pairs and metrics', async () => {
  const [run] = await listRuns(join(folder, 'supplement'));
  expect(run).toMatchObject({ name: 'a', state: { status: 'finished', host: 'anonymous' } });
  for (const file of ['metrics.jsonl', 'timings.jsonl', 'traces/step-000001.jsonl', 'traces/step-000001.bin'])
    expect(readFileSync(join(copied, file)).equals(readFileSync(join(recorded, file))), file).toBe(true);
  expect(await readTraces(copied, 1)).toEqual(await readTraces(own, 1));
});

test("copyAnonymously: keeps a name in a model's text, and reports file and line", async () => {
  const file = join(own, 'eval/step-000002/rows.jsonl');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"text":"/, '"text":"Mira says '));
  const { found } = await copyAnonymously(own, join(folder, 'said'), NAMES);
  expect(found).toEqual([{ file: join('eval', 'step-000002', 'rows.jsonl'), line: 1, names: ['mira'] }]);
});

test('copyAnonymously: leaves no files after a failure', async () => {
  const broken = join(folder, 'broken');
  cpSync(own, broken, { recursive: true });
  writeFileSync(join(broken, 'events.jsonl'), '{\n');
  await expect(copyAnonymously(broken, join(folder, 'left', 'a'), NAMES)).rejects.toThrow('events.jsonl');
  expect(readdirSync(join(folder, 'left'))).toEqual([]);
});

test('copyAnonymously: removes the hosts recorded in the run', async () => {
  const run = join(folder, 'own-hosts');
  cpSync(own, run, { recursive: true });
  const change = (file: string, from: string | RegExp, to: string) =>
    writeFileSync(join(run, file), readFileSync(join(run, file), 'utf8').replace(from, to));
  change('manifest.json', /"host": ".*?"/, '"host": "gpu17"');
  change('state.json', /"host": ".*?"/, '"host": "gpu18"');
  change('run.yaml', /^engine:\n/m, 'engine:\n  host: node3.uni-x.edu\n');
  change('events.jsonl', 'tower7', 'gpu17 and gpu18 (http://gpu19.uni-x.edu:8000/v1)');
  const to = join(folder, 'own-hosts-copied');
  await copyAnonymously(run, to, []);
  for (const file of ['run.yaml', 'events.jsonl'])
    expect(readFileSync(join(to, file), 'utf8'), file).not.toMatch(/gpu1|uni-x|host/);
});

test.each([
  ['/home/mira/my pictures/1.png', true],
  ['file:///home2/mueller/x y.png', true],
  ['images/1.png', true],
  ['/ left of the car. It is near.', false],
  ['The cup is on the left.', false],
])('isPath(%j): returns %j', (text, is) => {
  expect(isPath(text)).toBe(is);
});

test('copyAnonymously: rejects a non-empty folder', async () => {
  await expect(copyAnonymously(own, copied, NAMES)).rejects.toThrow('is not empty');
});

test.each([
  ['/home/mira/work/data/a.qa.jsonl', 'data/a.qa.jsonl'],
  ['/mnt/models/Qwen2.5-VL-3B', 'Qwen2.5-VL-3B'],
  ['C:\\Users\\mira\\rows.jsonl', 'rows.jsonl'],
  ['\\\\server\\share\\rows.jsonl', 'rows.jsonl'],
  ['http://tower7.example:8000/v1', 'address'],
  ['Read /home/mira/work/data/x.json (12 rows).', 'Read data/x.json (12 rows).'],
  ['Started by Mira on TOWER7.', 'Started by anonymous on anonymous.'],
  ['<think>a/b</think> left and/or right, 1/2', '<think>a/b</think> left and/or right, 1/2'],
  ['{question}', '{question}'],
  ['The server http://tower8.lab:8000/v1/x is lost.', 'The server address is lost.'],
  ['file:///home2/mueller/x y.png', 'address'],
  ['Read /home/schäfer/bilder/1.png.', 'Read 1.png.'],
])('withoutIdentity: replaces %j by %j', (text, plain) => {
  expect(withoutIdentity(text, { root: '/home/mira/work', names: NAMES })).toBe(plain);
});
