import * as z from 'zod';
import { fixed, percentsText, UNKNOWN } from '../../base/format.ts';
import { VERDICT_WORDS } from '../../core/pairs/pair-words.ts';
import { printable } from '../../base/printable.ts';
import { TRACE_FIELDS } from '../../core/run-data/trace-fields.ts';
import type { ListedPair, PairId } from '../../core/run-data/trace-summary.ts';
import { inEnglish } from '../../core/worlds/questions/in-english.ts';
import { cursor, operation } from './operation.ts';

/** Names of fields that agents always get for each pair. */
const CHIEF =
  'step pair verdict reward reward_mirror delta kept why effect accuracy sample set task error question answer';

const VALUES = { number: z.number(), flag: z.boolean(), choice: z.string(), text: z.string() };
const pairSchema = z.object(
  Object.fromEntries(
    TRACE_FIELDS.map(({ name, type }) => [
      name,
      VALUES[type].nullable().meta(CHIEF.split(' ').includes(name) ? {} : { detail: true }),
    ]),
  ),
) as unknown as z.ZodObject & z.ZodType<ListedPair>;

const field = z.string().max(100).optional();

const input = z.strictObject({
  run: z.string().min(1).max(4096),
  evaluation: z.string().max(200).optional().meta({
    flag: '--eval <id>',
    description: 'id of the evaluation to list instead of the traces, or latest',
  }),
  where: z.string().max(4000).default('').meta({
    flag: '--where <filter>',
    description: 'filter, for example "verdict = only_original and step >= 200"',
  }),
  text: z.string().default('').meta({
    flag: '--text <text>',
    description: 'text to find in questions, answers and completions',
    agents: false,
  }),
  step: z.int().min(0).optional().meta({ agents: false }),
  sort: field.meta({
    flag: '--sort <field>',
    description: 'field to sort the listed pairs by, smallest first',
    agents: 'name',
  }),
  descending: z
    .boolean()
    .default(false)
    .meta({ flag: '--descending', description: 'sort largest first', needs: 'sort', agents: 'name' }),
  count_by: field,
  limit: z
    .int()
    .min(0)
    .default(20)
    .meta({ flag: '--limit <n>', description: 'maximum number of pairs to list; 0 for all', agents: 'name' }),
  cursor,
});
export type PairsInput = z.output<typeof input>;

/** A counted value, or the bounds of a bin of numbers. */
const counted = z.union([z.string(), z.number(), z.boolean(), z.tuple([z.number(), z.number()]), z.null()]);

const output = z.object({
  searched: z.number(),
  matched: z.number(),
  /** Reasons why some lines of the trace file are unreadable. */
  problems: z.array(z.string()).meta({ local: true }),
  unreadable: z.number().optional(),
  notes: z.array(z.string()).optional(),
  pairs: z.array(pairSchema).optional(),
  /** Most frequent values and their numbers. With `count_by`, these replace the pairs. */
  counts: z.array(z.tuple([counted, z.number()])).optional(),
  next: z.string().nullable(),
});
export type PairsOutput = z.output<typeof output>;

/** Operation of the command `chirality trace` and the tool `find_pairs`. */
export const listPairs = operation({
  tool: 'find_pairs',
  about: 'Find pairs of original and mirror in the traces of a run or in an evaluation.',
  input,
  output,
  keys: { pairs: ({ step, pair }: PairId) => [step, pair], counts: ([value]: [unknown]) => [String(value)] },
  lines: 'pairs',
  run: async (input, context) => (await import('./list-pairs.action.ts')).readPairs(input, context),
  text: ({ pairs = [] }) => ({
    columns: ['step', 'pair', 'verdict', 'reward', 'mirror', 'delta', 'correct', 'sample', 'question'],
    isNamed: true,
    rows: pairs.map(cellsOf),
  }),
});

const cellsOf = (row: ListedPair): string[] => [
  String(row.step),
  String(row.pair),
  row.verdict ? VERDICT_WORDS[row.verdict].label : UNKNOWN,
  ...[row.reward, row.reward_mirror, row.delta].map((value) => fixed(value, 3)),
  row.accuracy === null ? UNKNOWN : percentsText([row.accuracy, row.accuracy_most ?? row.accuracy]),
  `${printable(row.sample, 40)}${row.logged_by === null ? '' : ` (${row.logged_by})`}`,
  printable(inEnglish(row.question), 80),
];
