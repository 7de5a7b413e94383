import type {
  PlaygroundMemory,
  PlaygroundState,
  PlayPicture,
} from '../../src/panels/playground/playground.contract.ts';
import type { MirrorVariant } from '../../src/rows/sample/sample.ts';
import type { ViewId } from '../../src/rows/view-list.ts';

/** Selected completion by model, view and number: its stages, boxes and graph are shown. */
export interface ChosenCompletion {
  model: string;
  view: ViewId;
  completion: number;
}

export interface PlaygroundPanelState extends Omit<PlaygroundMemory, 'picture' | 'models'> {
  host: PlaygroundState | null;
  /** Null if no image has been opened yet. */
  picture: PlayPicture | null;
  /** Rules' mirror of the question; null until it is computed. */
  mirror: MirrorVariant | null;
  chosen: ChosenCompletion | null;
  /** Image of an earlier question, while it loads. */
  awaited: string | null;
  swapped: boolean;
  showKeys: boolean;
  /** Error that concerns no single model. */
  problem: string | null;
}
