import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runDescription } from '../../../src/extension/run-text.ts';
import { listRuns } from '../../../src/lab/runs/listed-runs.ts';
import { findSource } from '../../../src/lab/foreign/known.ts';
import { readOrigin } from '../../../src/lab/traces/run-steps.ts';
import { ForeignCurves } from '../../../src/panels/run/run-foreign.reads.ts';
import { RunReader } from '../../../src/panels/run/run-own.reads.ts';
import { tracedRewards } from '../../../src/panels/run/run-spread.reads.ts';
import { Traces } from '../../../src/panels/trace/trace.reads.ts';
import { quiet } from '../../support/call.ts';
import { runsIn } from '../../support/listed-runs.ts';
import { folderOfTests } from '../../support/folder.ts';
import { isResumable, isOurs, kindOf } from '../../../src/panels/host/run-list.host.ts';
import { slowly } from '../../support/slow.ts';

const CLI = join(process.cwd(), 'dist/cli.js');
const TRL = join(process.cwd(), 'test/fixtures/foreign-runs/trl-1.16');

const folder = folderOfTests('chirality-imported-');
let runs: string;
const run = (...args: string[]) =>
  execFileSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
const refused = (...args: string[]) =>
  spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8' });

beforeAll(() => {
  runs = join(folder, 'runs');
  run('import', TRL, '-o', 'runs/theirs', '--right', 'accuracy_reward', '--quiet');
});

describe('imported run', () => {
  test('runs lists an imported run with its origin and last step', async () => {
    expect(run('runs')).toMatch(/^theirs +imported +4 +\S+ \S+ +imported from TRL 1\.16\.0, step 4$/m);
    expect(JSON.parse(run('runs', '--json'))).toMatchObject({
      total: 1,
      runs: [
        { name: 'theirs', origin: { holds: 'imported from TRL 1.16.0, step 4', isCopy: true, step: 4 } },
      ],
    });
    const [found] = await runsIn([runs]);
    expect(runDescription(found!, Date.now())).toMatch(
      /^reward [\d.]+ · imported from TRL 1\.16\.0, step 4 · just now$/,
    );
    expect([kindOf(found!), isOurs(found!), isResumable(found!)]).toEqual(['imported', true, false]);
  });

  test('an imported run has curves in the Run panel, and no config error', async () => {
    const reader = new RunReader(join(runs, 'theirs'));
    expect(await reader.facts()).toMatchObject({ program: 'TRL 1.16.0', configError: null });
    const news = await reader.read();
    expect(news!.state).toMatchObject({ status: 'unknown', step: 4, steps: 0 });
    expect(news!.about).toContainEqual(['Training program', 'TRL 1.16.0']);
    expect(news!.metrics).toContain('reward');
  });

  test('an imported run has the reward percentiles of its source, without evaluation groups', async () => {
    const [copy, inPlace] = [new RunReader(join(runs, 'theirs')), new ForeignCurves(TRL)];
    for (const reader of [copy, inPlace]) await reader.read();
    const query = { dir: '', of: 'reward', x: 'step' } as const;
    const spread = await copy.spread(query);
    expect(spread).toEqual(await inPlace.spread(query));
    const own = await tracedRewards(join(runs, 'theirs'), 4);
    const trained = own.filter(({ logged_by: by }) => by === undefined);
    const rewards = trained.flatMap(({ views }) => views[0]!.group.map(({ reward }) => reward!));
    expect([own.length, trained.length]).toEqual([3, 1]);
    expect(spread!.percentiles.at(-1)).toBeCloseTo(Math.max(...rewards), 6);
  });

  test('an imported evaluation has the unknown fields of its source folder', async () => {
    run('import', join(TRL, '../skyrl'), '-o', 'out/skyrl', '--quiet');
    const from = await readOrigin(join(folder, 'out/skyrl'));
    const { dir } = (await findSource(join(TRL, '../skyrl'))) as { dir: string };
    expect({ ...from, imported: null }).toEqual(await readOrigin(dir));
  });

  test('an imported run lists fields that the program never logged as unknown', async () => {
    const query = { filter: '', text: '', sort: null };
    const { unknown } = await new Traces().traces({ run: join(runs, 'theirs'), query }, quiet);
    expect(unknown).toEqual(expect.arrayContaining(['verdict', 'delta', 'kept']));
    expect(unknown).not.toContain('accuracy');
  });

  test('an imported run supports --what-if like its source folder', () => {
    expect(run('trace', 'theirs', '--what-if', 'format_reward=2')).toContain('4 traced steps');
  });

  // Inspect asks all questions, then all of them again.
  slowly.each(['inspect-0.3', 'verl-0.9'])('an import of %s has the pairs of its source folder', (name) => {
    run('import', join(TRL, '..', name), '-o', `out/${name}`, '--quiet');
    expect(run('trace', `out/${name}`)).toBe(run('trace', join(TRL, '..', name)));
  });

  slowly('an imported run without completions states the reason', () => {
    const source = join(TRL, '../tensorboard-2.21/run-a');
    run('import', source, '-o', 'out/curves', '--quiet');
    for (const name of [source, 'out/curves'])
      expect(refused('trace', name).stderr).toContain(
        'has no completions. Event files contain curves but no completions.',
      );
  });

  test('an imported run includes images of the program’s files, one per group', async () => {
    run('import', join(TRL, '../prime-rl'), '-o', 'out/prime', '--quiet');
    expect((await readdir(join(folder, 'out/prime/embedded'))).sort()).toEqual([
      '0-1-0-0.png',
      '0-4-0-0.png',
      '1-1-0-0.png',
    ]);
  });

  slowly('an imported run is complete or absent after an interrupted import', async () => {
    // Lets the program end in the midst of the copy, before its manifest is in place.
    const hook = join(folder, 'hook.mjs');
    const ends = async (how: string) => {
      await writeFile(
        hook,
        `import fs from 'node:fs/promises';
         import { syncBuiltinESMExports } from 'node:module';
         const rename = fs.rename;
         fs.rename = async (from, to) => {
           if (String(to).endsWith('manifest.json')) ${how};
           await rename(from, to);
         };
         syncBuiltinESMExports();`,
      );
      const args = ['--import', hook, CLI, 'import', TRL, '-o', 'half/theirs', '--quiet'];
      return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    };
    const inside = () => readdir(join(folder, 'half'));
    expect((await ends("throw new Error('full')")).status).toBe(1);
    expect(await inside()).toEqual([]);
    expect((await ends("process.kill(process.pid, 'SIGKILL')")).signal).toBe('SIGKILL');
    const [left, ...others] = await inside();
    expect([left, others]).toEqual([expect.stringMatching(/^\.theirs\..*\.tmp$/), []]);
    await writeFile(join(folder, 'half', left!, 'run.yaml'), 'recipe: imported\n');
    expect(await listRuns(join(folder, 'half'))).toEqual([]);
    run('import', TRL, '-o', 'half/theirs', '--quiet');
    expect(await inside()).toEqual(['theirs']);
  });

  test('trace reports a missing path of an imported run, and a step without completions', () => {
    expect(refused('import', 'no/such', '--dry-run').stderr).toContain('no/such does not exist.');
    expect(refused('trace', TRL, '--step', '99').stderr).toMatch(
      /has no completions\.\n +Of steps 1 to 4, 4 have completions\.\n/,
    );
    const curves = join(TRL, '../tensorboard-2.21');
    expect(refused('trace', curves, '--step', '1').stderr).toContain('Event files contain curves');
  });

  slowly.each([
    ['stop', 'stopped'],
    ['resume', 'resumed'],
    ['eval', 'evaluated'],
  ])('import rejects %s with an explanation', (command, what) => {
    const { status, stderr } = refused(command, 'theirs');
    expect(status).toBe(1);
    expect(stderr).toContain(`theirs was imported from TRL 1.16.0. It can be read but not ${what}.`);
  });

  test('an external folder rejects stop and resume, and stays unchanged', async () => {
    await cp(TRL, join(folder, 'out'), { recursive: true });
    const before = await readdir(join(folder, 'out'));
    for (const command of ['stop', 'resume'])
      expect(refused(command, 'out').stderr).toContain('out is an external run');
    expect(await readdir(join(folder, 'out'))).toEqual(before);
  });

  test('runs reports an imported run with an unreadable manifest, and lists the other runs', async () => {
    await cp(join(runs, 'theirs'), join(runs, 'broken'), { recursive: true });
    await writeFile(join(runs, 'broken', 'manifest.json'), '{"origin": {"kind": "trl"}}');
    const found = await listRuns(runs);
    expect(found.map(({ name }) => name).sort()).toEqual(['broken', 'theirs']);
    expect(found.find(({ name }) => name === 'broken')!.error).toMatch(/manifest\.json.*origin/s);
  });
});

test('import: writes no image outside its folder, with any log contents', async () => {
  const dir = join(folder, 'hostile', 'reviews', 'm');
  await mkdir(dir, { recursive: true });
  const review = join(process.cwd(), 'test/fixtures/foreign-runs/evalscope-1.14/20261122_004000/reviews');
  const [plain, inside] = (
    await readFile(join(review, 'Qwen2.5-VL-3B-Instruct', 'worlds_default.jsonl'), 'utf8')
  ).split('\n');
  const lines = [
    plain!.replace('images/000001.png', '../hostile/victim.png'),
    inside!.replace('"index": 1', '"index": "/../../../stray"'),
  ];
  await writeFile(join(dir, 'worlds_default.jsonl'), `${lines.join('\n')}\n`);
  await cp(
    join(process.cwd(), 'test/fixtures/foreign-runs/data/images/000002.png'),
    join(folder, 'hostile', 'victim.png'),
  );
  const out = join(folder, 'evals', 'hostile');
  await mkdir(out, { recursive: true });
  const { stderr } = refused('import', 'hostile', '-o', 'evals/hostile/copy');
  expect(stderr).toContain('Excluded ../hostile/victim.png');
  expect(await readdir(out)).toEqual(['copy']);
  expect(await readdir(join(folder, 'evals'))).toEqual(['hostile']);
  expect(await readdir(join(out, 'copy', 'embedded'))).toEqual([expect.stringMatching(/stray-0\.png$/)]);
});
