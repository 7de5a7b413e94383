import type { TracedPair } from '../../../src/core/run-data/trace.ts';
import type { Chosen, Opened, TraceModel } from '../model.ts';

export interface StageProps {
  model: TraceModel;
  opened: Opened;
  chosen: Chosen;
  after: TracedPair | null;
}
