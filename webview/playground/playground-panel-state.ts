import type {
  PlaygroundMemory,
  PlaygroundState,
  PlayPicture,
} from '../../src/panels/playground/playground.contract.ts';
import type { MirrorVariant } from '../../src/rows/sample/sample.ts';
import type { ViewId } from '../../src/rows/view-list.ts';

/** A completion by model, view and number: its stages are shown, its boxes and graph drawn. */
export interface ChosenCompletion {
  model: string;
  view: ViewId;
  completion: number;
}

export interface PlaygroundPanelState extends Omit<PlaygroundMemory, 'picture' | 'models'> {
  host: PlaygroundState | null;
  /** Null if none has been opened yet. */
  picture: PlayPicture | null;
  /** The rules' mirror of the question; null until it is computed. */
  mirror: MirrorVariant | null;
  chosen: ChosenCompletion | null;
  /** The image of an earlier ask, while it loads. */
  awaited: string | null;
  swapped: boolean;
  showKeys: boolean;
  /** An error that concerns no model. */
  problem: string | null;
}
