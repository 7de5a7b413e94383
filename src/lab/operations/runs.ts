import * as z from 'zod';
import { percentsText } from '../../base/format.ts';
import { endsOf } from '../../core/metrics/metric.ts';
import { spanText } from '../../base/labels.ts';
import { runSummarySchema, type RunSummary } from '../../core/run-data/run-summary.ts';
import { cursor, operation, PLACE_KINDS } from './operation.ts';

const COLUMNS = ['run', 'status', 'step', 'right', 'heartbeat'] as const;

/** A sweep, evaluation, config or dataset. */
const placeSchema = z.object({
  name: z.string(),
  /** Size of the place's file, in bytes. */
  bytes: z.number().optional(),
  /** Status of a sweep. Absent for other places. */
  status: z.string().optional(),
  cells: z.number().optional(),
  seeds: z.number().optional(),
});
export type ListedPlace = z.output<typeof placeSchema>;

const input = z.strictObject({
  kind: z.enum(PLACE_KINDS).default('run'),
  status: z
    .array(z.enum(['running', 'stopped', 'finished', 'failed', 'lost', 'unknown']))
    .max(6)
    .optional()
    .meta({ flag: '--status <status...>', description: 'statuses of the runs to list', agents: 'name' }),
  match: z
    .string()
    .max(100)
    .optional()
    .meta({ flag: '--match <text>', description: 'text in the names of the runs to list', agents: 'name' }),
  sort: z.enum(COLUMNS).optional().meta({
    flag: '--sort <column>',
    description: 'column to sort by, smallest first (default: latest first)',
    agents: false,
  }),
  descending: z
    .boolean()
    .default(false)
    .meta({ flag: '--descending', description: 'sort largest first', needs: 'sort', agents: false }),
  limit: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .meta({ flag: '--limit <n>', description: 'maximum number of runs', agents: 'name' }),
  cursor,
  programs: z
    .array(z.enum(['own', 'other']))
    .default(['own', 'other'])
    .meta({ agents: false }),
  /** Whether to read the curves of external runs, which takes time, for alarms. */
  curves: z.boolean().default(false).meta({ agents: false }),
});
export type RunsInput = z.output<typeof input>;

const output = z.object({
  /** Number of all matches, also of matches that are not listed. */
  total: z.number(),
  runs: z.array(runSummarySchema).optional(),
  /** Matching places that are not runs. */
  places: z.array(placeSchema).optional(),
  /** Number of places of each kind, for agents. */
  kinds: z.partialRecord(z.enum(PLACE_KINDS), z.number()).optional(),
  notes: z.array(z.string()).optional(),
  /** Cursor for the next call, or null at the end of the list. */
  next: z.string().nullable(),
});
export type RunsOutput = z.output<typeof output>;

/** Operation of the command `chirality runs`, the tool `list_runs`, and the Runs view and panel. */
export const listRuns = operation({
  tool: 'list_runs',
  about: 'List runs, including external runs, with status, step, pair accuracy and last heartbeat.',
  input,
  output,
  keys: {
    runs: ({ active, name }: RunSummary) => [active, name],
    places: ({ name }: ListedPlace) => [name],
  },
  run: async (input, context) => (await import('./list-runs.action.ts')).readRuns(input, context),
  text: ({ runs = [] }) => ({
    columns: ['run', 'status', 'step', 'pair accuracy', 'last heartbeat (UTC)', 'message'],
    rows: runs.map(({ name, status, active, state, error, origin, meter, alarms }) => [
      name,
      status,
      origin ? `${origin.step ?? ''}` : state ? `${state.step}/${state.steps}` : '',
      meter ? `${percentsText(endsOf(meter.both))}${spanText(meter)}` : '',
      active.slice(0, 19).replace('T', ' '),
      origin ? `${origin.holds}${alarmText(alarms ?? [])}` : (error ?? state?.message ?? ''),
    ]),
    isNamed: true,
  }),
});

/** Formats the first alarm of a run and the number of further alarms: " · alarm from step 31: … and 1 more". */
function alarmText([first, ...others]: NonNullable<RunSummary['alarms']>): string {
  if (!first) return '';
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return ` · alarm from step ${first.since}: ${first.message.split(/[:;.]/, 1)[0]}${more}`;
}
