import { assessmentOf } from '../../src/core/config/derived.ts';
import type { TracedPair, TrainedPair } from '../../src/core/run-data/trace.ts';
import { assess } from '../../src/core/grpo/assess.ts';
import { signChanges } from '../../src/core/what-if/recompute.ts';
import { settingsFor, type Setting, type WhatIfConfig } from '../../src/core/what-if/settings.ts';

/** The settings that can be changed for the reward parts of a pair. */
export const settingsOf = ({ views }: TracedPair): Setting[] =>
  settingsFor([
    ...new Set(views.flatMap(({ group }) => group.flatMap(({ rewards }) => Object.keys(rewards)))),
  ]);

/** A pair as another config would have judged it, together with the pairs of its step; null if it is not among them. */
export function pairAfter(
  traced: TrainedPair,
  step: readonly TracedPair[],
  config: WhatIfConfig,
): TrainedPair | null {
  const now = assess(step, assessmentOf(config)).find(({ pair }) => pair === traced.pair);
  if (!now) return null;
  return {
    ...now,
    kind: traced.kind,
    views: traced.views.map((view, v) => ({
      ...view,
      group: view.group.map((completion, g) => {
        const { penalty, reward, advantage } = now.views[v]!.group[g]!;
        return { ...completion, penalty, reward, advantage };
      }),
    })),
  };
}

/** The share of a step's advantages that pull the other way, or begin or cease to pull, under another config. */
export function changedBy(step: readonly TracedPair[], config: WhatIfConfig): number {
  const signs = assess(step, assessmentOf(config)).flatMap((now, i) => signChanges(step[i]!, now).flat());
  return signs.length === 0 ? 0 : signs.filter((sign) => sign !== null).length / signs.length;
}
