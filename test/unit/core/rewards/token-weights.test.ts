import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lossMetrics } from '../../../../src/core/rewards/metrics-row.ts';
import {
  superviseWeights,
  weighCompletion,
  type Aggregation,
  type Objective,
} from '../../../../src/core/rewards/token-weights.ts';
import { Random } from '../../../../src/base/random.ts';
import { clamp, constant, exp, logProbability, min, mul, sub, sum, type Dual } from '../dual.ts';

/** A step of random completions over a vocabulary of 5: logits per token, the token chosen, old and reference log p. */
function randomStep(random: Random, temperature: number) {
  return Array.from({ length: 4 }, () => {
    const length = 1 + random.below(4);
    const tokens = Array.from({ length }, () => random.below(5));
    const logits = tokens.map(() => Array.from({ length: 5 }, () => 2 * random.normal()));
    const logprobs = tokens.map((k, t) => logProbability(logits[t]!.map(constant), temperature, k).v);
    return {
      advantage: random.normal(),
      tokens,
      logits,
      logprobs,
      oldLogprobs: logprobs.map((lp) => lp + 0.4 * random.normal()),
      referenceLogprobs: logprobs.map((lp) => lp + 0.5 * random.normal()),
      mask: tokens.map((_, t) => (t > 0 && random.chance(0.2) ? 0 : 1)),
    };
  });
}
type Step = ReturnType<typeof randomStep>;

const trained = (completion: Step[number]) => completion.mask.filter(Boolean).length;

/** The objective as the papers write it, negated, as a function of all logits. Written apart from the code under test. */
function writtenOutLoss(step: Step, o: Objective, temperature: number, logits: Dual[][][]): Dual {
  const perCompletion = step.map((completion, i) => {
    const terms = completion.tokens.flatMap((k, t) => {
      if (completion.mask[t] === 0) return [];
      const lp = logProbability(logits[i]![t]!, temperature, k);
      const ratio = exp(sub(lp, constant(completion.oldLogprobs[t]!)));
      const A = constant(completion.advantage);
      const surrogate = min(mul(ratio, A), mul(clamp(ratio, 1 - o.clip_low, 1 + o.clip_high), A));
      const gap = sub(constant(completion.referenceLogprobs[t]!), lp);
      const k3 = sub(sub(exp(gap), gap), constant(1));
      return [sub(surrogate, mul(constant(o.beta), k3))];
    });
    return { total: sum(terms), length: terms.length };
  });
  const all = sum(perCompletion.map((c) => c.total));
  const tokens = perCompletion.reduce((n, c) => n + c.length, 0);
  const means = sum(perCompletion.map((c) => mul(c.total, constant(1 / c.length))));
  const J = {
    'sequence-mean': () => mul(means, constant(1 / step.length)),
    'token-mean': () => mul(all, constant(1 / tokens)),
    'dr-grpo': () => mul(all, constant(1 / (step.length * o.max_tokens))),
  }[o.aggregation]();
  return mul(J, constant(-1));
}

const cases = (['sequence-mean', 'token-mean', 'dr-grpo'] as Aggregation[]).flatMap((aggregation) =>
  [0, 0.04].flatMap((beta) => [1, 0.9].map((temperature) => ({ aggregation, beta, temperature }))),
);

describe('weighCompletion', () => {
  it.each(cases)('matches gradient and value of the objective: %o', ({ aggregation, beta, temperature }) => {
    const random = Random.from(`${aggregation}${beta}${temperature}`);
    const objective: Objective = { aggregation, beta, clip_low: 0.2, clip_high: 0.28, max_tokens: 6 };
    for (let round = 0; round < 20; round++) {
      const step = randomStep(random, temperature);
      const counts = { completions: step.length, tokens: step.reduce((n, c) => n + trained(c), 0) };
      const weighted = step.map((completion) => weighCompletion(completion, objective, counts));
      const value = writtenOutLoss(
        step,
        objective,
        temperature,
        step.map((c) => c.logits.map((z) => z.map(constant))),
      );
      expect(weighted.reduce((total, w) => total + w.loss, 0)).toBeCloseTo(value.v, 10);

      step.forEach((completion, i) =>
        completion.tokens.forEach((k, t) =>
          completion.logits[t]!.forEach((_, j) => {
            const seeded = step.map((c, a) =>
              c.logits.map((z, b) => z.map((v, l) => ({ v, d: a === i && b === t && l === j ? 1 : 0 }))),
            );
            const exact = writtenOutLoss(step, objective, temperature, seeded).d;
            const lp = logProbability(seeded[i]![t]!, temperature, k);
            expect(-weighted[i]!.weights[t]! * lp.d).toBeCloseTo(exact, 6);
          }),
        ),
      );
    }
  });

  it('weighCompletion: returns c·A on-policy without a reference model and without clipping', () => {
    const logprobs = [-1, -2];
    const out = weighCompletion(
      { advantage: 2, logprobs, oldLogprobs: logprobs },
      { aggregation: 'sequence-mean', beta: 0, clip_low: 0.2, clip_high: 0.2, max_tokens: 9 },
      { completions: 4, tokens: 99 },
    );
    expect([...out.weights]).toEqual([0.25, 0.25]);
    expect(out).toMatchObject({ clippedLow: 0, clippedHigh: 0, kl: null, tokens: 2, loss: -0.5 });
    expect(lossMetrics([out])).toMatchObject({ kl: null, kl_share: 0 });
  });

  it.each([
    // Ratios 2, 1 and ½: the first is clipped where more is rewarded, the last where less is.
    [2, { clippedHigh: 1, clippedLow: 0 }, (2 * (1 + 1 / 2)) / 3],
    [-2, { clippedHigh: 0, clippedLow: 1 }, (2 * (2 + 1)) / 3],
  ])('sums clipped tokens, gradients and k3 as computed by hand: A = %d', (advantage, clipped, pull) => {
    const around = (ratios: number[]) => ratios.map((ratio) => -1 + Math.log(ratio));
    const out = weighCompletion(
      {
        advantage,
        logprobs: [-1, -1, -1],
        oldLogprobs: around([1 / 2, 1, 2]),
        referenceLogprobs: around([3, 1 / 2, 1]),
      },
      { aggregation: 'token-mean', beta: 0.5, clip_low: 0.2, clip_high: 0.28, max_tokens: 9 },
      { completions: 4, tokens: 3 },
    );
    expect(out).toMatchObject(clipped);
    expect(out.rewardPull).toBeCloseTo(pull, 12);
    expect(out.referencePull).toBeCloseTo((0.5 * (2 + 1 / 2 + 0)) / 3, 12);
    // g − 1 − ln g, of each g = exp(lp_ref − lp)
    expect(out.kl).toBeCloseTo(2 - Math.log(3) + (-1 / 2 + Math.log(2)), 12);
  });

  it('rejects a missing reference model and arrays of different lengths', () => {
    const objective: Objective = {
      aggregation: 'token-mean',
      beta: 0.1,
      clip_low: 0.2,
      clip_high: 0.2,
      max_tokens: 9,
    };
    const counts = { completions: 1, tokens: 1 };
    expect(() =>
      weighCompletion({ advantage: 1, logprobs: [-1], oldLogprobs: [-1] }, objective, counts),
    ).toThrow('reference');
    expect(() =>
      weighCompletion({ advantage: 1, logprobs: [-1], oldLogprobs: [] }, objective, counts),
    ).toThrow('per token');
  });

  it('superviseWeights: averages the cross-entropy', () => {
    expect([...superviseWeights(2, 'token-mean', { completions: 3, tokens: 8 })]).toEqual([0.125, 0.125]);
    expect([...superviseWeights(2, 'sequence-mean', { completions: 4, tokens: 8 })]).toEqual([0.125, 0.125]);
  });
});

interface TrlCase {
  loss_type: 'grpo' | 'dapo' | 'dr_grpo';
  beta: number;
  epsilon_low: number;
  epsilon_high: number;
  max_tokens: number;
  mask: number[][];
  advantages: number[];
  logprobs: number[][];
  old: number[][];
  reference: number[][];
  loss: number;
  gradient: number[][];
}

describe('weighCompletion: matches the loss and gradient of TRL', () => {
  const file = new URL('../../../fixtures/parity/trl/loss.json', import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: TrlCase[] };

  it.each(cases.map((c, i) => ({ name: `${i}: ${c.loss_type}, β ${c.beta}`, ...c })))('$name', (c) => {
    const objective: Objective = {
      aggregation: ({ grpo: 'sequence-mean', dapo: 'token-mean', dr_grpo: 'dr-grpo' } as const)[c.loss_type],
      beta: c.beta,
      clip_low: c.epsilon_low,
      clip_high: c.epsilon_high,
      max_tokens: c.max_tokens,
    };
    const counts = { completions: c.mask.length, tokens: c.mask.flat().reduce((a, b) => a + b, 0) };
    let loss = 0;
    c.mask.forEach((mask, i) => {
      const out = weighCompletion(
        {
          advantage: c.advantages[i]!,
          logprobs: c.logprobs[i]!,
          oldLogprobs: c.old[i]!,
          referenceLogprobs: c.reference[i]!,
          mask,
        },
        objective,
        counts,
      );
      loss += out.loss;
      mask.forEach((_, t) => expect(-out.weights[t]!).toBeCloseTo(c.gradient[i]![t]!, 6));
    });
    expect(loss).toBeCloseTo(c.loss, 6);
  });
});
