import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { RunState } from '../../../../src/lab/runs/run-folder.ts';
import type { ReportDocument } from '../../../../src/core/reports/document.ts';
import { signalGroup } from '../../../../src/lab/files/process.ts';
import { readState } from '../../../../src/lab/runs/state.ts';
import { chirality, CLI, fingerprint, startWork, tinyProject } from '../recipes/cli.ts';
import { isSlow } from '../../../support/slow.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-sweep-');
let first: { code: number; stdout: string; stderr: string };

/** A stage, and two cells that start from it. */
const sweep = (more: object = {}) => ({
  about: 'What η does.',
  make: { val: 'worlds --count 6 --style compact --size 32 --families side' },
  base: {
    init: 'see',
    recipe: 'grpo',
    steps: 3,
    batch: { rows: 2 },
    sampling: { group_size: 3, max_tokens: 24 },
    rewards: { format: { weight: 0.5 }, semantic: { weight: 0.5 } },
    data: { train: 'train/data.qa.jsonl', eval: { val: 'val' }, root: '/' },
    evaluate: { every: 2, max_tokens: 24 },
    checkpoint: { every: 1 },
  },
  vary: { 'coupling.eta': [0, 1] },
  compare: { set: 'val', metric: 'consistent' },
  also: [{ set: 'val', view: 'mirror' }],
  ...more,
});

beforeAll(async () => {
  await tinyProject(folder);
  const { engine, target, batch, optimizer } = parse(
    await readFile(join(folder, 'sft.run.yaml'), 'utf8'),
  ) as Record<string, object>;
  const stages = { see: { recipe: 'sft', steps: 2, target, batch, optimizer } };
  const whole = sweep({ stages });
  await writeFile(join(folder, 'eta.sweep.yaml'), stringify({ ...whole, base: { engine, ...whole.base } }));
  first = await chirality(folder, 'sweep', 'eta.sweep.yaml');
});

const at = (...path: string[]) => join(folder, 'sweeps', ...path);
const RUNS = ['eta-0-seed-0', 'eta-1-seed-0', 'see-seed-0'];
const states = async (name: string): Promise<Record<string, RunState | null>> =>
  Object.fromEntries(
    await Promise.all(RUNS.map(async (run) => [run, await readState(at(name, 'runs', run))] as const)),
  );

describe('chirality sweep', () => {
  it('a sweep runs the stage, then each condition from its checkpoint, as ordinary runs', async () => {
    expect(first, first.stderr).toMatchObject({ code: 0 });
    expect(first.stderr).toContain('2 conditions × 1 seed, plus 1 preparatory run: 3 runs, 8 steps');
    expect(first.stderr).toContain('eta: finished. All 3 runs are finished.');
    expect((await readdir(at('eta', 'runs'))).sort()).toEqual(RUNS);
    const config = parse(await readFile(at('eta', 'runs', 'eta-1-seed-0', 'run.yaml'), 'utf8')) as object;
    expect(config).toMatchObject({
      init: at('eta', 'runs', 'see-seed-0', 'checkpoints', 'step-000002'),
      coupling: { eta: 1 },
      data: {
        train: join(folder, 'train/data.qa.jsonl'),
        eval: { val: at('eta', 'data', 'val', 'data.qa.jsonl') },
      },
    });
    expect((await chirality(folder, 'runs', '--runs', at('eta', 'runs'))).stdout).toMatch(
      /eta-0-seed-0 +finished +3\/3/,
    );
    expect((await chirality(folder, 'sweep', 'status', 'eta')).stdout).toMatch(/see-seed-0 +finished +2\/2/);
  });

  it('attach lists the unfinished runs of the sweep, with the command that continues it', async () => {
    await cp(at('eta'), at('cut'), { recursive: true });
    await rm(at('cut', 'runs', 'eta-1-seed-0', 'state.json'));
    const ended = (sweep: string) =>
      chirality(folder, 'attach', 'eta-0-seed-0', '--runs', at(sweep, 'runs')).then(({ stderr }) => stderr);
    expect(await ended('cut')).toContain(
      'Unfinished runs of the sweep: eta-1-seed-0. To continue the sweep, use `chirality sweep eta.sweep.yaml --name cut`.',
    );
    expect(await ended('eta')).not.toContain('Unfinished');
  });

  it('a sweep reports the comparison in every format', async () => {
    const report = JSON.parse(
      (await chirality(folder, 'sweep', 'report', 'eta', '--json')).stdout,
    ) as ReportDocument;
    expect(report.lead.slice(0, 2)).toEqual(['2 conditions × 1 seed: all 2 runs finished.', 'What η does.']);
    const results = JSON.parse(
      await readFile(at('eta', 'runs', 'eta-1-seed-0', 'eval', 'step-000003', 'results.json'), 'utf8'),
    ) as { set: string; metric: string; view: string | null; task: string; value: number }[];
    const found = (metric: string, view: string | null) =>
      100 * results.find((row) => row.task === 'all' && row.metric === metric && row.view === view)!.value;
    const [cells] = report.sections[0]!.tables;
    expect(cells!.rows[1]!.cells[2]!.value).toBeCloseTo(found('consistent', null), 9);
    expect(cells!.rows[1]!.cells[4]!.value).toBeCloseTo(found('accuracy', 'mirror'), 9);
    expect(report.sections.map(({ id }) => id)).toEqual([
      'comparison',
      'tests',
      'penalty',
      'sampling',
      'curves',
      'cost',
    ]);
    const cost = report.sections.at(-1)!.tables[0]!.rows[0]!.cells.at(-1)!.value!;
    expect(cost).toBeGreaterThan(0.02);
    expect(cost).toBeLessThan(16);
    expect((await chirality(folder, 'sweep', 'report', 'eta')).stdout).toContain('| η = 0 |');
    for (const [format, sign] of [
      ['latex', '\\begin{tabular}'],
      ['html', '<table'],
    ])
      expect((await chirality(folder, 'sweep', 'report', 'eta', '--format', format!)).stdout).toContain(sign);
    const csv = await chirality(folder, 'sweep', 'report', 'eta', '--format', 'csv', '--table', 'penalty');
    expect(csv.stdout).toMatch(/^condition,η/);
  });

  it('a repeated sweep changes no finished run, and rejects another sweep with the same name', async () => {
    const before = await states('eta');
    const again = await chirality(folder, 'sweep', 'eta.sweep.yaml');
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(await states('eta')).toEqual(before);
    const text = await readFile(join(folder, 'eta.sweep.yaml'), 'utf8');
    await writeFile(join(folder, 'other.sweep.yaml'), text.replace('group_size: 3', 'group_size: 4'));
    const other = await chirality(folder, 'sweep', 'other.sweep.yaml', '--name', 'eta');
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('sampling.group_size 3 → 4') });
  });

  it('a sweep lists the commands that create missing files', async () => {
    const needs = { 'train.qa.jsonl': 'chirality convert SAT_train.parquet -o train.qa.jsonl' };
    const base = { preset: 'demo', data: { train: 'train.qa.jsonl', eval: { val: 'composed' } } };
    const make = { composed: 'graph compose graphs.qa.jsonl --count 2' };
    const text = stringify({
      needs,
      make,
      base: { ...base, data: { ...base.data, root: '.' } },
      compare: { set: 'val' },
    });
    await writeFile(join(folder, 'missing.sweep.yaml'), text);
    const { code, stderr } = await chirality(folder, 'sweep', 'missing.sweep.yaml', '--dry-run');
    expect(code).toBe(1);
    expect(stderr).toContain('These files do not exist: train.qa.jsonl, graphs.qa.jsonl.');
    expect(stderr).toContain('  train.qa.jsonl: chirality convert SAT_train.parquet -o train.qa.jsonl\n');
    expect(stderr).toContain('Create data files with `chirality convert`');
  });

  it('the dry run warns about too few rows for a new tiny model', async () => {
    const { stdout } = await chirality(folder, 'sweep', 'eta.sweep.yaml', '--dry-run', '--json');
    const { warnings } = JSON.parse(stdout) as { warnings: { message: string }[] };
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('rows are too few to train a model from scratch'),
    ]);
    expect(first.stderr).toContain(warnings[0]!.message);
  });

  if (!isSlow) return;

  it('a sweep produces the same runs after the sweep and its run are killed', async () => {
    const dir = at('killed');
    const { stderr } = await chirality(folder, 'sweep', 'eta.sweep.yaml', '--name', 'killed', '--dry-run');
    expect(stderr).toContain('3 runs');
    const started = await chirality(folder, 'sweep', 'eta.sweep.yaml', '--name', 'killed', '--json');
    const { state } = JSON.parse(started.stdout) as { state: RunState };
    // The first one is killed alone: the run that it started goes on.
    await begun(at('killed', 'runs', 'see-seed-0'));
    signalGroup(state.pid, 'SIGKILL');
    const second = startWork(dir);
    const ended = once(second, 'exit');
    const cell = await begun(at('killed', 'runs', 'eta-0-seed-0'));
    signalGroup(cell.pid, 'SIGKILL');
    signalGroup(second.pid!, 'SIGKILL');
    await ended;
    expect((await readState(dir))!.status).toBe('lost');
    const before = await states('killed');
    const last = await chirality(folder, 'sweep', 'eta.sweep.yaml', '--name', 'killed');
    expect(last, last.stderr).toMatchObject({ code: 0 });
    expect((await readdir(at('killed', 'runs'))).sort()).toEqual(RUNS);
    // What was finished is not touched again: neither its process nor its last sign of life is another.
    expect(before['see-seed-0']!.status).toBe('finished');
    expect((await states('killed'))['see-seed-0']).toEqual(before['see-seed-0']);
    for (const run of RUNS) {
      const [whole, killed] = [
        await fingerprint(at('eta', 'runs', run)),
        await fingerprint(at('killed', 'runs', run)),
      ];
      // Evaluations name the images, which lie in the folder of the sweep.
      const compared = Object.keys(whole).filter((path) => !path.startsWith('eval/'));
      for (const path of compared) expect(killed[path], `${run}/${path}`).toBe(whole[path]);
      const rows = (name: string) =>
        readFile(
          at(name, 'runs', run, 'eval', run.startsWith('see') ? 'step-000002' : 'step-000003', 'rows.jsonl'),
          'utf8',
        );
      expect((await rows('killed')).replaceAll('/killed/', '/eta/')).toBe(await rows('eta'));
    }
  });

  it('a sweep continues after Ctrl-C, and attaches again without repeated runs', async () => {
    const watcher = spawn(process.execPath, [CLI, 'sweep', 'eta.sweep.yaml', '--name', 'watched'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    watcher.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const left = once(watcher, 'close');
    // Watching, not yet making data: there Ctrl-C ends the command as any other.
    while (!said.includes('started in')) await sleep(20);
    watcher.kill('SIGINT');
    expect(await left).toEqual([0, null]);
    expect(said).toContain('The sweep continues.');
    const again = await chirality(folder, 'sweep', 'eta.sweep.yaml', '--name', 'watched');
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(again.stderr).toContain('All 3 runs are finished.');
    for (const run of RUNS) {
      const events = await readFile(at('watched', 'runs', run, 'events.jsonl'), 'utf8').catch(() => '');
      expect(events, run).not.toContain('"resume"');
      const metrics = (name: string) => readFile(at(name, 'runs', run, 'metrics.jsonl'), 'utf8');
      expect(await metrics('watched')).toBe(await metrics('eta'));
    }
  });

  it('a sweep stops its runs on request', async () => {
    const text = parse(await readFile(join(folder, 'eta.sweep.yaml'), 'utf8')) as { base: object };
    const long = { ...text, stages: {}, vary: { steps: [400] }, base: { ...text.base, init: undefined } };
    await writeFile(join(folder, 'long.sweep.yaml'), stringify(long));
    await chirality(folder, 'sweep', 'long.sweep.yaml', '--json');
    await begun(at('long', 'runs', 'steps-400-seed-0'));
    const stopped = await chirality(folder, 'sweep', 'stop', 'long');
    expect(stopped, stopped.stderr).toMatchObject({ code: 0 });
    expect((await readState(at('long')))!.status).toBe('stopped');
    expect((await readState(at('long', 'runs', 'steps-400-seed-0')))!.status).toBe('stopped');
  });

  it('a sweep finishes the other conditions after a failure, and reports the failure', async () => {
    const text = parse(await readFile(join(folder, 'eta.sweep.yaml'), 'utf8')) as { base: object };
    const cells = { bad: { init: 'no-model' }, after: { init: 'bad' }, good: { init: 'good-start' } };
    const base = { ...text.base, steps: 1 };
    await cp(at('eta', 'runs', 'see-seed-0', 'checkpoints', 'step-000002'), join(folder, 'good-start'), {
      recursive: true,
    });
    await mkdir(join(folder, 'no-model'));
    await writeFile(
      join(folder, 'bad.sweep.yaml'),
      stringify({ ...text, base, stages: {}, vary: {}, cells }),
    );
    const { code, stderr } = await chirality(folder, 'sweep', 'bad.sweep.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain('2 of 3 runs did not finish: bad-seed-0, after-seed-0.');
    expect((await readState(at('bad', 'runs', 'good-seed-0')))!.status).toBe('finished');
    expect((await chirality(folder, 'sweep', 'status', 'bad')).stdout).toContain(
      'cannot start: from bad-seed-0',
    );
    const report = (await chirality(folder, 'sweep', 'report', 'bad')).stdout;
    expect(report).toMatch(/\| bad \| 0 \| failed \| .*no-model/);
  });
});

/** Until a run has taken a step. */
async function begun(dir: string): Promise<RunState> {
  for (;;) {
    const state = await readState(dir);
    if (state && state.step > 0) return state;
    await sleep(20);
  }
}
