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
  it('of an older version, with metrics joined by slashes, reads like one of this version', () => {
    const now = jsonOf('recorded/project/runs/spatial/eval/step-000004/results.json');
    // What came later, and intervals, which have other rules by now.
    const plain = <F extends object>(figures: readonly F[]) =>
      figures.map((figure) => ({ ...figure, floor: undefined, p: undefined, interval: undefined }));
    const older = (now as { metric: string }[]).filter(({ metric }) => metric !== 'view_gap');
    const { results, problems } = read(jsonOf('evaluations/results-with-slashes.json'));
    expect({ results: plain(results), problems }).toEqual({ results: plain(older), problems: [] });
    expect(read(now)).toEqual({ results: now, problems: [] });
  });

  it.each([
    [{ task: 'relation', metric: 'in/out of' }, of('relation', 'in/out of', 'all', 'accuracy')],
    [{ task: 'kind', metric: 'spatial/bleu2' }, of('kind', 'spatial', 'text', 'bleu2')],
    [{ task: 'question_type', metric: 'a/b/judge' }, of('question_type', 'a/b', 'all', 'judge')],
    [
      { task: 'answers', metric: 'yesno/top_share' },
      { task: 'yesno', metric: 'top_share' },
    ],
    [
      { task: 'answers', metric: 'mcq/given/A/B' },
      { task: 'mcq', metric: 'given', answer: 'A/B' },
    ],
    [
      { task: 'polarity', metric: 'gap' },
      { task: 'polarity', metric: 'gap' },
    ],
    [{ metric: 'accuracy' }, { task: 'all', metric: 'accuracy' }],
  ])('%j is read as %j', (old, now) => {
    const { results, problems } = read([{ set: 'val', ...old, value: 0.5 }]);
    expect(problems).toEqual([]);
    expect(results).toEqual([{ set: 'val', view: null, value: 0.5, unit: 'share', n: 0, ...now }]);
  });

  it('keeps what can be used, and says of the rest which entry it is and which field', () => {
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
        /^results\.json\[0\] cannot be read: "view": Unknown view "orbit": use original, mirror, .* or [^,]+\.$/,
      ),
      'results.json[2] cannot be read: "value" must be a number, not "0.5".',
      'results.json[3] cannot be read: it must be an object, not null.',
      'results.json[4] cannot be read: "slice.value" is missing.',
      'results.json[5] cannot be read: "metric" must be text, not 3.',
      'results.json[6] cannot be read: "task" must be text, not 7.',
    ]);
    expect(() => read({})).toThrow('results.json cannot be read: it must be a list, not an object.');
  });
});

function of(field: string, value: string, task: string, metric: string) {
  return { slice: { field, value }, task, metric };
}
