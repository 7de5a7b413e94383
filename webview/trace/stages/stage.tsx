import type { ComponentChildren } from 'preact';
import type { TrainedPair } from '../../../src/core/run-data/trace.ts';
import type { Chosen, Opened, TraceModel } from '../model.ts';

export interface StageProps {
  model: TraceModel;
  opened: Opened;
  chosen: Chosen;
  /** Under other settings. */
  after: TrainedPair | null;
}

/** Of stages that only training has. */
export interface TrainedStageProps extends StageProps {
  traced: TrainedPair;
}

/** Names with values; what there is none of is left out. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="fact-list">
      {facts
        .filter(([, value]) => value !== undefined && value !== null && value !== '')
        .map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
    </dl>
  );
}
