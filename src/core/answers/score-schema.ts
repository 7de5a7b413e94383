import * as z from 'zod';
import { JSON_SOURCES } from '../../base/find-json.ts';
import type { ExtractionPath } from './extract.ts';
import { OPEN_TASKS, TASKS, type Task } from './score.ts';

// Apart from the names of the tasks (score.ts), because panels show scores but do not bundle zod.

const number = z.number().nullable();
const pixels = z.tuple([z.number(), z.number(), z.number(), z.number()]).nullable();
const point = z.tuple([z.number(), z.number()]).nullable();
/** `parsed` is null if the text gives no answer, or more than one; that is never correct. */
const parsed = <T>(as: z.ZodType<T>) => ({
  parsed: as.nullable(),
  gt_parsed: as.nullable(),
  correct: z.boolean(),
});
/** `correct` is null if no rule decides on the answer; then figures say what they could be. */
const judged = <T>(as: z.ZodType<T>) => ({ ...parsed(as), correct: z.boolean().nullable() });

/** What the score of each task has of its own. Those of choice and name are of free text. */
const FIELDS = {
  format: {},
  /** Lengths are in metres. `completed` is false if no length could be read. */
  distance: {
    parsed_m: number,
    gt_m: number,
    completed: z.boolean(),
    success: z.boolean(),
    in_range: z.enum(['50-100', '100-150', '150-200']).nullable(),
    within_50_200: z.boolean(),
    assumed_unit: z.literal(true).optional(),
    bound: z.literal(true).optional(),
  },
  /** Areas are in square metres. */
  area: { parsed_m2: number, gt_m2: number, completed: z.boolean(), success: z.boolean() },
  yesno: parsed(z.enum(['yes', 'no'])),
  mcq: parsed(z.string()),
  /** `close_call`: wrong by exactly one. */
  count: { ...parsed(z.number()), close_call: z.boolean() },
  /** `*_px` are also null if the numbers are relative and the image's size is unknown; the IoU does not need it. */
  bbox: {
    completed: z.boolean(),
    parsed_px: pixels,
    gt_px: pixels,
    iou: z.number(),
    acc75: z.boolean(),
    /** Present if the corners came in the wrong order. */
    resorted: z.literal(true).optional(),
  },
  point: {
    completed: z.boolean(),
    parsed_px: point,
    gt_px: point,
    /** Whether the first point lies in the reference box or mask. Absent if there is no such reference. */
    inside: z.boolean().optional(),
    /** Share of the answer's points that lie inside, if it gives several. */
    inside_share: z.number().optional(),
  },
  /** Any other number, with its sign, root and unit, as text: "-2", "√13", "6 cm"; of a measurement also how close it is. */
  number: { ...parsed(z.string()), within_10: z.boolean().optional() },
  side: parsed(z.string()),
  /** One of the alternatives that the question names. */
  choice: judged(z.string()),
  /** The name of a thing, a colour and the like. */
  name: judged(z.string()),
  open: {},
  judge: { parsed: z.union([z.literal(0), z.literal(1)]).nullable() },
  /** Where the completion has the graph, its objects and relations, and whether its JSON was valid as written. */
  scenegraph: {
    source: z.enum(JSON_SOURCES),
    objects: z.number(),
    relations: z.number(),
    valid_json: z.boolean(),
  },
  /** `ok`: a usable JSON object; `verified`: a mirror that passes every check. */
  flipjson: { ok: z.boolean(), verified: z.boolean() },
  /** Longer free text. The field is absent where the row's set is scored by the papers' rules. */
  untyped: { correct: z.boolean().nullable().optional() },
} satisfies Record<Task, z.ZodRawShape>;

const COMMON = {
  format_ok: z.boolean(),
  /** The lenient extraction, and how it was found; scored unless `extraction` says otherwise. */
  answer_text: z.string(),
  path: z.string() as unknown as z.ZodType<ExtractionPath>,
  answer_text_strict: z.string().nullable(),
  extraction: z.literal('strict').optional(),
  /** Why no completion of the row can be scored: the reference does not fit the task. Metrics exclude such rows. */
  problem: z.string().optional(),
  /** The accepted answer that it is compared with, if that is not the row's `answer`. */
  matched: z.string().optional(),
  /** 0–1, if the row asks for credit for a part. */
  credit: z.number().optional(),
  /** Sentence-BERT cosine with the reference, filled in by commands that have an encoder. */
  sbert: z.number().optional(),
  /** The verdict of a judge (null if it gave none), filled in by commands that ask one. */
  judge: z
    .union([z.literal(0), z.literal(1)])
    .nullable()
    .optional(),
};

/** Sentence BLEU, 0–1. */
const BLEU = { bleu1: z.number(), bleu2: z.number() };

/** What a shape holds; of one without fields, zod would say that it must have none. */
type Fields<Shape extends z.ZodRawShape> = keyof Shape extends never ? object : z.infer<z.ZodObject<Shape>>;
export type TaskScores = { [T in Task]: Fields<(typeof FIELDS)[T]> };
export type OpenScore = Fields<typeof BLEU>;
type OpenTask = (typeof OPEN_TASKS)[number];

/** The score of an answer, without the fields about its extraction. */
export type AnswerScore = { [T in Task]: { task: T } & TaskScores[T] }[Task];

/** The score of a row, with the fields of docs/reference.md, discriminated by `task`. */
export type Score = {
  [T in Task]: { task: T } & Fields<typeof COMMON> &
    TaskScores[T] &
    (T extends OpenTask ? OpenScore : object);
}[Task];

/** Schema for `Score`, for rows that may come from other programs. Unknown keys are kept. */
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
