import type { ModelAnswers, FinishedStage, SamplingSettings } from '../metrics/model-answers.ts';
import type { MirrorVariant, Sample } from '../spatial/sample.ts';
import type { Call } from '../call.ts';
import type { ImageBytes, PairImage } from './pair.ts';

/** What is asked about: a picture, or a row of a data file. */
export interface PlayPicture {
  /** The page names it by this. */
  key: string;
  name: string;
  /** The row, or one that has nothing but the picture. */
  sample: Sample;
  images: PairImage[];
}

/** Where a picture comes from, to find it again after a reload. */
export interface PictureSource {
  name: string;
  place: { folder: string; root: string };
  sample: Sample;
}

/** A model that can be asked. The page knows it by `id` alone. */
export interface PlayModel {
  id: string;
  label: string;
  /** Where it runs. */
  detail: string;
}

/**
 * Where a model is, to find it again after a reload. `key`: the kept one of the address goes with it. `vscode`: one of
 * VS Code's language models, which is sent text alone.
 */
export type ModelSource = PlayModel &
  (
    | { kind: 'local'; path: string }
    | { kind: 'endpoint'; url: string; model: string; key: boolean }
    | { kind: 'vscode'; vendor: string; model: string }
  );

export interface PlayStrategy {
  /** The name of one that comes with the program, or a file's path. */
  name: string;
  /** As people know it. */
  label: string;
  about: string;
  /** It shows no picture. */
  blind: boolean;
  /** Whether it is a file of the workspace. */
  own: boolean;
  /** Why nobody can be asked by it. */
  problem?: string;
}

/** The question as it stands in the fields. */
export interface PlayQuestion {
  question: string;
  /** '': nobody has said it. */
  answer: string;
  choices: string[];
}

export type PlaySampling = Omit<SamplingSettings, 'max_tokens'> & { max_tokens: number | null };

/** What became of asking one model. */
export interface PlayAnswer {
  model: PlayModel;
  /** `loading`: not before it is asked for the first time. */
  state: 'waiting' | 'loading' | 'asking' | 'done' | 'failed' | 'cancelled';
  /** What is being done, or why it failed. */
  message: string;
  /** Texts as they come; `asked` holds all of them in the end. */
  stages: FinishedStage[];
  asked: ModelAnswers | null;
}

/** One asking: kept in the panel's history. */
export interface PlayAsk {
  id: number;
  picture: string;
  question: PlayQuestion;
  /** null: the rules do not mirror it, or it was not asked for. */
  mirror: MirrorVariant | null;
  strategy: string | null;
  sampling: PlaySampling;
  answers: PlayAnswer[];
}

/** What survives a reload of the window. */
export interface PlaygroundMemory {
  pictures: Record<string, PictureSource>;
  models: ModelSource[];
  /** Of the picture that is shown. */
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
  /** The opening that was taken last; null: none. */
  opening: string | null;
}

/** What is done until the model is loaded, then every text as it comes. */
export type AskUpdate = { phase: string } | { stage: FinishedStage };

/** What the page asks of the host. It may name only pictures and models that the host gave it. */
export interface PlaygroundHost {
  ready(args: null): void;
  /** Asks a person for a picture. */
  pickPicture(args: null): Promise<void>;
  /** A picture that was dropped or pasted: its bytes, or where it lies. */
  takePicture(args: { name: string; bytes: Uint8Array } | { uri: string }): Promise<void>;
  image(args: { picture: string; index: number }): Promise<ImageBytes>;
  mirror(args: { picture: string; question: PlayQuestion }): Promise<MirrorVariant>;
  /** Asks a person for a model. */
  addModel(args: null): Promise<void>;
  removeModel(args: { id: string }): void;
  ask(
    args: {
      /** The number of the asking in the history. */
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
  /** What an earlier start of the page asked, from the beginning; null where the host does not know it any more. */
  follow(args: { ask: number; model: string }, call: Call<AskUpdate>): Promise<ModelAnswers | null>;
  cancel(args: { model: string }): void;
  /** Opens the picture of an earlier asking again; `picture` tells it. */
  showPicture(args: { picture: string }): Promise<void>;
  /** Asks where to, and appends. */
  save(args: { picture: string; question: PlayQuestion; asked: ModelAnswers[] }): Promise<void>;
  manageTrust(args: null): void;
  openKeybindings(args: null): void;
}

/** What keys and the palette do, by the last part of the commands' ids: `chirality.playground.<name>`. */
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

/** What the host tells the page. */
export interface PlaygroundPage {
  /** At every start of the page, and when something of it changes. */
  show(args: PlaygroundState): void;
  /**
   * What is to be asked about: told when a person opens it, and at every start of the page.
   * @param opening its name: the page takes the question of one once, and keeps what was made of it since. Null: none,
   * the picture is that of before a reload.
   */
  picture(args: {
    picture: PlayPicture;
    source: PictureSource;
    question: PlayQuestion | null;
    opening: string | null;
  }): void;
  command(args: { name: PlaygroundCommand }): void;
}
