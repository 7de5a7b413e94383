import type { ModelAnswers, FinishedStage, SamplingSettings } from '../metrics/model-answers.ts';
import type { MirrorVariant, Sample } from '../sample/sample.ts';
import type { Call } from '../call.ts';
import type { ImageBytes, PairImage } from './pair.ts';

/** The subject of a question: a picture, or a row of a data file. */
export interface PlayPicture {
  /** Identifies the picture to the page. */
  key: string;
  name: string;
  /** The row, or a sample that contains only the picture. */
  sample: Sample;
  images: PairImage[];
}

/** The origin of a picture, so that it can be found again after a reload. */
export interface PictureSource {
  name: string;
  place: { folder: string; root: string };
  sample: Sample;
}

/** A model that can be asked. The page knows it only by `id`. */
interface PlayModel {
  id: string;
  label: string;
  /** Where the model runs. */
  detail: string;
}

/**
 * The location of a model, so that it can be found again after a reload. `key`: whether the address's stored key is
 * sent with requests. `vscode`: one of VS Code's language models, which receives only text.
 */
export type ModelSource = PlayModel &
  (
    | { kind: 'local'; path: string }
    | { kind: 'endpoint'; url: string; model: string; key: boolean }
    | { kind: 'vscode'; vendor: string; model: string }
  );

export interface PlayStrategy {
  /** The name of a built-in strategy, or a file's path. */
  name: string;
  /** The name shown to people. */
  label: string;
  about: string;
  /** True if it shows no picture. */
  blind: boolean;
  /** True if it is a file of the workspace. */
  own: boolean;
  /** Why the strategy cannot be used. */
  problem?: string;
}

/** The question as currently entered in the fields. */
export interface PlayQuestion {
  question: string;
  /** Empty if no answer was given. */
  answer: string;
  choices: string[];
}

export type PlaySampling = Omit<SamplingSettings, 'max_tokens'> & { max_tokens: number | null };

/** Progress and result of asking one model. */
export interface PlayAnswer {
  model: PlayModel;
  /** `loading` only occurs when the model is asked for the first time. */
  state: 'waiting' | 'loading' | 'asking' | 'done' | 'failed' | 'cancelled';
  /** What is being done, or why it failed. */
  message: string;
  /** Texts as they arrive; at the end, `asked` contains all of them. */
  stages: FinishedStage[];
  asked: ModelAnswers | null;
}

/** One question put to models, as kept in the panel's history. */
export interface PlayAsk {
  id: number;
  picture: string;
  question: PlayQuestion;
  /** Null: the rules cannot mirror the question, or no mirror was requested. */
  mirror: MirrorVariant | null;
  strategy: string | null;
  sampling: PlaySampling;
  answers: PlayAnswer[];
}

/** Survives a reload of the window. */
export interface PlaygroundMemory {
  pictures: Record<string, PictureSource>;
  models: ModelSource[];
  /** Key of the picture being shown. */
  picture: string | null;
  question: PlayQuestion;
  mirrored: boolean;
  strategy: string | null;
  sampling: PlaySampling;
  boxes: boolean;
  graph: boolean;
  history: PlayAsk[];
  /** The ask whose answers are shown; null: none. */
  shown: number | null;
  /** Name of the last opening that the page handled; null: none. */
  opening: string | null;
}

/** What is being done until the model is loaded, then every text as it arrives. */
export type AskUpdate = { phase: string } | { stage: FinishedStage };

/** Calls that the page makes to the host. It may only name pictures and models that the host gave it. */
export interface PlaygroundHost {
  ready(args: null): void;
  /** Lets the user choose a picture. */
  pickPicture(args: null): Promise<void>;
  /** Takes a picture that was dropped or pasted: its bytes, or its URI. */
  takePicture(args: { name: string; bytes: Uint8Array } | { uri: string }): Promise<void>;
  image(args: { picture: string; index: number }): Promise<ImageBytes>;
  mirror(args: { picture: string; question: PlayQuestion }): Promise<MirrorVariant>;
  /** Lets the user choose a model. */
  addModel(args: null): Promise<void>;
  removeModel(args: { id: string }): void;
  ask(
    args: {
      /** Number of this ask in the history. */
      ask: number;
      model: string;
      picture: string;
      question: PlayQuestion;
      mirrored: boolean;
      strategy: string | null;
      sampling: PlaySampling;
    },
    call: Call<AskUpdate>,
  ): Promise<ModelAnswers>;
  /**
   * Continues an ask of the page before it restarted, repeating its updates from the beginning; null if the host no
   * longer knows it.
   */
  follow(args: { ask: number; model: string }, call: Call<AskUpdate>): Promise<ModelAnswers | null>;
  /** Shows the picture of an earlier ask again, by a call of `picture`. */
  showPicture(args: { picture: string }): Promise<void>;
  /** Lets the user choose a file and appends the row to it. */
  save(args: { picture: string; question: PlayQuestion; asked: ModelAnswers[] }): Promise<void>;
  manageTrust(args: null): void;
  openKeybindings(args: null): void;
}

/** Commands for keys and the palette, by the last part of their ids: `chirality.playground.<name>`. */
export const PLAYGROUND_COMMANDS = [
  'ask',
  'cancel',
  'pickPicture',
  'addModel',
  'save',
  'editQuestion',
  'swap',
  'toggleBoxes',
  'toggleGraph',
  'older',
  'newer',
  'showKeys',
] as const;
export type PlaygroundCommand = (typeof PLAYGROUND_COMMANDS)[number];

export interface PlaygroundState {
  trusted: boolean;
  models: ModelSource[];
  strategies: PlayStrategy[];
}

/** Calls that the host makes to the page. */
export interface PlaygroundPage {
  /** Called whenever the page starts, and when any of the state changes. */
  show(args: PlaygroundState): void;
  /**
   * Sets the subject of questions; called when a user opens a picture and whenever the page starts.
   * @param opening name of this opening. The page takes over the question of an opening only once and then keeps the
   * user's changes. Null: the picture is the one from before a reload.
   */
  picture(args: {
    picture: PlayPicture;
    source: PictureSource;
    question: PlayQuestion | null;
    opening: string | null;
  }): void;
  command(args: { name: PlaygroundCommand }): void;
}
