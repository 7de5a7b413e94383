import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signed } from '../../../../src/base/format.ts';
import { pairHtml, pairMarkdown, textsOf } from '../../../../src/core/pairs/pair-texts.ts';
import { pairSteps } from '../../../../src/core/pairs/pair-steps.ts';
import { oneLine, visible } from '../../../../src/base/escape.ts';
import { couplingText, keptText, verdictMeaning } from '../../../../src/core/pairs/pair-words.ts';
import type { EvaluatedPair, TracedPair, TrainedPair } from '../../../../src/core/run-data/trace.ts';
import { property } from '../../../support/property.ts';
import { readRows } from '../../../support/rows.ts';

const STEP = new URL('../../../fixtures/traces/run/traces/step-000097.jsonl', import.meta.url);
const pairs = readRows<TracedPair>(STEP).map((row): TrainedPair => ({ kind: 'trained', ...row }));
const pair = pairs[9]!;
const origin = { run: 'spatial' };

/** The pair, with a text in every place that is somebody else's. */
function hostile(text: string): TrainedPair {
  const copy = structuredClone(pair);
  copy.sample = text;
  for (const view of copy.views) {
    Object.assign(view, { question: text, answer: text });
    for (const completion of view.group) {
      completion.answer_text = text;
      completion.segments[0]!.text = text;
      for (const part of Object.values(completion.rewards)) part.why = text;
    }
  }
  return copy;
}

describe('couplingText', () => {
  it('couplingText describes the effect of coupling on a pair', () => {
    expect(couplingText(pair)).toBe(
      'On average originals earned 0.750 more semantic reward than mirrors (0.800 and 0.050). The original was penalised: the order of completions was inverted.',
    );
    expect(couplingText({ ...pair, joint: 1 })).toMatch(
      /^1 of \d+ pairs of completions are correct in both views and agree. Only these pairs keep their semantic reward\.$/,
    );
    expect(couplingText({ ...pair, delta: null, changes: true, behaving: 3 })).toMatch(
      /^The answer should change in the counterfactual\. 3 of \d+ completions respond as expected/,
    );
    expect(couplingText({ ...pair, delta: -0.25, bonus: false })).toBe(
      'The share of correct completions with frames in order minus the share with shuffled frames is −0.250. Correct completions with frames in order earn no bonus.',
    );
    expect(couplingText({ ...pair, delta: null })).toBeNull();
    expect(couplingText({ ...pair, delta: 0, penalised: null })).toMatch(/the same.*Neither view was/);
    expect(keptText(pair)).toBe('Used for training: rewards vary.');
    expect(keptText({ kept: false, why: 'all_right' })).toBe(
      'Dropped: all answers are correct and earn the same reward.',
    );
    expect([signed(0.25), signed(-0.25), signed(-0.0001)]).toEqual(['+0.250', '−0.250', '0.000']);
  });
});

describe('pairSteps', () => {
  const training = (one: TrainedPair) => pairSteps(one).find(({ label }) => label === 'Training')!.result;

  it('tells a pair that is used without an advantage from one that is used with one', () => {
    expect(training(pair)).toBe('✓ used');
    const flat = structuredClone(pair);
    for (const { group } of flat.views) for (const completion of group) completion.advantage = 0;
    expect(training(flat)).toBe('used, all advantages zero');
    expect(training({ ...flat, kept: false })).toBe('✕ dropped');
  });
});

describe('visible', () => {
  it('visible escapes control and bidirectional characters, and keeps all other text', () => {
    expect(visible('a\u001b[31mred\u202eabc\u0000\u2028')).toBe(
      'a⟨U+001B⟩[31mred⟨U+202E⟩abc⟨U+0000⟩⟨U+2028⟩',
    );
    expect(visible('línea 1\r\n\tзеркало 鏡 مرآة')).toBe('línea 1\n\tзеркало 鏡 مرآة');
    expect(oneLine(' a\n b '.repeat(100), 9)).toBe('a b a b …');
  });
});

describe('pairMarkdown', () => {
  it('pairMarkdown contains both groups, and the effect of coupling', () => {
    const text = pairMarkdown(pair, origin);
    expect(text).toMatch(/^## spatial, step 97, pair 9: worlds-201-skewed-150\n/);
    expect(text).toContain('| ✓ | ` red-cube ` | 1.000 | 1.000 | −0.750 | 0.625 | +0.114 |');
    expect(text.match(/^\| [✓✗]/gm)).toHaveLength(16);
    expect(text).toContain('(truncated)');
  });

  it('names the right answer, and marks answers read from untagged text', () => {
    for (const { views } of pairs)
      for (const { group } of views)
        for (const completion of group.filter(({ right }) => right))
          expect(textsOf(completion).answer).not.toBeNull();
    const bare = structuredClone(pair);
    const [first, second] = bare.views[0]!.group;
    Object.assign(first!, { answer_text: null, right: true });
    first!.segments[0]!.text = 'It is the red cube.';
    Object.assign(second!, { answer_text: null, right: false });
    second!.segments[0]!.text = '<think>the red cube';
    const text = pairMarkdown(bare, origin);
    expect(text).toContain('| ✓ | ` It is the red cube. ` (read from the whole text) |');
    expect(text).toContain('| ✗ | — |');
    expect(pairHtml(bare, origin, null)).toMatch(
      /It is the red cube\.<\/bdi><\/b> <i title="[^"]*R19[^"]*">read from the whole text/,
    );
  });

  it('pairMarkdown contains no rewards for a pair of an evaluation', () => {
    const { step, sample, verdict } = pair;
    const views = pair.views.map((view) => ({
      ...view,
      group: view.group.map(({ segments, answer_text, right }) => ({ segments, answer_text, right })),
    }));
    const evaluated: EvaluatedPair = { kind: 'evaluated', step, sample, verdict, pair: 0, set: 'val', views };
    const from = { ...origin, source: 'step-000100' };
    for (const text of [pairMarkdown(evaluated, from), pairHtml(evaluated, from, null)]) {
      expect(text).toContain('evaluation step-000100');
      expect(text).not.toMatch(/advantage|Used for training|semantic/);
    }
  });

  property(
    'pairMarkdown: keeps any text inside its code block',
    [fc.string({ unit: fc.constantFrom('`', '``', '\n', '|', 'a', '<b>', '#') })],
    { numRuns: 200 },
    (text) => {
      const lines = pairMarkdown(hostile(text), origin).split('\n');
      let open: string | null = null;
      for (const line of lines) {
        const mark: string | undefined = /^(`{3,})(?:text)?$/.exec(line)?.[1];
        if (open === null && mark && line.endsWith('text')) open = mark;
        else if (line === open) open = null;
        else if (open !== null) expect(line.startsWith(open)).toBe(false);
        else if (line.startsWith('|')) expect(line.match(/\|/g)).toHaveLength(8);
      }
      expect(open).toBeNull();
    },
  );
});

describe('pairHtml', () => {
  it('pairHtml returns one file with all text escaped', () => {
    const attack = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&\u202e`;
    const html = pairHtml(hostile(attack), origin, 'data:image/png;base64,AAAA');
    expect(html).not.toMatch(/<script|<img src=x|\u202e/);
    expect(html.match(/<img/g)).toHaveLength(1);
    expect(html).toContain(`default-src 'none'`);
    expect(html).toContain('&lt;script&gt;alert(1)');
    expect(html.match(/<tr>/g)).toHaveLength(18);
  });
});

describe('verdictMeaning', () => {
  const views = (groups: readonly (readonly boolean[])[], other = 'mirror') =>
    groups.map((group, i) => ({ view: ['original', other][i]!, group: group.map((right) => ({ right })) }));

  it('names the mirror only for the mirror', () => {
    expect(verdictMeaning('neither', views([[false], [false]]))).toBe('Neither answer is correct.');
    const single = [[true], [false]];
    expect(verdictMeaning('only_original', views(single))).toMatch('but the answer to the mirror is wrong');
    expect(verdictMeaning('only_original', views(single, 'reverse'))).toMatch(
      'but the answer to the other view is wrong',
    );
    expect(verdictMeaning('consistent', views([Array(8).fill(true), [true, true, false]]))).toBe(
      'For the original, all answers are correct. For the mirror, most of the answers are correct.',
    );
  });

  const WORDS: [words: RegExp, holds: (right: number, all: number) => boolean][] = [
    [/no answer is/, (right) => right === 0],
    [/fewer than half of the answers are/, (right, all) => right > 0 && right < all / 2],
    [/(?<!than )half of the answers are/, (right, all) => right === all / 2],
    [/most of the answers are/, (right, all) => right > all / 2 && right < all],
    [/all answers are/, (right, all) => right === all],
  ];
  const answers = fc.array(fc.boolean(), { minLength: 2, maxLength: 8 });
  property('agrees with the number of correct answers of each view', [answers, answers], (...groups) => {
    const [first, second = first] = verdictMeaning('neither', views(groups)).split('. ');
    for (const [i, text] of [first!, second!].entries()) {
      const right = groups[i]!.filter(Boolean).length;
      for (const [words, holds] of WORDS) expect(words.test(text)).toBe(holds(right, groups[i]!.length));
    }
  });
});
