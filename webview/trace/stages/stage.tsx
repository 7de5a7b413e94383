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
