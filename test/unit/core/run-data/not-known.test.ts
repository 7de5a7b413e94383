import { expect, test } from 'vitest';
import { pairHtml, pairMarkdown } from '../../../../src/core/pairs/pair-texts.ts';
import { compileFilter } from '../../../../src/core/query/compile.ts';
import { parseFilter } from '../../../../src/core/query/parse.ts';
import { TRACE_FIELDS } from '../../../../src/core/run-data/trace-fields.ts';
import { summariseTrained } from '../../../../src/core/run-data/trace-summary.ts';
import { newDictionaries, PairTable } from '../../../../src/core/run-data/trace-table.ts';
import { readTracedPair, type TracedPair } from '../../../../src/core/run-data/trace.ts';
import { signChanges } from '../../../../src/core/run-data/what-if.ts';

const completion = (change: object) => ({
  segments: [{ stage: 'answer', text: 'left', stop_reason: null }],
  answer_text: null,
  right: null,
  rewards: { accuracy: { value: 1, why: null } },
  penalty: null,
  reward: null,
  advantage: null,
  ...change,
});

/** A pair of which another program kept a reward and an advantage of one completion alone. */
const pair = readTracedPair(
  {
    step: 3,
    pair: 0,
    sample: '3/0',
    kept: null,
    why: null,
    delta: null,
    penalised: null,
    effect: null,
    verdict: null,
    views: [
      {
        view: 'original',
        question: 'Left or right?',
        answer: null,
        images: [],
        group: [completion({ reward: 1, advantage: 0.5, right: true }), completion({})],
      },
    ],
  },
  { file: 'step-000003.jsonl', line: 1 },
);

test('summariseTrained: excludes unknown values from means, and returns null if all are unknown', () => {
  expect(summariseTrained(pair)).toMatchObject({
    reward: 1,
    // One of two is right; of the other nothing is known.
    accuracy: 0.5,
    accuracy_most: 1,
    truncated: null,
    kept: null,
    answer: null,
  });
  const nothing = { ...pair, views: [{ ...pair.views[0]!, group: [completion({})] }] } as TracedPair;
  expect(summariseTrained(nothing)).toMatchObject({ reward: null, reward_std: null, accuracy: null });
});

test('compileFilter: excludes rows with an unknown value from any comparison', () => {
  const table = PairTable.from([summariseTrained(pair)], newDictionaries());
  const keeps = (filter: string) =>
    compileFilter(parseFilter(filter, TRACE_FIELDS), {
      column: (name) => table.column(name),
      hits: () => () => false,
    })(0);
  expect(keeps('truncated < 0.5')).toBe(false);
  expect(keeps('truncated >= 0.5')).toBe(false);
  expect(keeps('kept')).toBe(false);
  expect(keeps('reward > 0.5')).toBe(true);
});

test('pairMarkdown and pairHtml: show unknown values as a dash', () => {
  const traced = { kind: 'trained' as const, ...pair };
  const markdown = pairMarkdown(traced, { run: 'theirs' });
  expect(markdown).toContain('Reference answer: –');
  expect(markdown).toContain('| – | ` left ` | 1.000 |  | – | – |');
  expect(markdown).not.toContain('Dropped');
  expect(pairHtml(traced, { run: 'theirs' }, null)).toContain('– not scored');
});

test('signChanges: does not count completions without an advantage', () => {
  const after = structuredClone(pair);
  for (const each of after.views[0]!.group) each.advantage = -1;
  const signs = signChanges(pair, after).flat();
  expect(signs.filter((sign) => sign !== null)).toEqual(['reversed']);
  expect(signs).toHaveLength(2);
});
