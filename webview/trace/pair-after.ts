import { assessmentOf } from '../../src/core/config/derived.ts';
import { assess } from '../../src/core/rewards/assess.ts';
import type { TracedPair, TrainedPair } from '../../src/core/run-data/trace.ts';
import type { WhatIfConfig } from '../../src/core/run-data/what-if-settings.ts';

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
