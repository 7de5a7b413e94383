// What a penalty would do to the pairs that a run has drawn, if the reward had other values. `levels-table.mjs` bundles it.
import { EFFECTS, type Effect } from '../src/core/rewards/advantages.ts';
import { assess, type Assessment } from '../src/core/rewards/assess.ts';
import { assessmentOf } from '../src/core/config/derived.ts';
import type { TracedPair } from '../src/core/run-data/trace.ts';
import { similarities, type Encoder } from '../src/lab/encoders/encoder.ts';
import { openEncoder } from '../src/lab/encoders/open-encoder.ts';
import { readTraces, tracedSteps, whatIfConfig } from '../src/lab/runs/trace.ts';

/** The same pairs with one reward: 1 for a right answer, or the similarity to the right one; 0 without an answer. */
async function valued(pairs: readonly TracedPair[], encoder: Encoder | null): Promise<TracedPair[]> {
  const answers = pairs.flatMap(({ views }) =>
    views.flatMap(({ group, answer }) => group.map((one) => [one.answer_text, answer] as const)),
  );
  const known = answers.filter((one): one is readonly [string, string] => one[0] !== null);
  const cosines = encoder ? await similarities(encoder, known) : [];
  const cosineOf = new Map(known.map((pair, i) => [pair.join('\n'), cosines[i]]));
  return pairs.map((pair) => ({
    ...pair,
    views: pair.views.map((view) => ({
      ...view,
      group: view.group.map((one) => {
        const right = one.answer_text !== null && one.right === true ? 1 : 0;
        const value = encoder ? (cosineOf.get(`${one.answer_text}\n${view.answer}`) ?? 0) : right;
        return { ...one, rewards: { semantic: { value, why: '' } } };
      }),
    })),
  }));
}

export const REWARDS = ['right or wrong', 'lexical', 'MiniLM'] as const;

/**
 * The effects of penalties on the advantages of all coupled pairs of a run (R3): shares by reward, then by η.
 * @param run trained without a penalty, so that its completions are those of no η
 * @param minilm the folder of the encoder, which otherwise comes from the hub
 */
export async function effectsOf(
  run: string,
  etas: readonly number[],
  minilm?: string,
): Promise<Record<string, Record<number, Record<Effect, number>>>> {
  const config = await whatIfConfig(run);
  if (!config) throw new Error(`${run} is no run of GRPO.`);
  const own = assessmentOf(config);
  const encoders: Record<string, Encoder | null> = {
    'right or wrong': null,
    lexical: await openEncoder({ encoder: 'lexical' }),
    MiniLM: await openEncoder({ encoder: 'minilm', encoder_path: minilm }),
  };
  const counts = new Map<string, number>();
  let pairs = 0;
  try {
    for (const step of await tracedSteps(run)) {
      const traced = (await readTraces(run, step)).filter(({ views }) => views.length === 2);
      pairs += traced.length;
      for (const reward of REWARDS) {
        const alike = await valued(traced, encoders[reward]!);
        for (const eta of etas) {
          const settings: Assessment = {
            ...own,
            weights: { semantic: { weight: 1 } },
            coupling: { ...own.coupling, signal: 'semantic', eta },
          };
          for (const { effect } of assess(alike, settings)) {
            const key = `${reward} ${eta} ${effect}`;
            counts.set(key, (counts.get(key) ?? 0) + 1);
          }
        }
      }
    }
  } finally {
    for (const encoder of Object.values(encoders)) await encoder?.close();
  }
  const shareOf = (reward: string, eta: number, effect: Effect) =>
    (counts.get(`${reward} ${eta} ${effect}`) ?? 0) / pairs;
  return Object.fromEntries(
    REWARDS.map((reward) => [
      reward,
      Object.fromEntries(
        etas.map((eta) => [
          eta,
          Object.fromEntries(EFFECTS.map((effect) => [effect, shareOf(reward, eta, effect)])) as Record<
            Effect,
            number
          >,
        ]),
      ),
    ]),
  );
}
