import type { ImageRef, Sample } from '../../rows/sample/sample.ts';
import type { BoxFormat } from '../../rows/sample/boxes.ts';
import type { SEEN_FORMAT } from '../seen/families.ts';

/** Version of the scoring rules, stored with every evaluation. Values of different versions cannot be compared. */
export const SCORING_RULES = 8;

/** Tasks that rows can have (docs/scoring.md). */
export const TASKS = [
  'format',
  'distance',
  'area',
  'yesno',
  'mcq',
  'count',
  'number',
  'bbox',
  'point',
  'side',
  'choice',
  'name',
  'open',
  'judge',
  'scenegraph',
  'flipjson',
  'untyped',
] as const;
export type Task = (typeof TASKS)[number];

/** Input of scoring without the completion: a sample, or any object with these fields. */
export interface ScoreInput {
  /** Reference answer; if missing, `ground_truth` is used, and if both are missing, `reference`. */
  answer?: unknown;
  ground_truth?: unknown;
  reference?: unknown;
  /** All accepted answers to the row, including `answer`. */
  answers?: string[];
  credit?: NonNullable<Sample['credit']>;
  question?: string;
  /** Task of the row, one of `TASKS`; for any other name, `taskOf` chooses the task. */
  task?: string;
  /** Task that the row's dataset implies (`set-reading.ts`). The row still counts as a row without a declared task. */
  found_task?: Task;
  choices?: string[];
  box_format?: BoxFormat;
  /** Another name for `box_format`. */
  coord?: string;
  /** Convention of the numbers in the completion, if it differs from the convention of the row. */
  completion_box_format?: BoxFormat | typeof SEEN_FORMAT;
  /** Model family (core/seen/families.ts) that defines the pixels of `xyxy_seen_px`. */
  sees?: string;
  image?: ImageRef;
  images?: ImageRef[];
  boxes?: number[][];
  points?: number[][];
  masks?: NonNullable<Sample['masks']>;
  /** Assumed unit of lengths that are given without a unit. */
  unit_default?: string;
  /** Maximum relative error of a measured length or area; a factor of two if absent. */
  tolerance?: number;
  [key: string]: unknown;
}

export interface ScoreRow extends ScoreInput {
  completion: string;
}

/** Extraction to score: `lenient` is the most plausible answer text, `strict` only a block in the requested format. */
export type Extraction = 'lenient' | 'strict';

/** Tasks whose answers BLEU also compares as texts. */
export const OPEN_TASKS = ['open', 'untyped', 'side', 'choice', 'name'] as const;

/** Tasks whose answers are sentences. BLEU of a letter or a number is meaningless. */
export const TEXT_TASKS: readonly Task[] = [...OPEN_TASKS, 'distance', 'yesno', 'bbox'];
