import * as z from 'zod';
import { COMMON_NAMES, MEASURE_NAMES, PASSES, TEXT_NAMES } from '../metrics/measure-names.ts';
import { field } from './config-fields.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { MIRROR, ORIGINAL, type ViewId } from '../../rows/view-list.ts';

/** A name that becomes a folder's name. */
const name = () =>
  z.string().regex(/^\w[\w.-]*$/, {
    error: 'must consist of letters, digits, "-", "_" and ".", because it names a folder',
  });

/** Sections that a sweep can ask to have first in its report. */
const SECTIONS = ['penalty', 'sampling', 'curves', 'cost'] as const;

const passes = PASSES.map((k) => `pass@${k}`);

/**
 * The metrics by which cells can be compared: those over all tasks, those of single tasks, and by the names that an
 * evaluation gives them, those of sentences (`text`) and of every answer (`all`).
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
  set: field(z.string().min(1), 'An evaluation set of the runs, by its name under data.eval.'),
  view: field(
    viewIdSchema,
    'The view of its rows. The metric `consistent` takes originals together with this view, or with mirrors if it is the original.',
  ).default(ORIGINAL),
  metric: field(
    z.enum(COMPARED_METRICS as [string, ...string[]]),
    '`accuracy` over all tasks; `consistent`: right on the original and on another view, mostly the mirror; `drop`: accuracy on the original minus accuracy on the view; `pass@4`: whether one of four answers is right, which needs `evaluate.n`; a measure of one task, as `distance/success` or `choice/pass@4`; `text/bleu1`, `text/bleu2` and `text/sbert` of sentences; `all/judge` and others of every answer.',
  ).default('accuracy'),
  kind: field(
    z.string().regex(/^\w+=.+$/s, { error: 'must be FIELD=VALUE, as task=Depth' }),
    'Only rows of this kind, by a field of their `meta`: `task=Depth` of CV-Bench, `question_type=…` of SAT; or `kind=spatial` and `kind=general` questions.',
  ).optional(),
});
/** A figure by which cells are compared. */
export type Figure = z.infer<typeof Figure>;

/** The view that `consistent` takes together with the original. */
export const otherViewOf = ({ view }: Figure): ViewId => (view === ORIGINAL ? MIRROR : view);

const DEVICE = 'must be any, a GPU as 0, or GPUs as "0,1"';

/** A run config or a part of one, checked once all parts are combined. */
const Run = z.record(z.string(), z.unknown()).meta({ part: 'run' });

/** Several runs to compare, as written in `*.sweep.yaml`. */
export const SweepConfig = z.strictObject({
  about: field(
    z.string(),
    'What the experiment asks, and what the papers say. The report begins with it.',
  ).default(''),
  make: field(
    z.record(
      name(),
      z.union([z.string().min(1), z.array(z.union([z.string(), z.number()])).min(1)], {
        error: 'must be a command, as `worlds --count 100`, or the list of its words',
      }),
    ),
    'Datasets that are made before the first run: `worlds`, `convert`, `graph compose`, `view mirror` or `view polarity` with those of their options that read and write rows below this folder, without the output. `data.train` and `data.eval` take them by name. `engine tiny` and a set make a model, which `engine.model` takes by name.',
  ).default({}),
  needs: field(
    z.record(z.string(), z.string().min(1)),
    'Data files that must exist, each with the command that makes it, which is shown if the file is missing.',
  ).default({}),
  config: field(z.string().min(1), 'A *.run.yaml file that all runs build on.').optional(),
  base: field(Run, 'What all cells have in common, as in a run config.').default({}),
  stages: field(
    z.record(name(), Run),
    'Runs before the cells, once for each seed. `init` takes the last checkpoint of a stage or cell by its name. So does `engine.model`, if that stage or cell trains all weights.',
  ).default({}),
  vary: field(
    z.record(z.string().min(1), z.array(z.unknown()).min(1)),
    'Fields by their path, as `coupling.eta`, each with its values: every combination is a cell.',
  ).default({}),
  cells: field(
    z.record(name(), Run),
    'Cells by name, each with what it changes in the base; with `vary`, each cell for every combination. The others are compared with the first one.',
  ).default({}),
  seeds: field(z.array(z.int()).min(1), 'Every stage and every cell runs once per seed.').default([0]),
  devices: field(
    z
      .array(
        z.union([z.int().min(0), z.string().regex(/^(?:any|\d+(?:,\d+)*)$/, { error: DEVICE })], {
          error: DEVICE,
        }),
      )
      .min(1),
    'The pool of devices, one run at a time on each: a GPU by number, `"0,1"` for one run on both, or `any` to leave it to the run. A device that is named twice takes two runs at a time.',
    { tradeoff: 'Runs that share a device slow each other down.' },
  ).default(['any']),
  compare: field(Figure, 'The figure that decides which cell is best.'),
  also: field(z.array(Figure), 'More figures to compare.').default([]),
  contrast: field(
    z.array(z.tuple([z.string(), z.string()])),
    'Pairs of cells, such as `[grpo, sft]`: the report tests the first minus the second, with effect size and interval.',
  ).default([]),
  at_steps: field(
    z.array(z.int().min(0)).min(1),
    'Compare the cells at these steps, each with each; `evaluate.every` must reach them. By default, at their last step.',
    { paper: 'SVQA-R1 compares steps 500, 1000, 1500, 2000.' },
  ).optional(),
  labels: field(
    z.record(z.string(), z.string().min(1)),
    'Names for cells in the report. Cells of `vary` are named by field and value.',
  ).default({}),
  published: field(
    z.record(z.string().min(1), z.record(z.string(), z.union([z.number(), z.string()]))),
    'Published figures to show next to yours: a title for each, and its values by cell, or by step with `at_steps`.',
  ).default({}),
  show: field(
    z.array(z.enum(SECTIONS)),
    'Sections of the report that come right after the figures of the cells, because they answer the question.',
  ).default([]),
  small: z
    .record(z.string(), z.unknown())
    .meta({
      part: 'small',
      description:
        'For `--small`, the experiment in minutes without a GPU: each section here replaces the section of the same name.',
    })
    .optional(),
});
export type SweepConfig = z.infer<typeof SweepConfig>;
