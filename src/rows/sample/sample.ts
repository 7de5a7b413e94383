import { isNatural, isRecord } from '../../base/json.ts';
import type { BoxFormat } from './boxes.ts';
import type { SceneGraph } from '../scene-graph/scene-graph.ts';

/**
 * One question about one or several images, with its answer: a line of a `*.qa.jsonl` file. Field names are those of
 * the file (docs/reference.md). Other keys are preserved.
 */
export interface Sample {
  id: string;
  question: string;
  answer: string;
  /** Reasoning of a chain-of-thought sample, without tags. */
  reasoning?: string;
  /** All accepted answers, as often as annotators gave them. Any of them is right, and `answer` is one of them. */
  answers?: string[];
  /** Rule for partial credit. Default: none. */
  credit?: Credit;
  choices?: string[];
  images: ImageRef[];
  /** Clip of the row, set if the images are its frames. */
  clip?: Clip;
  /** The video whose frames are the images. Without `images`, the frames follow from it. */
  video?: Video;
  /** Depth map of the first image, supplied by the user. */
  depth_map?: ImageRef;
  /** Mask of the first image as an image file. It becomes one of `masks` when the row is converted. */
  mask_image?: ImageRef;
  boxes?: number[][];
  points?: number[][];
  masks?: Mask[];
  /** Format of `boxes`, and of numbers in the answer text. */
  box_format?: BoxFormat;
  task?: string;
  /** Relative tolerance of a measured length or area: 0.1 for 10%. */
  tolerance?: number;
  /** Scene graph in the form of docs/reference.md, or in one that `graphOf` reads. */
  scene_graph?: SceneGraph;
  source?: string;
  meta?: Meta;
  variants?: {
    mirror?: Variant<MirrorStatus>;
    polarity?: Variant<PolarityStatus>;
    /** Variants for other views, by view id. */
    views?: Record<string, ViewVariant>;
  };
  /** Reviews of the label, read by `labelReviewOf`. */
  label_review?: unknown;
  /** List of fields that differ between merged files, reported by `checkSample`. */
  conflicts?: unknown;
  [key: string]: unknown;
}

/** Paths are relative to the data file's folder. With only `{w, h}`, text and boxes can still be transformed. */
export type ImageRef =
  | string
  | {
      path?: string;
      /** A cell of a parquet file. The image is number `index` of the list in the cell. */
      parquet?: string;
      column?: string;
      row?: number;
      index?: number;
      /** A video. The image is at the middle of the `frame`-th of `frames` equal parts (`FrameRef`). */
      video?: string;
      frame?: number;
      frames?: number;
      start_s?: number;
      end_s?: number;
      w?: number;
      h?: number;
    };

/** Whether a value can be an image reference. For rows of data files, `parseSample` checks more. */
export function isImageRef(value: unknown): value is ImageRef {
  if (typeof value === 'string') return true;
  if (!isRecord(value)) return false;
  const { path, parquet, column, row, index, video, frame, frames, start_s, end_s, w, h } = value;
  return (
    [path, parquet, column, video].every((text) => text === undefined || typeof text === 'string') &&
    [row, index, frame, frames].every((n) => n === undefined || isNatural(n)) &&
    [w, h, start_s, end_s].every((number) => number == null || Number.isFinite(number))
  );
}

/** COCO run-length encoding (column-major; size is [height, width]) or polygons as flat x, y lists in pixels. */
export type Mask = { size: [number, number]; counts: string | number[] } | number[][];

/**
 * Rules for partial credit. `vqa`: a third for each of `answers` that equals the answer, at most 1 (VQAv2). `partial`:
 * the share of the right options in an answer, or 0 if it contains a wrong one.
 */
export const CREDITS = ['vqa', 'partial'] as const;
export type Credit = (typeof CREDITS)[number];

/** Facts about the image for rewrites. Other keys are free. */
export interface Meta {
  order_near_to_far?: string[];
  order_left_to_right?: string[];
  order_small_to_big?: string[];
  counts?: Record<string, number>;
  /** Metres from the camera. */
  depths?: Record<string, number>;
  /** Whether the compared objects are never equal, so that "no" means the other pole. */
  no_tie?: boolean;
  /** Whether the choices were inside the question, so that it needs them. */
  inline_options?: boolean;
  /** Text of the question after the choices. */
  instruction?: string;
  /** `patient` if left and right are those of the patient in a radiograph, which are not mirrored. */
  laterality?: string;
  /** Directions of several images, in order: `[front, front_left, front_right]`. */
  rig?: string[] | string;
  [key: string]: unknown;
}

/** Only `flipped` and `invariant` are trusted. Others can have a proposal but are never trained on. */
export const MIRROR_STATUSES = ['flipped', 'invariant', 'needs_llm', 'discard'] as const;
export type MirrorStatus = (typeof MIRROR_STATUSES)[number];
export const POLARITY_STATUSES = ['flipped', 'needs_info', 'not_applicable', 'needs_llm'] as const;
export type PolarityStatus = (typeof POLARITY_STATUSES)[number];
/** Origin of a variant. */
export const ROUTES = ['rules', 'llm', 'human'] as const;
export const REVIEW_STATES = ['pending', 'accepted', 'edited', 'discarded'] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];
export type CheckResult = 'pass' | 'fail' | 'undecidable';

/** Fields of a sample that a rewrite can change. Unchanged ones can be absent. */
export interface RewrittenFields {
  question: string;
  answer: string;
  reasoning?: string;
  answers?: string[];
  choices?: string[];
  boxes?: number[][];
  points?: number[][];
  masks?: Mask[];
  scene_graph?: SceneGraph;
  meta?: Meta;
  /** Clip of a view with frames in another order. */
  clip?: Clip;
  /** The view's own images, or those of the row in another order. Default: those of the row. */
  images?: ImageRef[];
}

/** A sample's rewrite under a view, stored under `variants`. */
export interface Variant<Status extends string = MirrorStatus | PolarityStatus> extends RewrittenFields {
  status: Status;
  route: (typeof ROUTES)[number];
  /** Ids of the rules that fired, in the order of their first use. */
  rules: string[];
  checks: Record<string, CheckResult>;
  category?: 'left_right' | 'box' | 'unaffected';
  /** `no_tie`: strict comparison. `contrary`: the poles do not exhaust the scale ("not near" is not "far"). */
  assumes?: 'no_tie' | 'contrary';
  /** Reason why the status is not `flipped` or `invariant`, for users. */
  reason?: string;
  /** Reason why the view lacks the row's reasoning: the rules could not decide it, but the rest is valid. */
  reasoning_dropped?: string;
  review?: {
    state: ReviewState;
    by?: string;
    at?: string;
    note?: string;
    /** Basis of the decision. Can be absent in files of other programs. */
    judged?: Judged;
    /** Names of failed checks despite which it was accepted. */
    although?: string[];
    /** One per person, if several people decide. Otherwise, the fields above are the only decision. */
    decisions?: PersonDecision[];
  };
  /** Prompts and answers of a language model, even if they were not used. */
  llm?: RewriteRecord;
  [key: string]: unknown;
}

/** A row's rewrite under any view, stored as `variants.views[id]` of the record. */
export interface ViewVariant extends Variant {
  /** Transform of the pixels: ids of symmetries and new pixels, `render` for a new drawing, or `none`. */
  image_op?: string;
  anchor?: 'none' | 'image';
  /** Whether the right answer differs from the original's. */
  effect?: 'changes' | 'stays';
  /** Source of a recomputed answer. */
  recomputed_from?: 'world' | 'graph';
  answer_policy?: AnswerPolicy;
  /** Size of the view's image, if it differs from the original's. */
  size?: { w: number; h: number };
  /** Reason why there is no pair, as a code for programs. */
  code?: string;
}

/** Whether a question about another scene stays unchanged, or is rewritten so that its answer stays. */
export const ANSWER_POLICIES = ['keep-question', 'keep-answer'] as const;
export type AnswerPolicy = (typeof ANSWER_POLICIES)[number];

/**
 * Basis of a review of a variant: the row's texts, and hashes of everything displayed. A hash has a second half after a
 * hyphen, if there is a graph, reasoning, a box format or a fact in `meta`.
 */
export interface Judged {
  question: string;
  answer: string;
  /** Hash of the row's texts, options, boxes, points, masks, graph and image names. */
  hash: string;
  /** Hash of the variant's texts, options, boxes, points, masks, graph and order of images. */
  variant: string;
}

/** One person's decision on a variant. */
export interface PersonDecision {
  by?: string;
  at?: string;
  state: Exclude<ReviewState, 'pending'>;
  why?: string;
  judged?: Judged;
  although?: string[];
  /** Reviewed texts, if they differ from those of the variant. */
  texts?: Partial<Pick<RewrittenFields, 'question' | 'answer' | 'reasoning' | 'choices'>>;
}

export interface RewriteRecord {
  model: string;
  /** Whether the model got the images. */
  images: boolean;
  /** Attempts in order: naive first, with verification second. */
  attempts: RewriteAttempt[];
}

/** One answer of a language model. Its texts are absent if it was unparsed. */
export interface RewriteAttempt {
  prompt: string;
  /** The answer as received, truncated if far too long. */
  raw: string;
  /** The second answer, if the first was unparsed. */
  repaired?: string;
  /** Reason for a missing answer. */
  error?: string;
  question?: string;
  answer?: string;
  reasoning?: string;
  choices?: string[];
  checks: Record<string, CheckResult>;
}

export type MirrorVariant = Variant<MirrorStatus>;
export type PolarityVariant = Variant<PolarityStatus>;

/** Returns a property of the row's dataset, from a field of the row or `meta`. */
export const declared = (sample: Sample, key: 'laterality' | 'rig'): unknown =>
  sample[key] ?? sample.meta?.[key];

/** Returns width and height if the reference contains both. */
export function declaredSize(image: ImageRef | undefined): { w: number; h: number } | undefined {
  if (!image || typeof image === 'string') return undefined;
  const { w, h } = image;
  return isLength(w) && isLength(h) ? { w, h } : undefined;
}

/** Rows from other programs can contain anything here. */
const isLength = (value: unknown): value is number => Number.isFinite(value) && (value as number) > 0;

/** Returns the id, with a number if it is already taken. */
export function freeId(id: string, taken: Set<string>): string {
  let unique = id;
  for (let n = 2; taken.has(unique); n++) unique = `${id} (${n})`;
  taken.add(unique);
  return unique;
}

/** Declares that the images of a row are the frames of one clip, in this order, with their times. */
export interface Clip {
  /** Frames per second, if distances are even. */
  fps?: number;
  /** Time of each frame in seconds. Takes precedence over `fps`. */
  times_s?: number[];
}

/**
 * A file of moving images (a video, a GIF, an animated WebP) and the frames that are the row's images: at the middles
 * of equal parts of the time from `start_s` to `end_s` (default: all), `frames` in number or `fps` per second.
 */
export interface Video {
  path: string;
  start_s?: number;
  end_s?: number;
  frames?: number;
  fps?: number;
}

/** The frame at the middle of the `frame`-th (from 0) of `frames` equal parts of a video's time. */
export type FrameRef = { video: string; frame: number; frames: number } & Pick<Video, 'start_s' | 'end_s'>;
