import { isMajorityRight, pairVerdict } from '../answers/pair-verdict.ts';
import { coupleViews, type Coupling } from '../rewards/coupling.ts';
import {
  advantages,
  penaltyEffect,
  type AdvantageConvention,
  type AssessmentRules,
  type Effect,
} from './advantages.ts';
import { judgePair, type DynamicSampling } from './dynamic-sampling.ts';
import { isTruncated, type Pair, type Rollout } from './rollout.ts';

export const TRUNCATED_RULES = ['keep', 'mask', 'penalise'] as const;

export interface Assessment {
  weights: Record<string, { weight: number }>;
  coupling: Coupling;
  advantages: AdvantageConvention;
  dynamic_sampling: Pick<DynamicSampling, 'mode' | 'signal' | 'min_std'>;
  /** How completions cut off at the maximum length are treated. */
  truncated: (typeof TRUNCATED_RULES)[number];
  rules: AssessmentRules;
}

/**
 * Computes advantages from reward parts for all pairs of a step. First the coupling adjusts the values of one part,
 * then come the weighted sum and the advantages, in this order (R4). Returns new pairs; the reward parts are unchanged.
 * The what-if view of a stored run calls this function, too.
 */
export function assess(pairs: readonly Pair[], settings: Assessment): Pair[] {
  const coupled = pairs.map((pair) => couple(pair, settings));
  const withPenalty = coupled.map((pair) => pair.views.map(({ group }) => group.map(({ reward }) => reward)));
  const without = coupled.map((pair) =>
    pair.views.map(({ group }) => group.map((r) => total(r, 0, settings))),
  );
  const { advantages: convention, rules } = settings;
  const after = advantages(withPenalty, convention, rules);
  const effects = penaltyEffects(without, withPenalty, convention, rules);

  return coupled.map((pair, p) => {
    const right_V_G = pair.views.map(({ group }) => group.map(({ right }) => right));
    const { varies, why } = judgePair(withPenalty[p]!, right_V_G, settings.dynamic_sampling, rules);
    return {
      ...pair,
      views: pair.views.map((view, v) => ({
        ...view,
        group: view.group.map((rollout, g) => ({ ...rollout, advantage: after[p]![v]![g]! })),
      })),
      effect: pair.delta === null ? null : effects[p]!,
      verdict:
        right_V_G.length === 2
          ? pairVerdict(isMajorityRight(right_V_G[0]!), isMajorityRight(right_V_G[1]!), pair.views[1]!.view)
          : null,
      kept: varies || settings.dynamic_sampling.mode === 'off',
      why,
    };
  });
}

/**
 * Determines what the penalty did to each pair (R3). A difference that only the ε of the divisor makes is no effect, so
 * it is checked without ε.
 */
function penaltyEffects(
  before_P_V_G: readonly number[][][],
  after_P_V_G: readonly number[][][],
  convention: AdvantageConvention,
  rules: AssessmentRules,
): Effect[] {
  const effects = ({ epsilon }: { epsilon: number }) => {
    const [before, after] = [before_P_V_G, after_P_V_G].map((rewards_P_V_G) =>
      advantages(rewards_P_V_G, { ...convention, epsilon }, rules).map((advantages_V_G) =>
        convention.scope === 'pair' ? [advantages_V_G.flat()] : advantages_V_G,
      ),
    );
    return before!.map((sets, p) => penaltyEffect(sets, after![p]!));
  };
  const trained = effects(convention);
  const exact = effects({ epsilon: 0 });
  return trained.map((effect, p) =>
    rules > 1 && effect === 'scaled' && exact[p] === 'none' ? 'none' : effect,
  );
}

/** Computes Δ, the penalties and the final rewards of one pair. A row without a partner has no Δ (R44). */
function couple(pair: Pair, settings: Assessment): Pair {
  const signal = signalOf(settings);
  const value_V_G = pair.views.map(({ group }) => group.map(({ rewards }) => rewards[signal]?.value ?? 0));
  const [original, partner] = value_V_G;
  const coupled =
    original && partner && settings.weights[signal]?.weight
      ? coupleViews([original, partner], settings.coupling)
      : { delta: null, penalised: null, penalty_V_G: value_V_G.map((view) => view.map(() => 0)) };
  return {
    ...pair,
    delta: coupled.delta,
    penalised: coupled.penalised === null ? null : pair.views[coupled.penalised]!.view,
    views: pair.views.map((view, v) => ({
      ...view,
      group: view.group.map((rollout, g) => {
        const penalty = coupled.penalty_V_G[v]![g]!;
        return { ...rollout, penalty, reward: total(rollout, penalty, settings) };
      }),
    })),
  };
}

/** The part that the views are coupled by. */
const signalOf = ({ coupling }: Assessment): string => coupling.signal ?? 'semantic';

/** Equation 1: the weighted sum of the parts, with the penalty subtracted from the one that couples the views. */
function total(rollout: Rollout, penalty: number, settings: Assessment): number {
  const { weights, truncated } = settings;
  const signal = signalOf(settings);
  if (truncated === 'penalise' && isTruncated(rollout)) return 0;
  return Object.entries(rollout.rewards).reduce(
    (sum, [name, { value }]) =>
      sum + (weights[name]?.weight ?? 0) * (value - (name === signal ? penalty : 0)),
    0,
  );
}
