import * as z from 'zod';
import { COMMON_NAMES, MEASURE_NAMES, PASSES, TEXT_NAMES } from '../metrics/measure-names.ts';
import { field } from './config-fields.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { MIRROR, ORIGINAL, type ViewId } from '../../rows/view-list.ts';

/** Returns the schema of a name that is also used as a folder name. */
const name = () =>
  z.string().regex(/^\w[\w.-]*$/, {
    error: 'must consist of letters, digits, "-", "_" and ".", because the name becomes a folder name',
  });

/** Sections that a sweep can move to the start of its report. */
const SECTIONS = ['penalty', 'sampling', 'curves', 'cost'] as const;

const passes = PASSES.map((k) => `pass@${k}`);

/**
 * Metrics for comparing conditions: over all tasks; of single tasks; and, by their names in evaluations, of sentences
 * (`text`) and of every answer (`all`).
 */
const COMPARED_METRICS: readonly string[] = [
  'accuracy',
  'consistent',
  'drop',
  ...passes,
  ...Object.entries(MEASURE_NAMES).flatMap(([task, names]) =>
    [...names, ...passes].map((name) => `${task}/${name}`),
  ),
  ...TEXT_NAMES.map((name) => `text/${name}`),
  ...COMMON_NAMES.map((name) => `all/${name}`),
];

const Figure = z.strictObject({
  set: field(z.string().min(1), 'Name of the evaluation set under data.eval.'),
  view: field(
    viewIdSchema,
    'View of the rows. The metric `consistent` pairs originals with this view, or with mirrors if the view is original.',
  ).default(ORIGINAL),
  metric: field(
    z.enum(COMPARED_METRICS as [string, ...string[]]),
    'Metric to compare. `accuracy` covers all tasks. `consistent` is pair accuracy on the original and another view, usually the mirror. `drop` is accuracy on the original minus accuracy on the view. `pass@4` is the share of questions with at least one correct answer out of four, and requires `evaluate.n`. Metrics of one task begin with the task, for example `distance/success` or `choice/pass@4`. Metrics of sentences begin with `text/`, for example `text/bleu1` or `text/sbert`. Metrics of every answer begin with `all/`, for example `all/judge`.',
  ).default('accuracy'),
  kind: field(
    z.string().regex(/^\w+=.+$/s, { error: 'must be FIELD=VALUE, for example task=Depth' }),
    'Filter for rows of one kind, by a field of `meta`: `task=Depth` (CV-Bench), `question_type=…` (SAT), `kind=spatial` or `kind=general`.',
  ).optional(),
});
export type Figure = z.infer<typeof Figure>;

/** Returns the second view of the metric `consistent`, besides the original. */
export const otherViewOf = ({ view }: Figure): ViewId => (view === ORIGINAL ? MIRROR : view);

const DEVICE = 'must be any, a GPU number such as 0, or several such as "0,1"';

/** A run config or a part of one, which is checked after all parts are combined. */
const Run = z.record(z.string(), z.unknown()).meta({ part: 'run' });

/** Several runs to compare, as written in a `*.sweep.yaml` file. */
export const SweepConfig = z.strictObject({
  about: field(
    z.string(),
    'Research question and published results, shown at the top of the report.',
  ).default(''),
  make: field(
    z.record(
      name(),
      z.union([z.string().min(1), z.array(z.union([z.string(), z.number()])).min(1)], {
        error: 'must be a command, for example `worlds --count 100`, or a list of its words',
      }),
    ),
    'Datasets to make before the first run, with `worlds`, `convert`, `graph compose`, `view mirror` or `view polarity`. Options must not contain paths outside this folder and must not set the output. `data.train` and `data.eval` use the datasets by name. `engine tiny` with a dataset makes a model for `engine.model`.',
  ).default({}),
  needs: field(
    z.record(z.string(), z.string().min(1)),
    'Required data files, each with a command that creates the file. If a file is missing, Chirality shows the command.',
  ).default({}),
  config: field(z.string().min(1), 'Base run config (*.run.yaml) of all runs.').optional(),
  base: field(Run, 'Settings shared by all cells, as in a run config.').default({}),
  stages: field(
    z.record(name(), Run),
    'Runs that start before the cells, once per seed. `init` accepts the name of a stage or cell and starts from the last checkpoint of that stage or cell. If that stage or cell trains all weights, `engine.model` also accepts the name.',
  ).default({}),
  vary: field(
    z.record(z.string().min(1), z.array(z.unknown()).min(1)),
    'Fields by path, for example `coupling.eta`, each with a list of values. Every combination is a cell (condition).',
  ).default({}),
  cells: field(
    z.record(name(), Run),
    'Cells (conditions) by name, each with changes to the base. With `vary`, each cell runs for every combination. The first cell is the baseline.',
  ).default({}),
  seeds: field(z.array(z.int()).min(1), 'Random seeds. Each stage and cell runs once per seed.').default([0]),
  devices: field(
    z
      .array(
        z.union([z.int().min(0), z.string().regex(/^(?:any|\d+(?:,\d+)*)$/, { error: DEVICE })], {
          error: DEVICE,
        }),
      )
      .min(1),
    'Device pool with one run at a time per entry: a GPU number, `"0,1"` for a run on both GPUs, or `any`. If the list contains a device twice, the device processes two runs at a time.',
    { tradeoff: 'Simultaneous runs on one device slow each other down.' },
  ).default(['any']),
  compare: field(Figure, 'Metric that ranks the cells in the report.'),
  also: field(z.array(Figure), 'Additional metrics to compare.').default([]),
  contrast: field(
    z.array(z.tuple([z.string(), z.string()])),
    'Pairs of cells, for example `[grpo, sft]`. The report tests the first cell minus the second cell, with effect size and interval.',
  ).default([]),
  at_steps: field(
    z.array(z.int().min(0)).min(1),
    'Steps at which the report compares cells. `evaluate.every` must include these steps. The default is the last step.',
    { paper: 'SVQA-R1 compares steps 500, 1000, 1500 and 2000.' },
  ).optional(),
  labels: field(
    z.record(z.string(), z.string().min(1)),
    'Names of cells in the report. By default, the names of `vary` cells contain the field and the value.',
  ).default({}),
  published: field(
    z.record(z.string().min(1), z.record(z.string(), z.union([z.number(), z.string()]))),
    'Published values to show next to your results. Each table has a title and values by cell. With `at_steps`, the values are by step.',
  ).default({}),
  show: field(
    z.array(z.enum(SECTIONS)),
    'Additional sections of the report, after the results of the cells.',
  ).default([]),
  small: z
    .record(z.string(), z.unknown())
    .meta({
      part: 'small',
      description:
        'Settings for `--small`, which runs the experiment in minutes without a GPU. Each section replaces the section of the same name.',
    })
    .optional(),
});
export type SweepConfig = z.infer<typeof SweepConfig>;
