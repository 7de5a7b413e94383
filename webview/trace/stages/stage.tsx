import type { ComponentChildren } from 'preact';
import type { TrainedPair } from '../../../src/core/run-data/trace.ts';
import type { TraceModel } from '../model.ts';
import type { ChosenCompletion, ShownPair } from '../panel-state.ts';

export interface StageProps {
  model: TraceModel;
  opened: ShownPair;
  chosen: ChosenCompletion;
  /** The pair under other settings. */
  after: TrainedPair | null;
}

/** For stages that exist only in training. */
export interface TrainedStageProps extends StageProps {
  traced: TrainedPair;
}

/** A list of names and values, without empty ones. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="fact-list">
      {facts
        .filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false)
        .map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
    </dl>
  );
}
