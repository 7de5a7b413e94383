import * as z from 'zod/mini';
import { VERDICTS } from '../../core/answers/pair-verdict.ts';
import type { Look } from '../../core/insight/look.ts';
import { isRecord } from '../../base/json.ts';
import type { ModelAnswers, FinishedStage } from '../../core/metrics/model-answers.ts';
import type { SandboxScene } from '../../core/worlds/sandbox/sandbox-scene.ts';
import { isImageRef, type MirrorVariant, type Sample } from '../../rows/sample/sample.ts';
import { answers, count, nothing, text, type HostOf, type ReadonlyDeep } from '../calls.contract.ts';
import type { ImageBytes, PairImage } from '../pair/pair.contract.ts';

/** Subject of a question: an image, or a row of a data file. */
export interface PlayPicture {
  /** Key by which the page identifies the image. */
  key: string;
  name: string;
  /** Row, or a sample that contains only the image. */
  sample: Sample;
  images: PairImage[];
  /** Scene of a world's image, for the sandbox; null for other images. */
  scene: SandboxScene | null;
}

const isSample = (value: unknown): value is Sample =>
  isRecord(value) &&
  [value.id, value.question, value.answer].every((field) => typeof field === 'string') &&
  Array.isArray(value.images) &&
  value.images.every(isImageRef);

/** Origin of an image. The host uses the origin to find the image again after a reload. */
const pictureSource = z.object({
  name: text,
  place: z.object({ folder: text, root: text }),
  sample: z.custom<Sample>(isSample),
  /** Difference between the asked models, which the page shows above the answers. */
  finding: z.optional(text),
});
export type PictureSource = z.output<typeof pictureSource>;

/** Model that the page can ask, identified by `id`. `detail`: location of the model. */
const playModel = { id: text, label: text, detail: text };

/**
 * Location of a model. The host uses the location to find the model again after a reload. `key`: whether requests
 * include the key stored for the address. `vscode`: a language model of VS Code, which receives only text.
 */
const modelSource = z.discriminatedUnion('kind', [
  z.object({ ...playModel, kind: z.literal('local'), path: text }),
  z.object({ ...playModel, kind: z.literal('endpoint'), url: text, model: text, key: z.boolean() }),
  z.object({ ...playModel, kind: z.literal('vscode'), vendor: text, model: text }),
]);
export type ModelSource = z.output<typeof modelSource>;

export interface PlayStrategy {
  /** Name of a built-in strategy, or path of a strategy file. */
  name: string;
  /** Name of the strategy for users. */
  label: string;
  about: string;
  /** Whether the strategy shows the model no image. */
  blind: boolean;
  /** Whether the strategy is a file in the workspace. */
  isOfUser: boolean;
  /** Reason why the strategy is unusable; undefined for a usable strategy. */
  problem?: string;
}

const question = z.object({ question: text, answer: text, choices: z.array(text) });
/** Question with the current contents of the fields. */
export type PlayQuestion = ReadonlyDeep<z.output<typeof question>>;

const drawn = { n: count, temperature: z.number(), top_p: z.number(), seed: z.int() };
const sampling = z.object({ ...drawn, max_tokens: z.nullable(count) });
export type PlaySampling = z.output<typeof sampling>;

export interface PlayAnswer {
  model: Pick<ModelSource, 'id' | 'label' | 'detail'>;
  /** State of the question. `loading` occurs only at the first question to this model. */
  state: 'waiting' | 'loading' | 'asking' | 'done' | 'failed' | 'cancelled';
  /** Current activity, or the reason for a failure. */
  message: string;
  /** Texts that have arrived so far; at the end, `asked` contains all texts. */
  stages: FinishedStage[];
  asked: ModelAnswers | null;
}

/** Question to several models, in the panel's history. */
export interface PlayAsk {
  id: number;
  picture: string;
  question: PlayQuestion;
  /** Mirror of the question; null if the rules cannot mirror the question, or if the user requested no mirror. */
  mirror: MirrorVariant | null;
  strategy: string | null;
  sampling: PlaySampling;
  answers: PlayAnswer[];
}

/** Two scenes on a line: a model's answer changes between the two, or the model answers only one of them correctly. */
export interface Found {
  kind: 'change' | 'stubborn';
  /** Scene before the search. */
  from: SandboxScene;
  rows: readonly [FoundRow, FoundRow];
}
export interface FoundRow {
  scene: SandboxScene;
  asked: ModelAnswers;
}

/** Stored state, which survives a reload of the window. */
export const playgroundMemory = z.looseObject({
  pictures: z.record(text, pictureSource),
  models: z.array(modelSource),
  picture: z.nullable(text),
});
export interface PlaygroundMemory {
  pictures: Record<string, PictureSource>;
  models: ModelSource[];
  /** Key of the displayed image. */
  picture: string | null;
  question: PlayQuestion;
  mirrored: boolean;
  strategy: string | null;
  sampling: PlaySampling;
  boxes: boolean;
  graph: boolean;
  history: PlayAsk[];
  /** Scene in the sandbox; null while the page shows an image. */
  sandbox: SandboxScene | null;
  /** Results of the searches from this scene, by model; null if all answers of the model along the line are right. */
  found: Readonly<Record<string, Found | null>>;
  /** Whether to analyse the attention of models that answer in the sandbox. */
  looks: boolean;
  /** Number of the question whose answers the page shows; null if the page shows no answers. */
  shown: number | null;
  /** Identifier of the last opening that the page handled; null if the page has handled none. */
  opening: string | null;
}

/** Update on a question: the current activity until the model is loaded, then each text as it arrives. */
export type AskUpdate = { phase: string } | { stage: FinishedStage };

const graph = z.custom<NonNullable<FinishedStage['segment']['graph']>>(isRecord);

/** Answers of a model, in the form that the host sends. */
const modelAnswers = z.object({
  model: text,
  strategy: text,
  sampling: z.object({ ...drawn, max_tokens: count }),
  views: z.array(
    z.object({
      view: text,
      question: text,
      choices: z.exactOptional(z.array(text)),
      reference: text,
      majority: z.object({ answer: z.nullable(text), count, of: count }),
      completions: z.array(
        z.object({
          segments: z.array(
            z.object({
              stage: text,
              text,
              stop_reason: text,
              graph: z.exactOptional(graph),
              error: z.exactOptional(text),
            }),
          ),
          answer: text,
          right: z.nullable(z.boolean()),
        }),
      ),
    }),
  ),
  verdict: z.nullable(z.enum(VERDICTS)),
  agreement: z.nullable(z.enum(['agree', 'disagree', 'undecided'])),
});

/** Scene in the sandbox. The service validates the scene when it renders the scene. */
const scene = z.custom<SandboxScene>(isRecord);

/** Calls that the page makes to its host. They refer only to images and models that the host has sent. */
export const playgroundCalls = {
  ready: nothing,
  pickPicture: nothing,
  /** Accepts an image that the user dropped or pasted: its bytes, or its URI. */
  takePicture: z.union([z.object({ name: text, bytes: z.instanceof(Uint8Array) }), z.object({ uri: text })]),
  image: answers<ImageBytes>()(z.object({ picture: text, index: count })),
  mirror: answers<MirrorVariant>()(z.object({ picture: text, question })),
  /** Lets the user choose models. */
  addModel: nothing,
  removeModel: z.object({ id: text }),
  ask: answers<ModelAnswers, AskUpdate>()(
    z.object({
      /** Number of the question in the history. */
      ask: count,
      model: text,
      picture: text,
      question,
      mirrored: z.boolean(),
      strategy: z.nullable(text),
      sampling,
    }),
  ),
  /**
   * Resumes a question that a page asked before its restart. Repeats the question's updates from the beginning. Null if
   * the host no longer has the question.
   */
  follow: answers<ModelAnswers | null, AskUpdate>()(z.object({ ask: count, model: text })),
  /** Makes the host show the image of an earlier question again, by a call of the page's `picture`. */
  showPicture: z.object({ picture: text }),
  askScene: answers<ModelAnswers, AskUpdate>()(
    z.object({ model: text, scene, mirrored: z.boolean(), strategy: z.nullable(text) }),
  ),
  /** Returns a model's attention while it answers a question about a scene in the sandbox. */
  lookAtScene: answers<Look, string>()(z.object({ model: text, scene, strategy: z.nullable(text) })),
  /** Appends scenes as rows, with the models' answers, to a file that the user chooses. */
  saveScenes: z.object({ rows: z.array(z.object({ scene, asked: z.array(modelAnswers) })) }),
  /** Appends a question as a row, with the models' answers, to a file that the user chooses. */
  save: z.object({ picture: text, question, asked: z.array(modelAnswers) }),
  openKeybindings: nothing,
};
export type PlaygroundHost = HostOf<typeof playgroundCalls>;

/** Commands for keys and the command palette, by the last part of their ids: `chirality.playground.<name>`. */
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
  'sandbox',
  'look',
  'findBreak',
  'showKeys',
] as const;
export type PlaygroundCommand = (typeof PLAYGROUND_COMMANDS)[number];

export interface PlaygroundState {
  trusted: boolean;
  models: ModelSource[];
  strategies: PlayStrategy[];
  /** Family of the last selected model whose family is known (core/seen/families.ts). */
  sees?: string;
}

export interface PlaygroundPage {
  /** Shows the state. The host calls this when the page starts, and after every change of the state. */
  show(args: PlaygroundState): void;
  /**
   * Sets the image or row for questions. The host calls this when a user opens an image and whenever the page starts.
   * @param opening identifier of this opening. The page shows the question of an opening only once, and then keeps the
   * user's changes. Null for the image from before a reload.
   * @param asks whether to ask the question immediately, because the program chose the question
   */
  picture(args: {
    picture: PlayPicture;
    source: PictureSource;
    question: PlayQuestion | null;
    opening: string | null;
    asks: boolean;
  }): void;
  command(args: { name: PlaygroundCommand }): void;
}
