import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCompletion } from '../../../../src/core/answers/extract.ts';
import { isSameText } from '../../../../src/core/answers/plain-text.ts';
import { scorerOf } from '../../../../src/core/rewards/reward-parts.ts';
import { REWARD_NAMES, type RewardName } from '../../../../src/core/rewards/rewards.ts';
import { probeCompletions, probeRewards, probeWarnings } from '../../../../src/core/rewards/reward-probe.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';

const sample = (over: Partial<Sample>): Sample => ({
  id: 'a',
  question: 'Where is it?',
  answer: 'left',
  images: [],
  ...over,
});
const far = { task: 'distance', question: 'How far is it?', answer: '2 m' };
const count = { task: 'count', question: 'How many?', answer: '4' };
const box = {
  task: 'bbox',
  question: 'Where is it?',
  answer: '[0, 0, 10, 10]',
  box_format: 'xyxy_px' as const,
};
const point = { task: 'point', question: 'Point at it.', answer: '(5, 5)', box_format: 'xyxy_px' as const };
const same = (a: string, b: string) => Number(a === b);
const tagged = (answer: string) => `<think>It stands there.</think> <answer>${answer}</answer>`;
const scored = (
  names: RewardName[],
  completion: string,
  over: Partial<Sample>,
  extraction: 'strict' | 'lenient' = 'strict',
  similarity = same,
) => scorerOf(sample(over), names, extraction, similarity)(readCompletion(completion));
const value = (
  name: RewardName,
  completion: string,
  over: Partial<Sample>,
  extraction: 'strict' | 'lenient' = 'strict',
) => scored([name], completion, over, extraction).rewards[name]!.value;

it('docs/training.md: documents every reward', () => {
  const page = readFileSync('docs/training.md', 'utf8');
  const rows = [...page.matchAll(/^ *\| `(\w+)` +\|/gm)].map(([, name]) => name);
  expect(rows).toEqual(expect.arrayContaining(REWARD_NAMES));
});

describe('scorerOf', () => {
  it('returns only the requested rewards, each with a reason', () => {
    const { rewards } = scored(['format', 'semantic'], tagged('left'), {});
    expect(rewards).toEqual({
      format: { value: 1, why: expect.stringContaining('tags') },
      semantic: { value: 1, why: 'cosine of "left" and "left"' },
    });
  });

  it('the format reward is 1 or 0', () => {
    expect(value('format', tagged('left'), {})).toBe(1);
    expect(value('format', 'left', {})).toBe(0);
    expect(value('format', `${tagged('left')} Done.`, {})).toBe(0);
  });

  it('rewards only an answer block in strict extraction, and any text in lenient extraction', () => {
    expect(value('semantic', 'left', {})).toBe(0);
    expect(value('semantic', 'left', {}, 'lenient')).toBe(1);
    expect(value('accuracy', 'left', { choices: ['left', 'right'] })).toBe(0);
    expect(value('accuracy', 'left', { choices: ['left', 'right'] }, 'lenient')).toBe(1);
  });

  it('applies the configured extraction to rewards, and lenient extraction to correctness', () => {
    expect(scored(['numeric', 'accuracy'], '2 m', far)).toEqual({
      answer_text: null,
      right: true,
      rewards: {
        numeric: { value: 0, why: 'no number found' },
        accuracy: { value: 0, why: 'no answer block' },
      },
    });
    expect(scored(['numeric'], '2 m', far, 'lenient').rewards.numeric).toEqual({
      value: 1,
      why: '2 against 2',
    });
    expect(scored(['exact_match'], 'left', {}).rewards.exact_match!.value).toBe(-0.2);
  });

  it('scores equal parsed answers of a group once, and different answers separately', () => {
    const asked: string[] = [];
    const score = scorerOf(sample({}), ['format', 'semantic'], 'strict', (answer) => asked.push(answer));
    const values = [tagged('left'), tagged('right'), 'left', tagged('left'), `${tagged('left')} Done.`].map(
      (completion) => score(readCompletion(completion)).rewards,
    );
    expect(asked).toEqual(['left', 'right', 'left']);
    expect(values.map(({ format, semantic }) => [format!.value, semantic!.value])).toEqual([
      [1, 1],
      [1, 2],
      [0, 0],
      [1, 1],
      [0, 3],
    ]);
  });

  it('the semantic reward keeps a negative cosine (R6)', () => {
    expect(scored(['semantic'], tagged('x'), {}, 'strict', () => -0.3).rewards.semantic!.value).toBe(-0.3);
  });

  it.each<[string, Partial<Sample>, string, number]>([
    ['distance within a factor of two', far, '3 m', 1],
    ['distance at exactly two', far, '4 m', 0],
    ['yes or no', { task: 'yesno', question: 'Is it?', answer: 'Yes' }, 'Yes, it is.', 1],
    ['choice by text', { choices: ['left', 'right'], answer: 'right' }, 'right', 1],
    ['choice by letter', { choices: ['left', 'right'], answer: 'right' }, 'B', 1],
    ['count', { task: 'count', question: 'How many?', answer: '3' }, 'three', 1],
    ['open text, normalised', { task: 'open', answer: 'Front-left.' }, 'front left', 0],
    ['open text, equal', { task: 'open', answer: 'Front-left.' }, 'front-left', 1],
  ])('accuracy: scores %s', (_, over, answer, expected) => {
    expect(value('accuracy', tagged(answer), over)).toBe(expected);
    expect(scored([], tagged(answer), over).right).toBe(expected === 1);
  });

  it('exact_match: compares normalised texts, as released [A-22, R38]', () => {
    expect(value('exact_match', 'Front-Left.', { answer: 'front-left' }, 'lenient')).toBe(1);
    expect(value('exact_match', 'front\n  left', { answer: ' Front left' }, 'lenient')).toBe(1);
    expect(value('exact_match', '1.5', { answer: '1.5' }, 'lenient')).toBe(1);
    expect(value('exact_match', 'right', { answer: 'left' }, 'lenient')).toBe(0);
    expect(value('exact_match', ' ( ) ', { answer: 'left' }, 'lenient')).toBe(-0.2);
  });

  it('isSameText: ignores case, spaces and light punctuation (R38)', () => {
    expect(isSameText('Front-Left.', ' front left')).toBe(false);
    expect(isSameText('Front-Left.', '(FRONTLEFT)')).toBe(true);
    expect(isSameText('left', 'right')).toBe(false);
  });

  it('numeric: is one minus the relative error, at least 0 [B-18]', () => {
    expect(value('numeric', tagged('3 m'), far)).toBeCloseTo(0.5, 12);
    expect(value('numeric', tagged('200 cm'), far)).toBe(1);
    expect(value('numeric', tagged('9 m'), far)).toBe(0);
    expect(value('numeric', tagged('far'), far)).toBe(0);
  });

  it('numeric: scores counts, zero references and reference answers without a number [B-18]', () => {
    expect(value('numeric', tagged('5'), count)).toBeCloseTo(0.75, 12);
    expect(value('numeric', tagged('3'), count)).toBeCloseTo(0.75, 12);
    expect(value('numeric', tagged('0'), { ...count, answer: '0' })).toBe(1);
    expect(value('numeric', tagged('1'), { ...count, answer: '0' })).toBe(0);
    expect(value('numeric', tagged('left'), {})).toBe(0);
  });

  it('returns a reason for each reward value', () => {
    const why = (name: RewardName, answer: string, over: Partial<Sample>) =>
      scored([name], tagged(answer), over).rewards[name]!.why;
    expect({
      format: why('format', 'left', {}),
      'no format': scored(['format'], 'left', {}).rewards.format!.why,
      'no block': scored(['semantic', 'accuracy'], 'left', {}).rewards,
      same: why('exact_match', 'Left.', {}),
      different: why('exact_match', 'right', {}),
      empty: why('exact_match', '', {}),
      length: why('accuracy', '3 m', far),
      'no length': why('accuracy', 'far', { ...far, answer: 'far' }),
      'yes or no': why('accuracy', 'No', { task: 'yesno', question: 'Is it?', answer: 'Yes' }),
      choice: why('accuracy', 'B', { choices: ['left', 'right'], answer: 'right' }),
      counted: why('accuracy', 'many', count),
      box: why('accuracy', '[0, 0, 10, 6]', box),
      'no region': why('accuracy', '(5, 5)', point),
      inside: why('accuracy', '(5, 5)', { ...point, boxes: [[0, 0, 10, 10]] }),
      outside: why('accuracy', '(15, 5)', { ...point, boxes: [[0, 0, 10, 10]] }),
      open: why('accuracy', 'left', { task: 'open' }),
      number: why('numeric', '3 m', far),
      'no number': why('numeric', 'far', far),
      'reference is none': why('numeric', '3 m', { ...far, answer: 'far' }),
      'no number at all': why('numeric', '3', {}),
      iou: why('iou', '[0, 0, 10, 5]', box),
      'no box': why('iou', 'nowhere', box),
      'reference is not a box': why('iou', '[0, 0, 10, 5]', {}),
    }).toMatchInlineSnapshot(`
      {
        "box": "wrong as bbox: IoU 0.600",
        "choice": "right as mcq: B against B",
        "counted": "wrong as count: unparsed against 4",
        "different": ""right" is not "left"",
        "empty": "empty answer",
        "format": "think and answer tags, each once",
        "inside": "right as point: inside",
        "iou": "IoU 0.500",
        "length": "right as distance: 3 m against 2 m",
        "no block": {
          "accuracy": {
            "value": 0,
            "why": "no answer block",
          },
          "semantic": {
            "value": 0,
            "why": "no answer block",
          },
        },
        "no box": "no box found",
        "no format": "not one <think>…</think> followed by one <answer>…</answer>",
        "no length": "wrong as distance: none against none",
        "no number": "no number found",
        "no number at all": "the reference is not a number",
        "no region": "right as point: no reference region",
        "number": "3 against 2",
        "open": "right as open: comparison of the normalised texts",
        "outside": "wrong as point: outside",
        "reference is none": "the reference is not a number",
        "reference is not a box": "the reference is not a box",
        "same": ""left" is the reference",
        "yes or no": "wrong as yesno: no against yes",
      }
    `);
  });

  it('iou: scores the first box [B-18]', () => {
    expect(value('iou', tagged('[0, 0, 10, 5]'), box)).toBeCloseTo(0.5, 12);
    expect(value('iou', tagged('nowhere'), box)).toBe(0);
  });
});

describe('probe of rewards before training', () => {
  const rows = [
    sample({
      question: 'Is it on the left or on the right?',
      choices: ['left', 'right'],
      variants: {
        mirror: { status: 'flipped', question: 'q', answer: 'right', route: 'rules', rules: [], checks: {} },
      },
    }),
  ];
  const zero = { weight: 0 };
  const weights = {
    format: zero,
    semantic: zero,
    accuracy: zero,
    exact_match: zero,
    numeric: zero,
    iou: zero,
  };
  const probe = (over: Partial<typeof weights>, similarity: (a: string, b: string) => number) =>
    probeRewards(
      rows,
      { weights: { ...weights, ...over }, threshold: 0.5, extraction: 'strict' },
      similarity,
    );

  it('probes each row with worthless answers and with opposite answers', () => {
    const flipped = (answer: string) => ({
      status: 'flipped' as const,
      question: 'q',
      answer,
      route: 'rules' as const,
      rules: [],
      checks: {},
    });
    const samples = [
      sample({
        question: 'On which side?',
        choices: ['left', 'right'],
        variants: { mirror: flipped('right'), polarity: flipped('left') },
      }),
      sample({ variants: { mirror: flipped('left') } }),
      sample({ answer: 'near', variants: { polarity: flipped('far') } }),
    ];
    const completions = probeCompletions(samples).map(({ completion }) => completion.slice(0, 80));
    expect(completions).toMatchInlineSnapshot(`
      [
        "<think> </think> <answer>left</answer>",
        "<think> </think> <answer></answer>",
        "",
        "<think></think><answer></answer>",
        "<think> </think> <answer>left or right</answer>",
        "<think> </think> <answer>On which side?</answer>",
        "<think> </think> <answer>the object is here and the object is here and the objec",
        "<think> </think> <answer>right</answer>",
        "<think> </think> <answer>left</answer>",
        "<think> </think> <answer></answer>",
        "",
        "<think></think><answer></answer>",
        "<think> </think> <answer>Where is it?</answer>",
        "<think> </think> <answer>the object is here and the object is here and the objec",
        "<think> </think> <answer>near</answer>",
        "<think> </think> <answer></answer>",
        "",
        "<think></think><answer></answer>",
        "<think> </think> <answer>Where is it?</answer>",
        "<think> </think> <answer>the object is here and the object is here and the objec",
        "<think> </think> <answer>far</answer>",
      ]
    `);
    const settings = { weights: { ...weights, semantic: { weight: 2 }, format: { weight: 0.5 } } };
    const results = probeRewards(samples, { ...settings, threshold: 0.25, extraction: 'strict' }, (a, b) =>
      a === b ? 1 : a === 'right' || a === 'far' ? 0.5 : 0.25,
    );
    expect(results.map(({ reference }) => reference)).toEqual(results.map(() => 2.5));
    expect(
      results.map((result) => [result.name, result.kind, result.rows, result.mean, result.above_threshold]),
    ).toEqual([
      ['empty', 'worthless', 3, 0.5, 0],
      ['nothing at all', 'worthless', 3, 0, 0],
      ['tags only', 'worthless', 3, 0.5, 0],
      ['all options', 'worthless', 1, 1, 0],
      ['echo of the question', 'worthless', 3, 1, 0],
      ['very long', 'worthless', 3, 1, 0],
      ['mirrored reference', 'opposite', 1, 1.5, 1],
      ['polarity opposite', 'opposite', 1, 1.5, 1],
    ]);
    for (const { margin, mean } of results) expect(margin).toBe(2.5 - mean);
    expect(probeWarnings(results, 1.2)).toMatchInlineSnapshot(`
      [
        "The margin of the mirrored reference, 1.000, is below the reward std within a group, 1.200.",
        "100.0% of the mirrored references are above the coupling threshold, so Δ will be near 0 (implementation choice R54).",
        "The margin of the polarity opposite, 1.000, is below the reward std within a group, 1.200.",
        "100.0% of the polarity opposites are above the coupling threshold, so Δ will be near 0 (implementation choice R54).",
      ]
    `);
  });

  it('warns about worthless answers above 0.5, small margins, and opposites often above δ', () => {
    const result = (kind: 'worthless' | 'opposite', mean: number, above_threshold = 0) => ({
      name: kind,
      kind,
      rows: 1,
      mean,
      reference: 1,
      margin: 1 - mean,
      above_threshold,
    });
    const warnings = (...args: Parameters<typeof result>) => probeWarnings([result(...args)], 0.125).length;
    expect([0.5, 0.51, 1].map((mean) => warnings('worthless', mean, 1))).toEqual([0, 1, 1]);
    expect([0.5, 0.875, 0.89, 0.95].map((mean) => warnings('opposite', mean))).toEqual([0, 0, 1, 2]);
    expect([0.5, 0.51].map((above) => warnings('opposite', 0, above))).toEqual([0, 1]);
    expect(probeWarnings([result('opposite', 0.89)], null)).toEqual([]);
  });

  it('skips rewards without a weight, and probe answers that apply to no row', () => {
    const asked: string[] = [];
    const results = probeRewards(
      [sample({ question: 'Why is the cup there?', answer: 'For the guests' })],
      { weights: { ...weights, format: { weight: 1 } }, threshold: 0.5, extraction: 'strict' },
      (answer) => asked.push(answer),
    );
    expect(asked).toEqual([]);
    expect(results.map(({ name }) => name)).toEqual([
      'empty',
      'nothing at all',
      'tags only',
      'echo of the question',
      'very long',
    ]);
  });

  it('the probe has no opposite answers and no margin if only agreement rewards an answer', () => {
    const kinds = (over: Record<string, { weight: number }>) => [
      ...new Set(
        probeRewards(
          rows,
          { weights: { agreement: { weight: 1 }, ...over }, threshold: 0.5, extraction: 'strict' },
          same,
        ).map(({ kind }) => kind),
      ),
    ];
    expect(kinds({ format: { weight: 1 } })).toEqual(['worthless']);
    expect(kinds({ format: { weight: 1 }, semantic: { weight: 1 } })).toEqual(['worthless', 'opposite']);
  });

  it('encodes only the texts that the probe announced', () => {
    const announced = probeCompletions(rows).map(({ completion }) => completion);
    const asked: string[] = [];
    probe({ semantic: { weight: 1 } }, (answer) => asked.push(answer));
    for (const answer of asked) expect(announced.some((text) => text.includes(answer))).toBe(true);
  });

  it('reports a reward that cannot distinguish left from right (R54)', () => {
    const results = probe({ semantic: { weight: 1 } }, (a, b) => (a === b ? 1 : a === 'right' ? 0.97 : 0));
    const mirrored = results.find(({ name }) => name === 'mirrored reference')!;
    expect(mirrored).toMatchObject({ rows: 1, mean: 0.97, reference: 1, above_threshold: 1 });
    expect(mirrored.margin).toBeCloseTo(0.03, 12);
    const warnings = probeWarnings(results, 0.2);
    expect(warnings.filter((text) => text.includes('R54'))).toHaveLength(2);
    expect(warnings.some((text) => text.includes('below the reward std'))).toBe(true);
  });

  it('reports a reward for completions without an answer', () => {
    const results = probe({ format: { weight: 1 } }, same);
    const warnings = probeWarnings(results, null).filter((text) => text.includes('without an answer'));
    expect(warnings).toEqual([expect.stringMatching(/"all options" earns .*, "very long" earns /)]);
    expect(warnings[0]).toContain(
      'To reproduce the rewards of a paper, keep them. Otherwise, add rewards.accuracy, or raise its weight above the sum of the other weights.',
    );
    const mended = probe({ format: { weight: 1 }, accuracy: { weight: 1.01 } }, same);
    expect(probeWarnings(mended, null)).toEqual([]);
  });

  it('accepts a reward for right answers without warnings', () => {
    expect(probeWarnings(probe({ accuracy: { weight: 1 } }, same), 0.4)).toEqual([]);
  });
});
