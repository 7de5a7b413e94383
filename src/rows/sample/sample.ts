import { isNatural, isRecord } from '../../base/json.ts';
import type { BoxFormat } from './boxes.ts';
import type { SceneGraph } from '../scene-graph/scene-graph.ts';

/**
 * One question about one or several images, with its answer: a line of a `*.qa.jsonl` file. Field names are those of
 * the file (docs/reference.md); keys not listed here are preserved.
 */
export interface Sample {
  id: string;
  question: string;
  answer: string;
  /** The reasoning of a chain-of-thought sample, without tags. */
  reasoning?: string;
  /** Every accepted answer, as often as annotators gave it: any of them is right. `answer` is one of them. */
  answers?: string[];
  /** How an answer that is partly right counts, if not as wrong. */
  credit?: Credit;
  choices?: string[];
  images: ImageRef[];
  /** Set if the images are the frames of one clip. */
  clip?: Clip;
  /** The file whose frames the images are; they are found from it where `images` is absent. */
  video?: Video;
  /** A depth map of the first image, supplied by the user. */
  depth_map?: ImageRef;
  /** A mask of the first image as an image; it becomes one of `masks` when the row is converted. */
  mask_image?: ImageRef;
  boxes?: number[][];
  points?: number[][];
  masks?: Mask[];
  /** The convention of `boxes`, and of numbers inside the answer text. */
  box_format?: BoxFormat;
  task?: string;
  /** How far a measured length or area may be off, as a share of the reference: 0.1 for 10%. */
  tolerance?: number;
  /** In the form of docs/reference.md or in one that `graphOf` reads. */
  scene_graph?: SceneGraph;
  source?: string;
  meta?: Meta;
  variants?: {
    mirror?: Variant<MirrorStatus>;
    polarity?: Variant<PolarityStatus>;
    /** Variants for other views, by the view's id. */
    views?: Record<string, ViewVariant>;
  };
  /** What people said of the label; `labelReviewOf` reads it. */
  label_review?: unknown;
  /** A list of fields that differ between merged files; `checkSample` reports it. */
  conflicts?: unknown;
  [key: string]: unknown;
}

/** Paths are relative to the data file's folder. With only `{w, h}`, text and boxes can still be transformed. */
export type ImageRef =
  | string
  | {
      path?: string;
      /** A cell of a parquet file; the image is the `index`-th in the cell's list. */
      parquet?: string;
      column?: string;
      row?: number;
      index?: number;
      /** A video; the image is the one at the middle of the `frame`-th of `frames` equal parts (`FrameRef`). */
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
 * Rules for partial credit. `vqa`: a third for each of `answers` that an answer gives, at most 1 (VQAv2). `partial`: the
 * share of the right options that an answer names, 0 if it names a wrong one.
 */
export const CREDITS = ['vqa', 'partial'] as const;
export type Credit = (typeof CREDITS)[number];

/** Facts about the image that some rewrites need; other keys are free. */
export interface Meta {
  order_near_to_far?: string[];
  order_left_to_right?: string[];
  order_small_to_big?: string[];
  counts?: Record<string, number>;
  /** Metres from the camera. */
  depths?: Record<string, number>;
  /** True if the things that the question compares are never equal, so that "no" means the other pole. */
  no_tie?: boolean;
  /** True if the choices stood in the question, so that it cannot be asked without them. */
  inline_options?: boolean;
  /** What the question said after them. */
  instruction?: string;
  /** `patient` if left and right are those of the patient in a radiograph, which are not mirrored. */
  laterality?: string;
  /** What each of several images shows, in their order: `[front, front_left, front_right]`. */
  rig?: string[] | string;
  [key: string]: unknown;
}

/** Only `flipped` and `invariant` are trusted; the others may have a proposal but are never trained on. */
export const MIRROR_STATUSES = ['flipped', 'invariant', 'needs_llm', 'discard'] as const;
export type MirrorStatus = (typeof MIRROR_STATUSES)[number];
export const POLARITY_STATUSES = ['flipped', 'needs_info', 'not_applicable', 'needs_llm'] as const;
export type PolarityStatus = (typeof POLARITY_STATUSES)[number];
/** Who wrote a variant. */
export const ROUTES = ['rules', 'llm', 'human'] as const;
export const REVIEW_STATES = ['pending', 'accepted', 'edited', 'discarded'] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];
export type CheckResult = 'pass' | 'fail' | 'undecidable';

/** The fields of a sample that a rewrite can change; unchanged ones may be absent. */
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
  /** Of a view that shows the frames in another order. */
  clip?: Clip;
  /** Images of the view's own, or those of the row in another order; else they are the row's. */
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
  /** Why the status is not `flipped` or `invariant`, for people. */
  reason?: string;
  /** Why the view has no reasoning although the row has: the rules could not decide it, and the rest stands. */
  reasoning_dropped?: string;
  review?: {
    state: ReviewState;
    by?: string;
    at?: string;
    note?: string;
    /** What the decision was made on. Files that another program wrote may lack it. */
    judged?: Judged;
    /** Names of checks that did not pass when it was accepted all the same. */
    although?: string[];
    /** One per person, if several people decide; else the fields above are the only decision. */
    decisions?: PersonDecision[];
  };
  /** What a language model was asked and answered, even if it was not used. */
  llm?: RewriteRecord;
  [key: string]: unknown;
}

/** A row's rewrite under any view, stored as `variants.views[id]` of the record. */
export interface ViewVariant extends Variant {
  /** The transform of the pixels: ids of exact turns and new pixels, `render` for an image that is redrawn, or `none`. */
  image_op?: string;
  anchor?: 'none' | 'image';
  /** Whether the right answer differs from the original's. */
  effect?: 'changes' | 'stays';
  /** What the answer was found from again. */
  recomputed_from?: 'world' | 'graph';
  answer_policy?: AnswerPolicy;
  /** Size of the view's image, if it differs from the original's. */
  size?: { w: number; h: number };
  /** Why there is no pair, as a code for programs. */
  code?: string;
}

/** Whether a question about another scene stays as it is, or is put so that its answer stays. */
export const ANSWER_POLICIES = ['keep-question', 'keep-answer'] as const;
export type AnswerPolicy = (typeof ANSWER_POLICIES)[number];

/**
 * What a reviewer looked at who decided on a variant: the row's texts, and hashes of all that was shown. A hash has a
 * second half, behind a hyphen, if there is a graph, reasoning, a convention of boxes or a fact in `meta`.
 */
export interface Judged {
  question: string;
  answer: string;
  /** Of the row's texts, options, boxes, points, masks, graph and the names of its images. */
  hash: string;
  /** Of the variant's texts, options, boxes, points, masks, graph and order of images. */
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
  /** The texts that were decided on, if they differ from those of the variant. */
  texts?: Partial<Pick<RewrittenFields, 'question' | 'answer' | 'reasoning' | 'choices'>>;
}

export interface RewriteRecord {
  model: string;
  /** Whether the model was shown the images. */
  images: boolean;
  /** In the order of asking: naive first, with verification second. */
  attempts: RewriteAttempt[];
}

/** One answer of a language model. Its texts are absent if it could not be read. */
export interface RewriteAttempt {
  prompt: string;
  /** The answer as received, truncated if far too long. */
  raw: string;
  /** The second answer, if the first could not be read. */
  repaired?: string;
  /** Why there is no answer. */
  error?: string;
  question?: string;
  answer?: string;
  reasoning?: string;
  choices?: string[];
  checks: Record<string, CheckResult>;
}

export type MirrorVariant = Variant<MirrorStatus>;
export type PolarityVariant = Variant<PolarityStatus>;

/** What a row says of the set that it belongs to, beside its other fields or in `meta`. */
export const declared = (sample: Sample, key: 'laterality' | 'rig'): unknown =>
  sample[key] ?? sample.meta?.[key];

/** Returns width and height if the reference states both. */
export function declaredSize(image: ImageRef | undefined): { w: number; h: number } | undefined {
  if (!image || typeof image === 'string') return undefined;
  const { w, h } = image;
  return isLength(w) && isLength(h) ? { w, h } : undefined;
}

/** Rows from other programs may contain anything here. */
const isLength = (value: unknown): value is number => Number.isFinite(value) && (value as number) > 0;

/** The id, or the id with a number where an earlier one is the same. */
export function freeId(id: string, taken: Set<string>): string {
  let unique = id;
  for (let n = 2; taken.has(unique); n++) unique = `${id} (${n})`;
  taken.add(unique);
  return unique;
}

/** Says that the images of a row are the frames of one clip, in this order, and when each of them is seen. */
export interface Clip {
  /** Frames a second, where they are evenly spaced. */
  fps?: number;
  /** The time of each frame in seconds; it takes precedence over `fps`. */
  times_s?: number[];
}

/**
 * A file of moving images (a video, a GIF, an animated WebP) and which of its frames are the row's images: those at
 * the middles of equal parts of the time from `start_s` to `end_s` (all of it, if absent), `frames` in number or `fps` a
 * second.
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
