import { readCompletion } from '../answers/extract.ts';
import type { Extraction } from '../answers/score.ts';
import { fixed, percentText } from '../../base/format.ts';
import { mean } from '../../base/numbers.ts';
import { scorerOf } from './reward-parts.ts';
import { type RewardPart, type Weights, rewardNames } from './rewards.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { MIRROR, POLARITY, type ViewId } from '../../rows/view-list.ts';
import { inView } from '../../rows/views/view.ts';

/** Test of the rewards with a worthless answer, or with the opposite of the right answer. */
interface Probe {
  name: string;
  kind: 'worthless' | 'opposite';
  /** Returns the probe's completion for a row; null if the probe does not apply to the row. */
  completion: (sample: Sample, wrap: (answer: string) => string) => string | null;
}

const LONG = 'the object is here and '.repeat(200);

const PROBES: readonly Probe[] = [
  { name: 'empty', kind: 'worthless', completion: (_, wrap) => wrap('') },
  { name: 'nothing at all', kind: 'worthless', completion: () => '' },
  { name: 'tags only', kind: 'worthless', completion: () => '<think></think><answer></answer>' },
  {
    name: 'all options',
    kind: 'worthless',
    completion: ({ choices }, wrap) => (choices ? wrap(choices.join(' or ')) : null),
  },
  { name: 'echo of the question', kind: 'worthless', completion: ({ question }, wrap) => wrap(question) },
  { name: 'very long', kind: 'worthless', completion: (_, wrap) => wrap(LONG) },
  {
    name: 'mirrored reference',
    kind: 'opposite',
    completion: (sample, wrap) => inOtherView(sample, MIRROR, wrap),
  },
  {
    name: 'polarity opposite',
    kind: 'opposite',
    completion: (sample, wrap) => inOtherView(sample, POLARITY, wrap),
  },
];

/** Returns the answer to a row's trusted rewrite, if it differs. An untrusted rewrite can have a wrong answer. */
function inOtherView(sample: Sample, view: ViewId, wrap: (answer: string) => string): string | null {
  const opposite = inView(sample, view)?.answer;
  return opposite === undefined || opposite === sample.answer ? null : wrap(opposite);
}

export interface ProbeResult {
  name: string;
  kind: Probe['kind'];
  rows: number;
  /** Mean reward of the probe; `reference` is the mean reward of reference answers to the same rows. */
  mean: number;
  reference: number;
  /** Difference that the reward makes between them: reference − mean. */
  margin: number;
  /** Share of the probe's answers with a semantic reward above δ, which the view coupling treats as good answers. */
  above_threshold: number;
}

/** Returns the completions that `probeRewards` will score, so that a caller can embed the answers first. */
export function probeCompletions(samples: readonly Sample[]): { sample: Sample; completion: string }[] {
  return samples.flatMap((sample) =>
    [wrapAnswer(sample.answer), ...PROBES.map(({ completion }) => completion(sample, wrapAnswer))].flatMap(
      (completion) => (completion === null ? [] : [{ sample, completion }]),
    ),
  );
}

/**
 * Computes the configured rewards of worthless and of opposite answers (R54). Probes of an answer use the right tags, so that only the answer affects the reward.
 */
export function probeRewards(
  samples: readonly Sample[],
  { weights, threshold, extraction }: { weights: Weights; threshold: number; extraction: Extraction },
  similarity: (answer: string, reference: string) => number,
  ownParts?: (sample: Sample, completion: string) => Record<string, RewardPart>,
): ProbeResult[] {
  // Omits the agreement reward, because a probe has no other view.
  const names = rewardNames(weights).filter((name) => name !== 'agreement');
  if (names.length === 0 && !ownParts) return [];
  // Without labels, no reward uses the reference answer, so opposite answers cannot be tested.
  const unlabelled =
    Boolean(weights.agreement?.weight) && !ownParts && names.every((name) => name === 'format');
  const probes = PROBES.filter(({ kind }) => kind === 'worthless' || !unlabelled);
  const score = (completion: string, sample: Sample) => {
    const scored = scorerOf(sample, names, extraction, similarity)(readCompletion(completion));
    const rewards = { ...scored.rewards, ...ownParts?.(sample, completion) };
    const total = Object.entries(rewards).reduce(
      (sum, [name, { value }]) => sum + weights[name]!.weight * value,
      0,
    );
    return { total, semantic: rewards.semantic?.value ?? 0 };
  };
  return probes.flatMap(({ name, kind, completion }) => {
    const rows = samples.flatMap((sample) => {
      const probe = completion(sample, wrapAnswer);
      return probe === null
        ? []
        : [{ probe: score(probe, sample), reference: score(wrapAnswer(sample.answer), sample) }];
    });
    if (rows.length === 0) return [];
    const meanOf = (pick: (row: (typeof rows)[number]) => number) => mean(rows.map(pick))!;
    const [probe, reference] = [meanOf((row) => row.probe.total), meanOf((row) => row.reference.total)];
    return [
      {
        name,
        kind,
        rows: rows.length,
        mean: probe,
        reference,
        margin: reference - probe,
        above_threshold: meanOf((row) => Number(row.probe.semantic > threshold)),
      },
    ];
  });
}

/**
 * Returns warnings: a worthless answer earns more than half of the reference answer's reward, an opposite answer earns
 * nearly as much as the right answer, or the difference is smaller than the reward std within a group.
 * @param groupSpread mean standard deviation of rewards within a group; null if unknown.
 */
export function probeWarnings(results: readonly ProbeResult[], groupSpread: number | null): string[] {
  const paid = results
    .filter(({ kind, mean, reference }) => kind === 'worthless' && mean > reference / 2)
    .map(({ name, mean, reference }) => `"${name}" earns ${fixed(mean, 3)} of ${fixed(reference, 3)}`);
  const forNothing =
    paid.length > 0
      ? [
          `The rewards can be earned without an answer: ${paid.join(', ')}. To reproduce the rewards of a paper, keep them. Otherwise, add rewards.accuracy, or raise its weight above the sum of the other weights.`,
        ]
      : [];
  const opposites = results.flatMap(({ name, kind, mean, reference, margin, above_threshold }) => {
    const warnings: string[] = [];
    if (kind === 'opposite' && margin < 0.1 * reference) {
      warnings.push(
        `The rewards hardly distinguish an answer from its opposite. Add rewards.accuracy, or use another encoder (implementation choice R54). The ${name} earns ${fixed(mean, 3)}, the reference answer ${fixed(reference, 3)}.`,
      );
    }
    if (kind === 'opposite' && groupSpread !== null && margin < groupSpread) {
      warnings.push(
        `The margin of the ${name}, ${fixed(margin, 3)}, is below the reward std within a group, ${fixed(groupSpread, 3)}.`,
      );
    }
    if (kind === 'opposite' && above_threshold > 0.5) {
      warnings.push(
        `${percentText(above_threshold)} of the ${name}s are above the coupling threshold, so Δ will be near 0 (implementation choice R54).`,
      );
    }
    return warnings;
  });
  return [...forNothing, ...opposites];
}

const wrapAnswer = (answer: string): string => `<think> </think> <answer>${answer}</answer>`;
