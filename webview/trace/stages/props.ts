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
