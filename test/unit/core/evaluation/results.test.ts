import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readResults } from '../../../../src/core/evaluation/results.ts';

const jsonOf = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/${path}`, import.meta.url), 'utf8'));
const read = (value: unknown) => {
  const problems: string[] = [];
  const results = readResults(value, { file: 'results.json' }, ({ message }) => problems.push(message));
  return { results, problems };
};

describe('results.json', () => {
  it('results.json: reads values as written', () => {
    const now = jsonOf('recorded/project/runs/spatial/eval/step-000004/results.json');
    expect(read(now)).toEqual({ results: now, problems: [] });
    const figure = { set: 'val', metric: 'accuracy', value: 0.5 };
    expect(read([figure]).results).toEqual([{ view: null, unit: 'share', n: 0, task: 'all', ...figure }]);
  });

  it('names a version before 0.1.0 only for values over scored rows', () => {
    const figure = { set: 'val', view: 'mirror', metric: 'accuracy', n: 4, not_judged: 1 };
    const bounded = { ...figure, value: null, bounds: [0.5, 0.75] };
    const { results, problems } = read([{ ...figure, value: 0.5 }, bounded]);
    expect(results).toMatchObject([bounded]);
    expect(problems).toEqual([
      'results.json[0] cannot be read: "bounds" is missing. The file is from a Chirality version before 0.1.0. Create the file again (`chirality eval`).',
    ]);
  });

  it('keeps valid entries, and reports entry and field of each invalid entry', () => {
    const good = { set: 'val', view: 'mirror', metric: 'accuracy', value: null };
    const { results, problems } = read([
      { ...good, view: 'orbit' },
      good,
      { ...good, value: '0.5' },
      null,
      { ...good, slice: { field: 'kind' } },
      { ...good, task: 'answers', metric: 3 },
      { ...good, task: 7, metric: 'a/b' },
    ]);
    expect(results).toMatchObject([good]);
    expect(problems).toEqual([
      expect.stringMatching(
        /^results\.json\[0\] cannot be read: "view": Unknown view "orbit"\. Use original, mirror, .* or [^,]+\.$/,
      ),
      'results.json[2] cannot be read: "value" must be a number, not "0.5".',
      'results.json[3] cannot be read: it must be an object, not null.',
      expect.stringMatching(/^results\.json\[4\] cannot be read: "slice\.value" is missing\./),
      'results.json[5] cannot be read: "metric" must be text, not 3.',
      'results.json[6] cannot be read: "task" must be text, not 7.',
    ]);
    expect(() => read({})).toThrow('results.json cannot be read: it must be a list, not an object.');
  });
});
