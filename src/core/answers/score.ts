import type { ImageRef, Mask } from '../sample/sample.ts';
import type { BoxFormat, Xyxy } from '../sample/boxes.ts';
import type { JsonSource } from '../json.ts';
import type { ExtractionPath } from './extract.ts';

/** The tasks that a row can be scored as; see `docs/answers-and-metrics.md`. */
export const TASKS = [
  'format',
  'distance',
  'area',
  'yesno',
  'mcq',
  'count',
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
  /** The reference; if it is missing, `ground_truth` is used. */
  answer?: unknown;
  ground_truth?: unknown;
  question?: string;
  /** One of `TASKS`; for any other name, `taskOf` chooses the task. */
  task?: string;
  choices?: string[];
  box_format?: BoxFormat;
  /** An older name of `box_format`. */
  coord?: string;
  /** The convention of the completion's numbers, if the model's differs from the row's. */
  completion_box_format?: BoxFormat;
  image?: ImageRef;
  images?: ImageRef[];
  boxes?: number[][];
  points?: number[][];
  masks?: Mask[];
  /** The unit of numbers without one. */
  unit_default?: string;
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

/** Fields that every score has. */
interface CommonScore {
  format_ok: boolean;
  /** The lenient extraction, and how it was found; scored unless `extraction` says otherwise. */
  answer_text: string;
  path: ExtractionPath;
  answer_text_strict: string | null;
  extraction?: 'strict';
  /**
   * Why the row cannot be scored, whatever the completion: its reference does not fit the task. Metrics leave such rows
   * out.
   */
  problem?: string;
  /** Sentence-BERT cosine with the reference, filled in by commands that have an encoder. */
  sbert?: number;
  /** The verdict of a judge (null if it gave none), filled in by commands that ask one. */
  judge?: 0 | 1 | null;
}

/** Lengths are in metres. `completed` is false if no length could be read. */
export interface DistanceScore {
  parsed_m: number | null;
  gt_m: number | null;
  completed: boolean;
  success: boolean;
  in_range: '50-100' | '100-150' | '150-200' | null;
  within_50_200: boolean;
  assumed_unit?: true;
  bound?: true;
  /** Present if the row declares no task and the rules cannot judge the answer; `success` is then no verdict. */
  correct?: null;
}
/** Areas are in square metres. */
export interface AreaScore {
  parsed_m2: number | null;
  gt_m2: number | null;
  completed: boolean;
  success: boolean;
}
/** `parsed` is null if the text gives no answer, or more than one; that is never correct. */
export interface ParsedScore<T> {
  parsed: T | null;
  gt_parsed: T | null;
  correct: boolean;
}
/** An answer of free text. `correct` is null if the rules cannot judge it; then no accuracy counts it. */
export interface FreeScore {
  parsed: string | null;
  gt_parsed: string | null;
  correct: boolean | null;
}
/** As for yes or no, `correct` is null only where the row declares no task. */
interface CountScore extends Omit<ParsedScore<number>, 'correct'> {
  correct: boolean | null;
  /** Wrong by exactly one. */
  close_call: boolean;
}
/** `*_px` are also null if the numbers are relative and the image's size is unknown; the IoU does not need it. */
export interface BoxScore {
  completed: boolean;
  parsed_px: Xyxy | null;
  gt_px: Xyxy | null;
  iou: number;
  acc75: boolean;
  /** Present if the corners came in the wrong order. */
  resorted?: true;
}
export interface PointScore {
  completed: boolean;
  parsed_px: [number, number] | null;
  gt_px: [number, number] | null;
  /** Whether the first point lies in the reference box or mask. Absent if there is no such reference. */
  inside?: boolean;
  /** Share of the answer's points that lie inside, if it gives several. */
  inside_share?: number;
}
/** Sentence BLEU, 0–1. */
export interface OpenScore {
  bleu1: number;
  bleu2: number;
}

export interface TaskScores {
  format: object;
  distance: DistanceScore;
  area: AreaScore;
  /** `correct` is null only where the row declares no task. */
  yesno: Omit<ParsedScore<'yes' | 'no'>, 'correct'> & { correct: boolean | null };
  mcq: ParsedScore<string>;
  count: CountScore;
  bbox: BoxScore;
  point: PointScore;
  side: FreeScore;
  /** One of the alternatives that the question names. */
  choice: FreeScore;
  /** The name of a thing, a colour and the like. */
  name: FreeScore;
  open: object;
  judge: { parsed: 0 | 1 | null };
  /**
   * Where the graph was found in the completion, how many objects and relations it has, and whether its JSON was valid
   * as written.
   */
  scenegraph: { source: JsonSource; objects: number; relations: number; valid_json: boolean };
  /** `ok`: a usable JSON object; `verified`: a mirror that passes every check. */
  flipjson: { ok: boolean; verified: boolean };
  /** Free text, which no rule can judge. Rows of older versions lack the field. */
  untyped: { correct?: null };
}

/** The tasks whose answers are also compared as texts, by BLEU. */
export const OPEN_TASKS = ['open', 'untyped', 'side', 'choice', 'name'] as const;
type OpenTask = (typeof OPEN_TASKS)[number];

/** The score of an answer, without the fields about its extraction. */
export type AnswerScore = { [T in Task]: { task: T } & TaskScores[T] }[Task];

/** The score of a row, with the fields of docs/records.md, discriminated by `task`. */
export type Score = {
  [T in Task]: { task: T } & CommonScore & TaskScores[T] & (T extends OpenTask ? OpenScore : object);
}[Task];
