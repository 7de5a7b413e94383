import * as z from 'zod';
import { JSON_SOURCES } from '../../base/find-json.ts';
import type { ExtractionPath } from './extract.ts';
import { OPEN_TASKS, TASKS, type Task } from './score.ts';

// Separate from the task names (score.ts), because panels need those names but do not bundle zod.

const number = z.number().nullable();
const pixels = z.tuple([z.number(), z.number(), z.number(), z.number()]).nullable();
const point = z.tuple([z.number(), z.number()]).nullable();
/** Whether the answer is right; absent in a row that cannot be scored (`problem`). */
const outcome = z.boolean().optional();
/** `parsed` is null if the text has no answer or several answers; such a text is never correct. */
const parsed = <T>(as: z.ZodType<T>) => ({
  parsed: as.nullable(),
  gt_parsed: as.nullable(),
  correct: outcome,
});
/** `correct` is null if no rule can score the answer; metrics then report bounds. */
const judged = <T>(as: z.ZodType<T>) => ({ ...parsed(as), correct: outcome.nullable() });

/** Fields of each task's score. `choice` and `name` are free text. */
const FIELDS = {
  format: {},
  /** Lengths are in metres. `completed` is false if no length could be read. */
  distance: {
    parsed_m: number,
    gt_m: number,
    completed: z.boolean(),
    success: outcome,
    in_range: z.enum(['50-100', '100-150', '150-200']).nullable(),
    within_50_200: z.boolean(),
    assumed_unit: z.literal(true).optional(),
    bound: z.literal(true).optional(),
  },
  /** Areas are in square metres. */
  area: { parsed_m2: number, gt_m2: number, completed: z.boolean(), success: outcome },
  yesno: parsed(z.enum(['yes', 'no'])),
  mcq: parsed(z.string()),
  /** `close_call`: the count is wrong by exactly one. */
  count: { ...parsed(z.number()), close_call: z.boolean() },
  /** `*_px`: null also if the numbers are relative and the image size is unknown; the IoU does not need this size. */
  bbox: {
    completed: z.boolean(),
    parsed_px: pixels,
    gt_px: pixels,
    iou: z.number(),
    acc75: outcome,
    /** True if the answer had the corners in the wrong order; otherwise absent. */
    resorted: z.literal(true).optional(),
  },
  point: {
    completed: z.boolean(),
    parsed_px: point,
    gt_px: point,
    /** Whether the first point is inside the reference box or mask. Absent if the row has neither. */
    inside: z.boolean().optional(),
    /** Share of the answer's points inside the box or mask, if the answer has several points. */
    inside_share: z.number().optional(),
  },
  /** Another number with its sign, root and unit, as text: "-2", "√13", "6 cm". `within_10`: error up to 10%. */
  number: { ...parsed(z.string()), within_10: z.boolean().optional() },
  side: parsed(z.string()),
  /** Answer that is one of the alternatives in the question. */
  choice: judged(z.string()),
  /** Answer that is the name of an object, a colour or similar. */
  name: judged(z.string()),
  open: {},
  judge: { parsed: z.union([z.literal(0), z.literal(1)]).nullable() },
  /** Source of the scene graph in the completion, its size, and whether its JSON was valid without repairs. */
  scenegraph: {
    source: z.enum(JSON_SOURCES),
    objects: z.number(),
    relations: z.number(),
    valid_json: z.boolean(),
  },
  /** `ok`: the text contains a usable JSON object; `verified`: the object is a mirror that passes every check. */
  flipjson: { ok: z.boolean(), verified: z.boolean() },
  /** Longer free text. `correct` is absent in datasets scored by the papers' rules. */
  untyped: { correct: outcome.nullable() },
} satisfies Record<Task, z.ZodRawShape>;

const COMMON = {
  format_ok: z.boolean(),
  /** Text of the lenient extraction and its source. This text is scored unless `extraction` is strict. */
  answer_text: z.string(),
  path: z.string() as unknown as z.ZodType<ExtractionPath>,
  answer_text_strict: z.string().nullable(),
  extraction: z.literal('strict').optional(),
  /** Reason why the row cannot be scored: the reference answer does not fit the task. Metrics exclude such rows. */
  problem: z.string().optional(),
  /** Accepted answer that gave the score, if this answer is not the row's `answer`. */
  matched: z.string().optional(),
  /** Partial credit, 0–1, if the row requests it. */
  credit: z.number().optional(),
  /** Sentence-BERT cosine with the reference answer, set by commands with an encoder. */
  sbert: z.number().optional(),
  /** Score by an LLM judge (null if its reply is unreadable), set by commands with a judge. */
  judge: z
    .union([z.literal(0), z.literal(1)])
    .nullable()
    .optional(),
};

/** Sentence BLEU, 0–1. */
const BLEU = { bleu1: z.number(), bleu2: z.number() };

/** Type of the fields of a schema shape; zod would infer a type without keys for an empty shape. */
type Fields<Shape extends z.ZodRawShape> = keyof Shape extends never ? object : z.infer<z.ZodObject<Shape>>;
export type TaskScores = { [T in Task]: Fields<(typeof FIELDS)[T]> };
export type OpenScore = Fields<typeof BLEU>;
type OpenTask = (typeof OPEN_TASKS)[number];

/** Score of an answer, without the fields that describe its extraction. */
export type AnswerScore = { [T in Task]: { task: T } & TaskScores[T] }[Task];

/** Score of a row, with the fields of docs/reference.md, discriminated by `task`. */
export type Score = {
  [T in Task]: { task: T } & Fields<typeof COMMON> &
    TaskScores[T] &
    (T extends OpenTask ? OpenScore : object);
}[Task];

/** Schema of `Score`, for rows that can come from other programs. Preserves unknown keys. */
export const scoreSchema = z.discriminatedUnion(
  'task',
  TASKS.map((task) =>
    z.looseObject({
      task: z.literal(task),
      ...COMMON,
      ...FIELDS[task],
      ...(OPEN_TASKS.some((open) => open === task) && BLEU),
    }),
  ) as unknown as [z.ZodObject<{ task: z.ZodLiteral<Task> }>],
) as unknown as z.ZodType<Score>;
