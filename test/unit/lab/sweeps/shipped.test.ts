import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMakeCommand } from '../../../../src/core/config/check-sweep.ts';
import { planSweep } from '../../../../src/core/config/sweep-plan.ts';
import { chirality } from '../recipes/cli.ts';
import { loadSweep } from '../../../../src/core/config/load-sweep.ts';
import { readPreset } from '../../../../src/lab/library.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = new URL('../../../../library/sweeps/', import.meta.url);
const recipes = readdirSync(folder).map((file) => ({
  file,
  text: readFileSync(new URL(file, folder), 'utf8'),
}));
const load = (text: string, small: boolean) =>
  loadSweep(text, 'recipe', { readPreset, readConfig: () => null }, { small });

describe.each(recipes)('the built-in sweep $file', ({ text }) => {
  it('a built-in sweep begins with a line that cites a paper item', () => {
    expect(text).toMatch(/^# .*\[[AB]-\d+.*\]\.|^# .*\(R\d+\)\./);
  });

  it('a built-in sweep is valid in the large form, on the torch engine', () => {
    const { sweep, problems } = load(text, false);
    expect(problems).toEqual([]);
    for (const { config } of sweep!.arms) expect(config.engine.kind).toBe('torch');
  });

  it('a built-in sweep documents the source of each file from outside the sweep', () => {
    const { config, arms } = load(text, false).sweep!;
    const read = arms.flatMap(({ config: { data } }) => [data.train, ...Object.values(data.eval)]);
    for (const set of read.filter((set) => !(set in config.make))) expect(config.needs).toHaveProperty([set]);
  });

  it('a built-in sweep lists published values only next to metrics on the same rows', () => {
    const { config, arms } = load(text, false).sweep!;
    const files = arms[0]!.config.data.eval;
    const measured = [config.compare, ...config.also].map(({ set, metric, kind }) => ({
      metric,
      kind,
      from: config.needs[files[set]!],
    }));
    const sets = { 'Q-Spatial++': /QSpatial_plus/, spacellava: /spacellava/, 'CV-Bench': /test_2d/ };
    const metrics = {
      success: 'distance/success',
      completed: 'distance/completed',
      sMAPE: 'distance/smape',
      'within 50–100%': 'distance/in_range_50_100',
      'within 100–150%': 'distance/in_range_100_150',
      'within 150–200%': 'distance/in_range_150_200',
      'LLM judge': 'all/judge',
      'BLEU-1': 'text/bleu1',
      SBERT: 'text/sbert',
      'Pass@1': 'pass@1',
      'Pass@4': 'pass@4',
    };
    for (const figure of Object.keys(config.published)) {
      const [, name, set, task] =
        /^(.*) on (Q-Spatial\+\+|spacellava|CV-Bench) ?(\w*) \([AB]\), %$/.exec(figure) ?? [];
      const [metric, rows] = name
        ? [metrics[name as keyof typeof metrics], sets[set as keyof typeof sets]]
        : figure.includes('flips of distance')
          ? ['drop', /"Distance"/]
          : ['accuracy', /SAT_val/];
      const kind = task ? `task=${task}` : undefined;
      expect(measured, figure).toContainEqual({ metric, kind, from: expect.stringMatching(rows) });
    }
  });

  it('a built-in sweep is valid in the small form, on the CPU with created files', () => {
    const { sweep, problems } = load(text, true);
    expect(problems).toEqual([]);
    for (const { config } of sweep!.arms) {
      expect(config.engine.kind).toBe('embedded');
      for (const set of [config.data.train, ...Object.values(config.data.eval)])
        expect(sweep!.config.make).toHaveProperty(set);
    }
  });
});

it('small built-in sweeps: create their sets with their make commands', async () => {
  const folder = folderOfTests('chirality-recipes-');
  /** The rows that a command made. Recipes share most of theirs. */
  const made = new Map<string, string>();
  for (const { text } of recipes) {
    const { sweep } = load(text, true);
    const { make } = planSweep(sweep!, { file: '', small: true });
    const places = new Map<string, string>();
    for (const [name, words] of Object.entries(make).filter(
      ([, words]) => !readMakeCommand(words).makesModel,
    )) {
      const few = words.join(' ').replace(/--count \d{3,}/, '--count 8');
      const command = few
        .split(' ')
        .map((word, i) => (i === readMakeCommand(words).input ? places.get(word)! : word));
      const key = command.join(' ');
      let rows = made.get(key);
      if (rows === undefined) {
        const place = join(folder, String(made.size));
        const draws = readMakeCommand(words).input < 0; // into a folder, with its images
        rows = draws ? join(place, 'data.qa.jsonl') : `${place}.qa.jsonl`;
        const { code, stderr } = await chirality(folder, ...command, '-o', draws ? place : rows);
        expect(code, `${key}\n${stderr}`).toBe(0);
        made.set(key, rows);
      }
      places.set(name, rows);
    }
  }
  expect(made.size).toBeGreaterThan(10);
});
