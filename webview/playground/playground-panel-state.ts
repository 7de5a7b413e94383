import type {
  PlaygroundMemory,
  PlaygroundState,
  PlayPicture,
} from '../../src/panels/playground/playground.contract.ts';
import type { MirrorVariant } from '../../src/rows/sample/sample.ts';
import type { ViewId } from '../../src/rows/view-list.ts';

/** Selected completion, by model, view and number. The page shows the completion's stages, boxes and graph. */
export interface ChosenCompletion {
  model: string;
  view: ViewId;
  completion: number;
}

export interface PlaygroundPanelState extends Omit<PlaygroundMemory, 'picture' | 'models'> {
  host: PlaygroundState | null;
  /** Displayed image; null until the user opens an image. */
  picture: PlayPicture | null;
  /** Mirror of the question by the rules; null until it is computed. */
  mirror: MirrorVariant | null;
  chosen: ChosenCompletion | null;
  /** Key of an earlier question's image while the image loads; otherwise null. */
  awaited: string | null;
  swapped: boolean;
  showKeys: boolean;
  /** Error that does not concern a single model; null without an error. */
  problem: string | null;
}
