import { isNatural, isRecord } from '../../base/json.ts';
import type { BoxFormat } from './boxes.ts';
import type { SceneGraph } from '../scene-graph/scene-graph.ts';

/**
 * One question about one or several images, with its answer: a line of a `*.qa.jsonl` file. Fields have the same names
 * as in the file (docs/reference.md). All other keys are preserved.
 */
export interface Sample {
  id: string;
  question: string;
  answer: string;
  /** Reasoning before the answer, without tags. */
  reasoning?: string;
  /** All accepted answers, as often as annotators gave each answer. All are right, and `answer` is one of them. */
  answers?: string[];
  /** Rule for partial credit; by default no partial credit. */
  credit?: (typeof CREDITS)[number];
  choices?: string[];
  images: ImageRef[];
  /** Clip; present if the images of the row are the frames of a clip. */
  clip?: Clip;
  /** Video whose frames are the images of the row. Without `images`, the frame references follow from the video. */
  video?: Video;
  /** Depth map of the first image, which the user supplies. */
  depth_map?: ImageRef;
  /** Mask of the first image as an image file. A conversion of the row adds this mask to `masks`. */
  mask_image?: ImageRef;
  boxes?: number[][];
  points?: number[][];
  masks?: Mask[];
  /** Format of `boxes`, and of numbers in the texts. */
  box_format?: BoxFormat;
  task?: string;
  /** Relative tolerance of a measured length or area: 0.1 for 10%. */
  tolerance?: number;
  /** Scene graph in the form of docs/reference.md, or in another form that `graphOf` reads. */
  scene_graph?: SceneGraph;
  source?: string;
  meta?: Meta;
  variants?: {
    mirror?: Variant<MirrorStatus>;
    polarity?: Variant<PolarityStatus>;
    /** Variants for views other than the mirror and the opposite, by view id. */
    views?: Record<string, ViewVariant>;
  };
  /** Reviews of the label, which `readLabel` reads. */
  label_review?: unknown;
  /** List of fields that differ between merged files. `checkSample` reports these fields. */
  conflicts?: unknown;
  [key: string]: unknown;
}

/** Path relative to the data file's folder, or a record. `{w, h}` alone still allows mapping text and boxes. */
export type ImageRef =
  | string
  | {
      path?: string;
      /** Path of a parquet file. The image is number `index` of the list in a cell of the file. */
      parquet?: string;
      column?: string;
      row?: number;
      index?: number;
      /** Path of a video. The image is at the middle of the `frame`-th of `frames` equal parts (`FrameRef`). */
      video?: string;
      frame?: number;
      frames?: number;
      start_s?: number;
      end_s?: number;
      w?: number;
      h?: number;
    };

/** Whether a value can be an image reference. For rows of data files, `parseSample` checks further conditions. */
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

/** COCO run-length encoding (column-major; size is [height, width]), or polygons as flat lists of x and y in pixels. */
export type Mask = { size: [number, number]; counts: string | number[] } | number[][];

/**
 * Rules for partial credit. `vqa`: a third for each of `answers` that equals the answer, at most 1 (VQAv2). `partial`:
 * the share of the right options that the answer contains, or 0 if it contains a wrong option.
 */
export const CREDITS = ['vqa', 'partial'] as const;

/** Facts about the image that rewrites use. All other keys have no fixed meaning. */
export interface Meta {
  order_near_to_far?: string[];
  order_left_to_right?: string[];
  order_small_to_big?: string[];
  counts?: Record<string, number>;
  /** Distance of each object from the camera, in metres. */
  depths?: Record<string, number>;
  /** Whether the compared objects are never equal. If so, the answer "no" implies the other pole. */
  no_tie?: boolean;
  /** Whether the choices were originally inside the question. If so, a prompt must contain the choices. */
  inline_options?: boolean;
  /** Text that followed the choices in the question. */
  instruction?: string;
  /** Value `patient` if left and right are the patient's in a radiograph, which a mirror does not swap. */
  laterality?: string;
  /** Directions of the cameras of several images, in the images' order: `[front, front_left, front_right]`. */
  rig?: string[] | string;
  [key: string]: unknown;
}

/** States of a variant. Only `flipped` and `invariant` are trusted; training never uses variants in other states. */
export const STATUSES = {
  mirror: ['flipped', 'invariant', 'needs_llm', 'discard'],
  polarity: ['flipped', 'needs_info', 'not_applicable', 'needs_llm'],
} as const;
export type MirrorStatus = (typeof STATUSES)['mirror'][number];
export type PolarityStatus = (typeof STATUSES)['polarity'][number];
export const REVIEW_STATES = ['pending', 'accepted', 'edited', 'discarded'] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];
export type CheckResult = 'pass' | 'fail' | 'undecidable';

/** Fields of a row that a rewrite can change. Unchanged fields can be missing. */
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
  /** Clip of a view with another order of the frames. */
  clip?: Clip;
  /** Images of the view, or the row's images in another order; by default the row's images. */
  images?: ImageRef[];
}

/** Rewrite of a row under a view, stored under `variants`. */
export interface Variant<Status extends string = MirrorStatus | PolarityStatus> extends RewrittenFields {
  status: Status;
  /** Kind of author that wrote the rewrite. */
  route: 'rules' | 'llm' | 'human';
  /** Ids of the applied rules, in the order of first use. */
  rules: string[];
  checks: Record<string, CheckResult>;
  category?: 'left_right' | 'box' | 'unaffected';
  /** `no_tie`: the comparison is strict. `contrary`: the poles do not exhaust the scale ("not near" is not "far"). */
  assumes?: 'no_tie' | 'contrary';
  /** Reason, for users, why the status is neither `flipped` nor `invariant`. */
  reason?: string;
  /** Reason why the view lacks the row's reasoning: the rules could not decide it, but the remaining view is valid. */
  reasoning_dropped?: string;
  review?: {
    state: ReviewState;
    by?: string;
    at?: string;
    note?: string;
    /** Basis of the decision. Files of other programs can lack this field. */
    judged?: Judged;
    /** Names of checks that failed when the reviewer accepted the variant. */
    although?: string[];
    /** Decisions of all reviewers, if there are several. Otherwise, the fields above contain the only decision. */
    decisions?: PersonDecision[];
  };
  /** Prompts and answers of a language model. They are stored even if the variant does not use them. */
  llm?: RewriteRecord;
  [key: string]: unknown;
}

/** Rewrite of a row under any view, stored as `variants.views[id]` in the row's record. */
export interface ViewVariant extends Variant {
  /** Transform of the pixels: ids of symmetries and operations, `render` for a newly rendered image, or `none`. */
  image_op?: string;
  anchor?: 'none' | 'image';
  /** Whether the reference answer in the view differs from the original's. */
  effect?: 'changes' | 'stays';
  /** Source from which the view's answer was recomputed. */
  recomputed_from?: 'world' | 'graph';
  answer_policy?: AnswerPolicy;
  /** Size of the view's image, if it differs from the size of the original's image. */
  size?: { w: number; h: number };
  /** Code, for programs, of the reason why there is no pair. */
  code?: string;
}

/** Policy for a question about another scene: the question stays unchanged, or its rewrite has the same answer. */
export type AnswerPolicy = 'keep-question' | 'keep-answer';

/**
 * Basis of a review of a variant: the row's texts, and hashes of all displayed content. A hash has a second half after
 * a hyphen if there is a graph, reasoning, a box format or a fact in `meta`.
 */
export interface Judged {
  question: string;
  answer: string;
  /** Hash of the row's texts, options, boxes, points, masks, graph and image names. */
  hash: string;
  /** Hash of the variant's texts, options, boxes, points, masks, graph and image order. */
  variant: string;
}

/** Decision of one person on a variant. */
export interface PersonDecision {
  by?: string;
  at?: string;
  state: Exclude<ReviewState, 'pending'>;
  why?: string;
  judged?: Judged;
  although?: string[];
  /** Reviewed texts, if these differ from the texts of the variant. */
  texts?: Partial<Pick<RewrittenFields, 'question' | 'answer' | 'reasoning' | 'choices'>>;
}

export interface RewriteRecord {
  model: string;
  /** Whether the language model received the images. */
  images: boolean;
  /** Attempts in order: first the naive attempt, then the attempt with verification. */
  attempts: RewriteAttempt[];
}

/** Answer of a language model. If the answer is unparsed, its texts are undefined. */
export interface RewriteAttempt {
  prompt: string;
  /** Answer as received. Extremely long answers are truncated. */
  raw: string;
  /** Second answer, requested if the first answer was unparsed. */
  repaired?: string;
  /** Reason why the model gave no answer. */
  error?: string;
  question?: string;
  answer?: string;
  reasoning?: string;
  choices?: string[];
  checks: Record<string, CheckResult>;
}

export type MirrorVariant = Variant<MirrorStatus>;
export type PolarityVariant = Variant<PolarityStatus>;

/** Returns a property that concerns the row's dataset, from a field of the row or from `meta`. */
export const declared = (sample: Sample, key: 'laterality' | 'rig'): unknown =>
  sample[key] ?? sample.meta?.[key];

/** Returns width and height, if the image reference contains both. */
export function declaredSize(image: ImageRef | undefined): { w: number; h: number } | undefined {
  if (!image || typeof image === 'string') return undefined;
  const { w, h } = image;
  return isLength(w) && isLength(h) ? { w, h } : undefined;
}

/** Returns whether a value is a valid length. Rows from other programs can contain any value. */
const isLength = (value: unknown): value is number => Number.isFinite(value) && (value as number) > 0;

/** Declares that the images of a row are the frames of one clip, in order. Contains the times of the frames. */
export interface Clip {
  /** Frames per second, if the frames are evenly spaced. */
  fps?: number;
  /** Time of each frame in seconds. Overrides `fps`. */
  times_s?: number[];
}

/**
 * File of moving images (a video, a GIF, an animated WebP), and the frames that are the row's images: at the middles of
 * equal parts of the time from `start_s` to `end_s` (default: all), `frames` in number or `fps` per second.
 */
export interface Video {
  path: string;
  start_s?: number;
  end_s?: number;
  frames?: number;
  fps?: number;
}

/** Frame at the middle of the `frame`-th (from 0) of `frames` equal parts of a video's time. */
export type FrameRef = { video: string; frame: number; frames: number } & Pick<Video, 'start_s' | 'end_s'>;
