import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadSweep } from '../../../../src/core/config/load-sweep.ts';
import { readPreset } from '../../../../src/lab/presets.ts';

const folder = new URL('../../../../recipes/', import.meta.url);
const recipes = readdirSync(folder).map((file) => ({
  file,
  text: readFileSync(new URL(file, folder), 'utf8'),
}));
const load = (text: string, small: boolean) =>
  loadSweep(text, 'recipe', { readPreset, readConfig: () => null }, { small });

describe.each(recipes)('$file', ({ file, text }) => {
  it('begins with a line that says what it is', () => {
    expect(text).toMatch(/^# .*\[[AB]-\d+.*\]\.|^# .*\(R\d+\)\./);
  });

  it('can start in large, on the torch engine', () => {
    const { sweep, problems } = load(text, false);
    expect(problems).toEqual([]);
    for (const { config } of sweep!.arms) expect(config.engine.kind).toBe('torch');
  });

  it('can start in small, on the embedded engine alone with data it makes, or says why it cannot', () => {
    const { sweep, problems } = load(text, true);
    if (file.startsWith('rank') || file.startsWith('prompt')) {
      expect(problems[0]!.message).toContain('torch engine');
      return;
    }
    expect(problems).toEqual([]);
    for (const { config } of sweep!.arms) {
      expect(config.engine.kind).toBe('embedded');
      for (const set of [config.data.train, ...Object.values(config.data.eval)])
        expect(sweep!.config.make).toHaveProperty(set);
    }
  });
});
