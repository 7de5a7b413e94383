import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { chirality } from '../lab/recipes/cli.ts';
import { rowLines } from '../../support/rows.ts';
import { folderOfEachTest } from '../../support/folder.ts';

const PROJECT = 'test/fixtures/recorded/project';

let folder: string;
folderOfEachTest('chirality-malformed-runs-', (made) => (folder = made));
beforeEach(() => {
  cpSync(join(PROJECT, 'runs/grpo'), join(folder, 'runs/grpo'), { recursive: true });
  cpSync(join(PROJECT, 'runs/skip'), join(folder, 'runs/skip'), { recursive: true });
});

/** Puts a line that is not a record second into a file of a run. @returns the lines that there were */
function spoil(path: string, bad: string): string[] {
  const file = join(folder, 'runs', path);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  writeFileSync(file, `${[lines[0]!, bad, ...lines.slice(1)].join('\n')}\n`);
  return lines;
}

const changed = (path: string, change: object): string => {
  const [line] = readFileSync(join(folder, 'runs', path), 'utf8').split('\n');
  return JSON.stringify({ ...(JSON.parse(line!) as object), ...change });
};

describe('malformed files of a run are reported with file, line and field', () => {
  test('trace --where excludes a malformed line', async () => {
    const path = 'grpo/traces/step-000001.jsonl';
    const pairs = spoil(path, changed(path, { pair: 99, delta: 'high' }));
    const { code, stdout, stderr } = await chirality(folder, 'trace', 'grpo', '--sort', 'delta', '--json');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(pairs.length);
    expect(stderr).toMatch(/step-000001\.jsonl:2 cannot be read: "delta" must be .*, not "high"\./);
  });

  test('trace --step excludes a malformed line', async () => {
    const path = 'grpo/traces/step-000001.jsonl';
    spoil(path, changed(path, { pair: 99, delta: 'high' }));
    for (const args of [
      ['--step', '1', '--pair', '0'],
      ['--step', '1'],
      ['--what-if', 'eta=2'],
    ]) {
      const { code, stdout, stderr } = await chirality(folder, 'trace', 'grpo', ...args);
      const named = stderr.match(/step-000001\.jsonl:2 cannot be read: "delta" must be .*, not "high"\./g);
      expect([code, named?.length]).toEqual([0, 1]);
      expect(stdout).toContain(
        args.includes('--pair') ? 'step 1, pair 0' : args[0] === '--step' ? 'step  pair' : '8 pairs',
      );
    }
  });

  test('trace excludes an endlessly nested line', async () => {
    const path = 'grpo/traces/step-000001.jsonl';
    spoil(
      path,
      changed(path, { extra: 0 }).replace('"extra":0', `"extra":${'['.repeat(20_000)}${']'.repeat(20_000)}`),
    );
    const { code, stderr } = await chirality(folder, 'trace', 'grpo', '--step', '1', '--json');
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/step-000001\.jsonl:2 cannot be read: it is nested more than 100 levels/),
    ]);
  });

  test('attach excludes lines of metrics and timings', async () => {
    spoil('grpo/metrics.jsonl', '{"step":1,"loss":"low"}');
    spoil('grpo/timings.jsonl', 'x\ny\nz');
    const { code, stderr } = await chirality(folder, 'attach', 'grpo');
    expect(code).toBe(0);
    expect(stderr).toMatch(/metrics\.jsonl:2 cannot be read: "loss" must be .*, not "low"\./);
    expect(stderr).toMatch(/timings\.jsonl:2 cannot be read: it is not JSON/);
    expect(stderr).toMatch(/runs\/grpo: excluded 2 more unreadable lines\./);
    expect(stderr).toContain('grpo: finished at step 2 of 2.');
  });

  test('report names evaluations with an unreadable manifest', async () => {
    const [evaluation] = readdirSync(join(folder, 'runs/grpo/eval'));
    for (const [bad, why] of [
      ['{', 'cannot be read: it is not JSON'],
      ['[]', 'cannot be read: it must be an object, not an empty list.'],
    ] as const) {
      writeFileSync(join(folder, 'runs/grpo/eval', evaluation!, 'manifest.json'), bad);
      const { code, stderr } = await chirality(folder, 'report', 'grpo');
      expect(code).toBe(2);
      expect(stderr).toContain(`manifest.json ${why}`);
    }
  });

  test('sweep report names the line of the plan', async () => {
    mkdirSync(join(folder, 'sweeps/eta'), { recursive: true });
    writeFileSync(join(folder, 'sweeps/eta/sweep.yaml'), 'name: eta\narms: [\n');
    const { code, stderr } = await chirality(folder, 'sweep', 'report', 'eta');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/sweep\.yaml:\d: the file is not valid YAML\./),
    ]);
  });

  test('export --anonymous names the line of a broken config', async () => {
    writeFileSync(join(folder, 'runs/grpo/run.yaml'), 'recipe: grpo\nsteps: [\n');
    const { code, stderr } = await chirality(folder, 'export', 'grpo', '--anonymous', '-o', 'out');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/run\.yaml:\d:\d: error: /)]);
  });

  test('report excludes a malformed row of answers', async () => {
    const [evaluation] = readdirSync(join(folder, 'runs/grpo/eval'));
    const path = `grpo/eval/${evaluation!}/rows.jsonl`;
    spoil(path, changed(path, { id: 7 }));
    const { code, stdout, stderr } = await chirality(folder, 'report', 'grpo');
    expect([code, stdout]).toEqual([0, expect.stringContaining('grpo')]);
    expect(stderr).toMatch(/rows\.jsonl:2 cannot be read: "id" must be text, not 7\./);
  });

  test('export names the broken file of a checkpoint', async () => {
    const checkpoint = join(folder, 'runs/skip/checkpoints/step-000002');
    for (const [file, text] of [
      ['config.json', '{"width":"wide"}'],
      ['loop.json', '{"step":"two"}'],
    ] as const) {
      const path = join(checkpoint, file);
      const whole = readFileSync(path);
      writeFileSync(path, text);
      const { stderr } = await chirality(folder, 'export', 'skip', '-o', 'out', '--step', '2');
      // What it does not need, it does not read.
      if (file === 'config.json') expect(stderr).toContain('config.json');
      expect(stderr).not.toMatch(/TypeError|ZodError|\n\s+at /);
      writeFileSync(path, whole);
      rmSync(join(folder, 'out'), { recursive: true, force: true });
    }
  });

  test('data freeze rejects a broken row with line and field', async () => {
    mkdirSync(join(folder, 'data'));
    const row = { id: 'a', question: 'Q?', answer: 'A', images: [] };
    const rows = [row, { ...row, id: 'b', boxes: 5 }];
    writeFileSync(join(folder, 'data/a.qa.jsonl'), rowLines(rows));
    const { code, stderr } = await chirality(folder, 'data', 'freeze', 'data/a.qa.jsonl', '--release', '1');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/a\.qa\.jsonl: 1 of 2 rows usable[^]*line 2\b.*boxes/),
    ]);
  });
});
