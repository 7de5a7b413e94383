import { join, basename, dirname, resolve } from 'node:path';
import { runThisProgram, launchNew, attach } from '../runs.ts';
import { JobError } from '../errors.ts';
import { note, printJson, print } from '../print.ts';
import { writeFile, mkdir } from 'node:fs/promises';
import { readRunFile } from '../config.ts';
import { createRun } from '../../lab/runs/run.ts';
import { readResults } from '../../lab/evaluation/folders.ts';
import { stepName } from '../../core/run-data/run-folder.ts';
import { endOfLog } from '../../lab/runs/launch.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import type { Bias } from '../../core/worlds/bias.ts';
import type { Topic } from '../../core/worlds/world-rows.ts';
import { stringify } from 'yaml';
import type { EvaluationResult } from '../../core/metrics/results.ts';
import { type ViewId, PAIR, viewLabel } from '../../core/view-list.ts';
import { percent, percents } from '../../core/format.ts';
import { endsOf } from '../../core/metrics/metric.ts';
import { likeForLike, likeForLikeTexts } from '../../core/metrics/view-gaps.ts';
import { floorText } from '../../core/metrics/floor.ts';
import { sum } from '../../core/numbers.ts';

interface Options {
  output: string;
  seed: number;
  all?: boolean;
  fast?: boolean;
  json?: boolean;
}

/** Draws a set with `chirality worlds`, in a separate process, because each uses only one core. */
async function drawWorlds(folder: string, { name, count, seed, bias, families }: PlannedSet): Promise<void> {
  const shares = Object.entries(bias).map(([key, share]) => `${key}=${share}`);
  const options = ['--count', count, '--seed', seed, '--bias', shares.join(), '--families', families.join()];
  const output = join(folder, name);
  const args = ['worlds', ...options.map(String), '--style', 'compact', '-o', output, '--quiet'];
  const code = await runThisProgram(args, { stdio: ['ignore', 'ignore', 2] });
  if (code !== 0) throw new JobError('The scenes could not be drawn.', { file: output });
}

/**
 * How many arms are trained at the same time. One alone leaves much of two cores idle; what it computes does not depend
 * on what runs beside it.
 */
const ARMS_AT_ONCE = 2;

/**
 * Trains runs at the same time, each in its own process, to their ends. @returns their last evaluations, in order
 */
async function train(folder: string, runs: readonly PlannedRun[], told: Set<string>): Promise<DemoRow[]> {
  const ends = await Promise.allSettled(runs.map((run) => trainOne(folder, run, told, runs.length > 1)));
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}

/** Writes the run's config, trains in a separate process, and returns the result of the last evaluation. */
async function trainOne(
  folder: string,
  run: PlannedRun,
  told: Set<string>,
  isOneOfSeveral: boolean,
): Promise<DemoRow> {
  note(`\n${run.about}`);
  const path = join(folder, `${run.name}.run.yaml`);
  await writeFile(path, configText(run));
  const config = readRunFile(path);
  const dir = await createRun(join(folder, 'runs'), run.name, config);
  await launchNew(dir);
  const state = await attach(dir, basename(dir), told, isOneOfSeveral);
  if (!state) throw new JobError('The demo ends here; the run continues.');
  const results = await readResults(join(dir, 'eval', stepName(config.steps)));
  if (state.status !== 'finished' || !results) {
    throw new JobError(`The run did not finish.\n${await endOfLog(dir)}`, {
      file: dir,
      fix: `\`chirality resume ${dir}\` continues it.`,
    });
  }
  return { about: run.about, results };
}

/** The folder, or the first one with a number appended that does not exist yet. */
async function newFolder(wanted: string): Promise<string> {
  await makeFolder(dirname(wanted));
  for (let i = 1; ; i++) {
    const folder = i === 1 ? wanted : `${wanted}-${i}`;
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** A run of the demo: its config file's name and contents. */
interface PlannedRun {
  name: string;
  about: string;
  config: object;
}

/** A data set of the demo, as `chirality worlds` draws it. */
interface PlannedSet {
  name: string;
  count: number;
  seed: string;
  bias: Bias;
  families: readonly Topic[];
}

interface DemoPlan {
  data: PlannedSet[];
  /** Runs in sequence: learning to see, then continuing on skewed rows. */
  sft: PlannedRun[];
  /** Runs that all start from the last of the `sft` runs. */
  arms: PlannedRun[];
}

/** Rows whose first-named solid always stands on the left, so that answering "left" without looking is right. */
const SKEWED: Bias = { side: 1, pole: 1 };

/** A mirror changes on which side of another a solid is, but not which of two is nearer. */
const families: readonly Topic[] = ['side.where', 'nearer'];

/** What an arm changes in the config that all have in common, which trains by Spatial-GRPO. */
interface ArmOfDemo {
  about: string;
  config: object;
  /** The set that it trains on: the skewed one, unless it is another. */
  set?: string;
}

/** One view of twice as many rows. */
const ONE_VIEW = { views: { mirror: false }, batch: { rows: 32 } };
const ARMS = {
  given: { about: 'GRPO on the rows as given', config: ONE_VIEW },
  spatial: { about: 'Spatial-GRPO (η = 1)', config: {} },
  mirrored: { about: 'both views, no coupling (η = 0)', config: { coupling: { eta: 0 } } },
  'sft-mirrored': {
    about: 'SFT on both views',
    config: {
      preset: 'demo-sft',
      views: { mirror: true },
      batch: { samples: 16 },
      optimizer: { learning_rate: 5e-4, warmup_steps: 5 },
    },
  },
  pair: { about: 'Spatial-GRPO, advantages over both views', config: { advantages: { scope: 'pair' } } },
  joint: {
    about: 'ConsistRoll (joint reward)',
    config: { coupling: { mode: 'joint' }, advantages: { scope: 'pair' } },
  },
  unbiased: { about: 'GRPO on balanced rows', config: ONE_VIEW, set: 'clean' },
} satisfies Record<string, ArmOfDemo>;

type Arm = keyof typeof ARMS;

/** The two that the demo compares, and the controls that tell what the mirrors do from what the coupling does. */
const COMPARED: readonly Arm[] = ['given', 'spatial'];
const ARMS_OF_DEMO: readonly Arm[] = [...COMPARED, 'mirrored', 'sft-mirrored'];

/** Every arm draws as many views a step: of 32 rows, or of 16 pairs. */
function planDemo({ seed, fast, arms }: { seed: number; fast: boolean; arms: readonly Arm[] }): DemoPlan {
  const steps = fast ? { see: 40, skewed: 10, grpo: 6 } : { see: 400, skewed: 40, grpo: 50 };
  const rows = fast ? { clean: 400, skewed: 200, val: 48 } : { clean: 4000, skewed: 1600, val: 256 };
  const base = { seed, data: { train: '', eval: { val: 'val/data.qa.jsonl' } } };
  const train = (set: string) => ({ ...base, data: { ...base.data, train: `${set}/data.qa.jsonl` } });
  const last = (run: string, step: number) => `runs/${run}/checkpoints/${stepName(step)}`;
  return {
    data: [
      { name: 'clean', count: rows.clean, seed: `${seed}-clean`, bias: { pole: 1 }, families },
      { name: 'skewed', count: rows.skewed, seed: `${seed}-skewed`, bias: SKEWED, families },
      { name: 'val', count: rows.val, seed: `${seed}-val`, bias: SKEWED, families },
    ],
    sft: [
      {
        name: 'sft',
        about: 'SFT on balanced rows',
        config: { preset: 'demo-sft', steps: steps.see, ...train('clean') },
      },
      {
        name: 'sft-skewed',
        about: 'SFT on skewed rows',
        config: {
          preset: 'demo-sft',
          steps: steps.skewed,
          init: last('sft', steps.see),
          ...train('skewed'),
          optimizer: { learning_rate: 5e-4, warmup_steps: 5 },
        },
      },
    ],
    arms: arms.map((name) => {
      const { about, config, set = 'skewed' }: ArmOfDemo = ARMS[name];
      return {
        name,
        about,
        config: {
          preset: 'demo',
          steps: steps.grpo,
          // Often enough for a curve, starting from the same point; its own seed keeps it from affecting the training.
          evaluate: { every: 20, at_start: true, seed },
          init: last('sft-skewed', steps.skewed),
          ...train(set),
          ...config,
        },
      };
    }),
  };
}

/** The text of a run's config file, with its description as a comment. */
const configText = ({ about, config }: PlannedRun): string => `# ${about}\n${stringify(config)}`;

const ALL_ARMS = Object.keys(ARMS) as Arm[];

interface DemoRow {
  about: string;
  results: EvaluationResult[];
}

/** A column of the demo's table; both views if `view` is null. */
interface Column {
  title: string;
  view: ViewId | null;
  /** The kind of questions that it is of; all if absent. */
  kind?: string;
}

const BOTH: Column = { title: 'both right', view: null };

/**
 * Originals beside the mirrors of the same questions, by their kind. The mean over all questions hides what happens: only
 * the answers to questions about sides change in a mirror, so only they fall to a habit.
 */
const COLUMNS: readonly Column[] = [
  ...['side', 'nearer'].flatMap((kind) =>
    PAIR.map((view) => ({ title: `${kind}: ${viewLabel(view)}`, view, kind })),
  ),
  BOTH,
];

const figureOf = (results: readonly EvaluationResult[], { view, kind }: Column) =>
  results.find(
    (r) =>
      r.slice?.value === kind &&
      r.task === 'all' &&
      r.view === view &&
      r.metric === (view === null ? 'consistent' : 'accuracy'),
  );

/** The demo's table, as Markdown. */
function demoReport(rows: readonly DemoRow[], seconds: number, fast: boolean): string {
  const n = rows[0]?.results[0]?.n ?? 0;
  const test = rows[0]!.results;
  const guessed = COLUMNS.map((column) => percent(figureOf(test, column)?.chance));
  const floor = figureOf(test, BOTH)?.floor;
  const blind = COLUMNS.map((column) => (column === BOTH ? percent(floor?.words) : ''));
  const table = [
    ['', ...COLUMNS.map(({ title }) => title)],
    ...rows.map(({ about, results }) => [
      about,
      ...COLUMNS.map((column) => {
        const figure = figureOf(results, column);
        return percents(figure ? endsOf(figure) : null);
      }),
    ]),
    ['guessing', ...guessed],
    ['without looking, at most', ...blind],
  ];
  const widths = table[0]!.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [
    `Percent of ${n} held-out rows answered right, greedily. The first-named solid is always on the left, as in the skewed`,
    'training rows, and in the mirrors always on the right: a model that answers out of habit is right only on the originals.',
    '',
    line(table[0]!),
    rule,
    ...table.slice(1).map(line),
    '',
    ...(floor ? [`Without looking, ${floorText(floor)}.`, ''] : []),
    `One seed and ${n} rows: differences of a few points are noise. Time: ${Math.round(seconds)} s.`,
    ...(fast
      ? [
          '',
          'With so few steps, the model learns almost nothing: these figures only show that everything works.',
          'To see what mirrors change, run all steps: `chirality demo`.',
        ]
      : []),
  ].join('\n');
}

/** What the two runs that the demo compares differ in, below an empty line; "" if their figures do not tell. */
function findingText(rows: readonly DemoRow[]): string {
  const arms = COMPARED.flatMap((arm) => {
    const row = rows.find(({ about }) => about === ARMS[arm].about);
    return row ? [row.results] : [];
  });
  const comparison = likeForLike(arms, 'val');
  const texts = comparison && likeForLikeTexts(comparison);
  return texts ? `\n\n${texts.map((text, i) => `${COMPARED[i]} ${text}`).join('; ')}.` : '';
}

export async function demo({ output: out, seed, all, fast, json }: Options): Promise<void> {
  const started = Date.now();
  const folder = await newFolder(out);
  const plan = planDemo({ seed, fast: fast ?? false, arms: all ? ALL_ARMS : ARMS_OF_DEMO });
  note(`Drawing ${sum(plan.data.map(({ count }) => count))} scenes`);
  await Promise.all(plan.data.map((set) => drawWorlds(folder, set)));
  const rows: DemoRow[] = [];
  const told = new Set<string>();
  for (const run of plan.sft) rows.push(...(await train(folder, [run], told)));
  for (let i = 0; i < plan.arms.length; i += ARMS_AT_ONCE)
    rows.push(...(await train(folder, plan.arms.slice(i, i + ARMS_AT_ONCE), told)));
  const report = demoReport(rows, (Date.now() - started) / 1000, fast ?? false);
  await writeFile(join(folder, 'report.md'), `# Demo, seed ${seed}\n\n${report}\n`);
  if (json) printJson({ folder: resolve(folder), rows });
  else
    print(
      `\n${report}\n\nInspect one: chirality trace spatial --runs ${join(folder, 'runs')}\nRuns: ${join(folder, 'runs')}${fast ? '' : findingText(rows)}`,
    );
}
