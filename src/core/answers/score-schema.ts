import * as z from 'zod';
import type { ExtractionPath } from './extract.ts';
import { JSON_SOURCES } from '../json.ts';
import type { Score, Task } from './score.ts';

// In a file separate from the types, because panels show scores but do not bundle zod.

/** Schema for a task's score: the common fields and its own. Unknown keys are kept. */
const scoreOf = <T extends Task, S extends z.ZodRawShape>(task: T, own: S) =>
  z.looseObject({
    task: z.literal(task),
    format_ok: z.boolean(),
    answer_text: z.string(),
    path: z.string() as unknown as z.ZodType<ExtractionPath>,
    answer_text_strict: z.string().nullable(),
    extraction: z.literal('strict').optional(),
    problem: z.string().optional(),
    sbert: z.number().optional(),
    judge: z.union([z.literal(0), z.literal(1)]).nullish(),
    ...own,
  });

const pixels = z.tuple([z.number(), z.number(), z.number(), z.number()]).nullable();
const point = z.tuple([z.number(), z.number()]).nullable();
const parsed = <T>(as: z.ZodType<T>) => ({
  parsed: as.nullable(),
  gt_parsed: as.nullable(),
  correct: z.boolean(),
});
const bleu = { bleu1: z.number(), bleu2: z.number() };
const free = { ...parsed(z.string()), correct: z.boolean().nullable(), ...bleu };

/** Schema for `Score`, for rows that may come from other programs. */
export const scoreSchema: z.ZodType<Score> = z.discriminatedUnion('task', [
  scoreOf('format', {}),
  scoreOf('distance', {
    parsed_m: z.number().nullable(),
    gt_m: z.number().nullable(),
    completed: z.boolean(),
    success: z.boolean(),
    in_range: z.enum(['50-100', '100-150', '150-200']).nullable(),
    within_50_200: z.boolean(),
    assumed_unit: z.literal(true).optional(),
    bound: z.literal(true).optional(),
    correct: z.null().optional(),
  }),
  scoreOf('area', {
    parsed_m2: z.number().nullable(),
    gt_m2: z.number().nullable(),
    completed: z.boolean(),
    success: z.boolean(),
  }),
  scoreOf('yesno', { ...parsed(z.enum(['yes', 'no'])), correct: z.boolean().nullable() }),
  scoreOf('mcq', parsed(z.string())),
  scoreOf('count', { ...parsed(z.number()), correct: z.boolean().nullable(), close_call: z.boolean() }),
  scoreOf('bbox', {
    completed: z.boolean(),
    parsed_px: pixels,
    gt_px: pixels,
    iou: z.number(),
    acc75: z.boolean(),
    resorted: z.literal(true).optional(),
  }),
  scoreOf('point', {
    completed: z.boolean(),
    parsed_px: point,
    gt_px: point,
    inside: z.boolean().optional(),
    inside_share: z.number().optional(),
  }),
  scoreOf('side', free),
  scoreOf('choice', free),
  scoreOf('name', free),
  scoreOf('open', bleu),
  scoreOf('judge', { parsed: z.union([z.literal(0), z.literal(1)]).nullable() }),
  scoreOf('scenegraph', {
    source: z.enum(JSON_SOURCES),
    objects: z.number(),
    relations: z.number(),
    valid_json: z.boolean(),
  }),
  scoreOf('flipjson', { ok: z.boolean(), verified: z.boolean() }),
  scoreOf('untyped', { ...bleu, correct: z.null().optional() }),
]);
