import type { Credit, ImageRef, Mask } from '../../rows/sample/sample.ts';
import type { BoxFormat } from '../../rows/sample/boxes.ts';
import type { SEEN_FORMAT } from '../seen/families.ts';

/** The version of the rules that read answers, kept with every evaluation. Figures of two versions are not compared. */
export const SCORING_RULES = 3;

/** The tasks that a row can be scored as; see `docs/scoring.md`. */
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

/** What a completion is scored against: a sample, or any object with these fields. */
export interface ScoreInput {
  /** The reference; if it is missing, `ground_truth` is used, and then `reference`. */
  answer?: unknown;
  ground_truth?: unknown;
  reference?: unknown;
  /** Every accepted answer, of which `answer` is one: any of them is right. */
  answers?: string[];
  /** How an answer that is partly right counts. */
  credit?: Credit;
  question?: string;
  /** One of `TASKS`; for any other name, `taskOf` chooses the task. */
  task?: string;
  /** The task that the row's set gives it (`set-reading.ts`): it is read as any row that declares none. */
  found_task?: Task;
  choices?: string[];
  box_format?: BoxFormat;
  /** Another name of `box_format`. */
  coord?: string;
  /** The convention of the completion's numbers, if the model's differs from the row's. */
  completion_box_format?: BoxFormat | typeof SEEN_FORMAT;
  /** The family of models (core/seen/families.ts) in whose pixels `xyxy_seen_px` is. */
  sees?: string;
  image?: ImageRef;
  images?: ImageRef[];
  boxes?: number[][];
  points?: number[][];
  masks?: Mask[];
  /** The unit of numbers without one. */
  unit_default?: string;
  /** How far a measured length or area may be off, as a share of the reference; within a factor of two if absent. */
  tolerance?: number;
  [key: string]: unknown;
}

export interface ScoreRow extends ScoreInput {
  completion: string;
}

/**
 * Which extraction is scored: `lenient` takes the most plausible answer text, `strict` only an answer block as the
 * prompt asked for it.
 */
export type Extraction = 'lenient' | 'strict';

/** The tasks whose answers are also compared as texts, by BLEU. */
export const OPEN_TASKS = ['open', 'untyped', 'side', 'choice', 'name'] as const;

/** The tasks whose answers are sentences: BLEU of a letter or a number is meaningless. */
export const TEXT_TASKS: readonly Task[] = [...OPEN_TASKS, 'distance', 'yesno', 'bbox'];
