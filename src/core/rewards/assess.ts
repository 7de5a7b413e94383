import { isMajorityRight, pairVerdict } from '../answers/pair-verdict.ts';
import type { StopReason } from '../prompts/message.ts';
import {
  coupleByOrder,
  coupleByRelation,
  coupleJointly,
  coupleViews,
  signalOf,
  type Coupling,
} from './coupling.ts';
import type { Weights } from './rewards.ts';
import { isControl, type ViewId } from '../../rows/view-list.ts';
import { advantages, penaltyEffect, setsOf, type AdvantageConvention, type Effect } from './advantages.ts';
import { judgePair, type DynamicSampling } from './dynamic-sampling.ts';
import { isTruncated, type Assessed, type PairAssessment } from './rollout.ts';

export const TRUNCATED_RULES = ['keep', 'mask', 'penalise'] as const;

export interface Assessment {
  weights: Weights;
  coupling: Coupling;
  advantages: AdvantageConvention;
  dynamic_sampling: Pick<DynamicSampling, 'mode' | 'signal' | 'min_std'>;
  /** Treatment of completions that were truncated at the token limit. */
  truncated: (typeof TRUNCATED_RULES)[number];
}

/** Fields of a pair that the assessment uses. */
interface Assessable {
  views: {
    view: ViewId;
    group: {
      segments: readonly { stop_reason: StopReason | null }[];
      right: boolean | null;
      agrees?: boolean | undefined;
      behaves?: boolean | undefined;
      rewards: Readonly<Record<string, { value: number }>>;
    }[];
  }[];
}
type Group<P extends Assessable> = P['views'][number]['group'];

/** A pair with its assessment, which replaces any earlier assessment of the pair. */
export type AssessedPair<P extends Assessable> = Omit<P, 'views' | keyof PairAssessment> &
  PairAssessment & {
    views: (Omit<P['views'][number], 'group'> & {
      group: (Omit<Group<P>[number], keyof Assessed> & Assessed)[];
    })[];
  };

/**
 * Computes advantages from reward parts for all pairs of a step. The coupling first adjusts the values of one part;
 * then the weighted sum and the advantages are computed (R4). Returns new pairs; the reward parts are unchanged.
 * What-if analysis passes all traced pairs of a step, because the advantage normalisation can use the std of the whole
 * step. The completions are those that the run sampled; other draws of `refill` are unknown.
 */
export function assess<P extends Assessable>(pairs: readonly P[], settings: Assessment): AssessedPair<P>[] {
  const coupled = pairs.map((pair) => couple(pair, settings));
  const rewards_P_V_G = pairs.map(({ views }, p) =>
    views.map(({ group }, v) =>
      group.map((rollout, g) => total(rollout, coupled[p]!.penalty_V_G[v]![g]!, settings)),
    ),
  );
  const unpenalised_P_V_G = pairs.map(({ views }) =>
    views.map(({ group }) => group.map((rollout) => total(rollout, 0, settings))),
  );
  const { dynamic_sampling: sampling } = settings;
  const trained = (values_P_V_G: number[][][]) => pairs.map((pair, p) => ofTrained(pair, values_P_V_G[p]!));
  const trained_P_V_G = trained(rewards_P_V_G);
  const { advantages_P_V_G, effects } = advantagesAndEffects(
    trained(unpenalised_P_V_G),
    trained_P_V_G,
    settings,
  );

  return pairs.map((pair, p) => {
    const { delta, penalised, joint, behaving, bonus, penalty_V_G } = coupled[p]!;
    const right_V_G = pair.views.map(({ group }) => group.map(({ right }) => right ?? false));
    const { scope } = settings.advantages;
    const { varies, why } = judgePair(trained_P_V_G[p]!, ofTrained(pair, right_V_G), sampling, scope);
    const [original, partner] = right_V_G;
    const other = pair.views[1];
    // Controls have no outcome, and neither have counterfactuals without a known right answer.
    const isJudged =
      other &&
      !isControl(other.view) &&
      other.group.every((completion) => completion.right !== null || completion.behaves === undefined);
    const assessed = {
      ...pair,
      views: pair.views.map((view, v) => ({
        ...view,
        group: view.group.map((rollout, g) => ({
          ...rollout,
          penalty: penalty_V_G[v]![g]!,
          reward: rewards_P_V_G[p]![v]![g]!,
          advantage: advantages_P_V_G[p]![v]?.[g] ?? 0,
        })),
      })),
      delta,
      penalised: penalised === null ? null : pair.views[penalised]!.view,
      effect: delta === null || joint !== undefined || bonus !== undefined ? null : effects[p]!,
      // Set even if undefined, to replace the value of an earlier assessment.
      joint,
      behaving,
      bonus,
      verdict:
        original && partner && isJudged
          ? pairVerdict(isMajorityRight(original), isMajorityRight(partner), other.view)
          : null,
      kept: varies || sampling.mode === 'off',
      why,
    };
    // For a type parameter, TypeScript also includes the original `views` in the type of the spread.
    return assessed as AssessedPair<P>;
  });
}

/** Returns the views of a pair that the run trains on: all views except controls, which follow the original. */
export const trainedViews = <V extends { view: ViewId }>({ views }: { views: readonly V[] }): V[] =>
  views.filter(({ view }) => !isControl(view));

const ofTrained = <T>(pair: Assessable, values_V: readonly T[]): T[] =>
  values_V.slice(0, trainedViews(pair).length);

/**
 * Computes the advantages with the penalty, and the effect on each pair (R3). A difference that only the ε of the
 * divisor causes is no effect, so scaled advantages are compared without ε.
 */
function advantagesAndEffects(
  before_P_V_G: readonly number[][][],
  after_P_V_G: readonly number[][][],
  { advantages: convention }: Assessment,
): { advantages_P_V_G: number[][][]; effects: Effect[] } {
  const withEpsilon = (epsilon: number) => {
    const [before, after] = [before_P_V_G, after_P_V_G].map((rewards_P_V_G) =>
      advantages(rewards_P_V_G, { ...convention, epsilon }),
    ) as [number[][][], number[][][]];
    const sets = (advantages_V_G: number[][]) => setsOf(advantages_V_G, convention.scope);
    const effects = before.map((advantages_V_G, p) => penaltyEffect(sets(advantages_V_G), sets(after[p]!)));
    return { advantages_P_V_G: after, effects };
  };
  const trained = withEpsilon(convention.epsilon);
  if (!trained.effects.includes('scaled')) return trained;
  const exact = withEpsilon(0).effects;
  return {
    ...trained,
    effects: trained.effects.map((effect, p) =>
      effect === 'scaled' && exact[p] === 'none' ? 'none' : effect,
    ),
  };
}

interface Coupled {
  delta: number | null;
  penalised: 0 | 1 | null;
  /** Number of completion pairs that earn the joint reward; undefined in other coupling modes. */
  joint?: number | undefined;
  behaving?: number | undefined;
  bonus?: boolean | undefined;
  penalty_V_G: number[][];
}

/** Returns Δ and the view penalties of one pair. A row without a partner has no Δ (R44). */
function couple({ views }: Assessable, settings: Assessment): Coupled {
  const signal = signalOf(settings.coupling);
  const one_V_G = views.map(({ group }) =>
    group.map(({ right, agrees, behaves, rewards }) => ({
      value: rewards[signal]?.value ?? 0,
      right: right ?? false,
      agrees,
      behaves,
    })),
  );
  const [original, partner] = one_V_G;
  if (!original || !partner || !settings.weights[signal]?.weight)
    return { delta: null, penalised: null, penalty_V_G: one_V_G.map((view) => view.map(() => 0)) };
  // A completion whose answer earned no reward gets no joint reward, even if the answer is right.
  const right = (view: typeof original) => view.map((completion) => completion.right && completion.value > 0);
  if (settings.coupling.mode === 'joint') {
    const { joint, ...coupled } = coupleJointly([original, partner]);
    return { ...coupled, penalised: null, joint: joint ?? undefined };
  }
  if (settings.coupling.mode === 'relation') {
    const behaves = partner.map((completion) => completion.behaves ?? false);
    const { behaving, penalty_V_G } = coupleByRelation(right(original), behaves);
    return { delta: null, penalised: null, behaving: behaving ?? undefined, penalty_V_G };
  }
  if (settings.coupling.mode === 'order')
    return { penalised: null, ...coupleByOrder(right(original), right(partner)) };
  const values = (view: typeof original) => view.map(({ value }) => value);
  return coupleViews([values(original), values(partner)], settings.coupling);
}

/**
 * Computes equation 1: the weighted sum of the reward parts, minus the view penalty. If truncated completions are
 * penalised, their sum is at most 0.
 */
function total(
  rollout: Assessable['views'][number]['group'][number],
  penalty: number,
  settings: Assessment,
): number {
  const { weights, truncated } = settings;
  const signal = signalOf(settings.coupling);
  const sum = Object.entries(rollout.rewards).reduce(
    (sum, [name, { value }]) =>
      sum + (weights[name]?.weight ?? 0) * (value - (name === signal ? penalty : 0)),
    0,
  );
  return truncated === 'penalise' && isTruncated(rollout) ? Math.min(sum, 0) : sum;
}
