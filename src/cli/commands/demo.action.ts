import type { OptionsOf } from '../command-options.ts';
import type { addDemoCommand } from './demo.command.ts';
import { freemem } from 'node:os';
import { join, basename, dirname, resolve } from 'node:path';
import { runThisProgram, launchNew, attach } from '../find-runs.ts';
import { JobError } from '../errors.ts';
import { note, printJson, print } from '../print.ts';
import { writeFile, mkdir } from 'node:fs/promises';
import { readRunFile } from '../config.ts';
import { createRun } from '../../lab/runs/make-run.ts';
import { readResults } from '../../lab/evaluation/evaluation-folders.ts';
import { stepName } from '../../lab/runs/run-folder.ts';
import { endOfLog } from '../../lab/runs/launch.ts';
import { sha256 } from '../../lab/files/atomic.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { readText } from '../../lab/files/regular.ts';
import { executableOf } from '../../lab/own/trust.ts';
import { jsonText } from '../../base/json.ts';
import type { EvaluationResult } from '../../core/evaluation/results.ts';
import { MIRROR, ORIGINAL, REVERSE, type ViewId, viewLabel } from '../../rows/view-list.ts';
import { duration, percent, percents } from '../../base/format.ts';
import { endsOf } from '../../core/metrics/metric.ts';
import { bothRight, likeForLikeTexts } from '../../core/metrics/view-gaps.ts';
import {
  configText,
  type Demo,
  labelOf,
  MIRROR_DEMO,
  MOTION_DEMO,
  planDemo,
  type PlannedRun,
  type PlannedSet,
} from '../demo-plan.ts';
import { sum } from '../../base/numbers.ts';

/** Draws a dataset with `chirality worlds` and adds its second view. Uses separate processes: each uses one core. */
async function drawWorlds(folder: string, { name, count, options, view }: PlannedSet): Promise<void> {
  const output = join(folder, name);
  const run = async (...args: string[]) => {
    const code = await runThisProgram([...args, '--quiet'], { stdio: ['ignore', 'ignore', 2] });
    if (code !== 0) throw new JobError('Cannot draw the scenes.', { file: output });
  };
  await run('worlds', '--count', String(count), ...options, '-o', output);
  if (!view) return;
  const [rows, path] = ['data.qa.jsonl', 'manifest.json'].map((name) => join(output, name)) as [
    string,
    string,
  ];
  await run('view', 'add', rows, '--view', view, '-o', rows);
  const manifest = JSON.parse(await readText(path)) as { data: [object] };
  const data = [{ ...manifest.data[0], sha256: sha256(await readText(rows)) }];
  await writeFile(path, jsonText({ ...manifest, data, views: [view] }));
}

/**
 * Returns the number of conditions to train at the same time: at most 4, with one gigabyte of free memory each. A
 * single run leaves much of two cores idle. The results of the runs do not depend on this number.
 */
const armsAtOnce = (): number => Math.max(1, Math.min(4, Math.floor(freemem() / 2 ** 30)));
/** Number of conditions that the demo compares in a sentence: the first two. */
const COMPARED = 2;

/** Trains runs at the same time, each in its own process. @returns the last evaluation of each run, in order */
async function train(folder: string, runs: readonly PlannedRun[], told: Set<string>): Promise<DemoRow[]> {
  const ends = await Promise.allSettled(runs.map((run) => trainOne(folder, run, told, runs.length > 1)));
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}

/** Writes the run's config and trains in a separate process. Returns the result of the last evaluation. */
async function trainOne(
  folder: string,
  run: PlannedRun,
  told: Set<string>,
  isOneOfSeveral: boolean,
): Promise<DemoRow> {
  note(`\n${labelOf(run)}`);
  const path = join(folder, `${run.name}.run.yaml`);
  await writeFile(path, configText(run));
  const config = readRunFile(path);
  const dir = await createRun(join(folder, 'runs'), run.name, config);
  await launchNew(dir);
  const state = await attach(dir, basename(dir), told, isOneOfSeveral);
  if (!state) throw new JobError('The demo was interrupted. The run continues.');
  const results = await readResults(join(dir, 'eval', stepName(config.steps)));
  if (state.status !== 'finished' || !results) {
    throw new JobError(`The run did not finish.\n${await endOfLog(dir)}`, {
      file: dir,
      fix: `Continue the run with \`chirality resume ${dir}\`.`,
    });
  }
  return { about: labelOf(run), results };
}

/** Returns the folder name, or its first unused variant with a number appended. */
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

interface DemoRow {
  about: string;
  results: EvaluationResult[];
}

/**
 * Column of the table: questions of one kind in one or both views. Without a kind, the column counts all questions,
 * because pairs in views other than mirrors are not counted by kind.
 */
interface Column {
  kind?: string;
  view: ViewId | 'both';
}

/**
 * Returns the table's columns, by kind of question. Only answers to one kind change in the other view, so response bias
 * affects only this kind. The mean over all questions would hide the effect.
 */
const columnsOf = ({ view, kinds }: Demo): Column[] => [
  ...kinds.flatMap((kind): Column[] => [
    { kind, view: ORIGINAL },
    { kind, view },
    ...(view === MIRROR ? [{ kind, view: 'both' } as const] : []),
  ]),
  ...(view === MIRROR ? [] : [{ view: 'both' } as const]),
];

const titleOf = ({ kind, view }: Column): string =>
  `${kind ?? 'all'}: ${view === 'both' ? 'pair accuracy' : viewLabel(view)}`;

const figureOf = (
  results: readonly EvaluationResult[],
  { kind, view }: Column,
): EvaluationResult | undefined => {
  if (view === 'both' && kind === undefined) return bothRight(results);
  const [metric, of] = view === 'both' ? ['consistent', null] : ['accuracy', view];
  return results.find(
    (figure) =>
      figure.slice?.value === kind && figure.task === 'all' && figure.view === of && figure.metric === metric,
  );
};

/** Returns the demo's table as Markdown. */
function demoReport(demo: Demo, rows: readonly DemoRow[], seconds: number, fast: boolean): string {
  const test = rows[0]!.results;
  const columns = columnsOf(demo);
  const ofTest = columns.map((column) => figureOf(test, column));
  const bound = (name: 'words' | 'order') =>
    ofTest.map((figure) => (figure?.floor?.[name] === undefined ? '' : percent(figure.floor[name])));
  const kinds = columns.flatMap(({ kind, view }, i) =>
    view === ORIGINAL ? [`${ofTest[i]?.n ?? 0} ${kind} questions`] : [],
  );
  const table = [
    ['trained on', ...columns.map(titleOf)],
    ...rows.map(({ about, results }) => [
      about,
      ...columns.map((column) => {
        const figure = figureOf(results, column);
        return percents(figure ? endsOf(figure) : null);
      }),
    ]),
    ['chance', ...ofTest.map((figure) => percent(figure?.chance))],
    ['image-free bound', ...bound('words')],
    ...(demo.view === REVERSE ? [['bound without frame order', ...bound('order')]] : []),
  ];
  const widths = table[0]!.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [
    `Accuracy on held-out rows in percent, with greedy decoding: ${kinds.join(' and ')}.`,
    'Pair accuracy: the share of rows answered correctly in both views.',
    ...demo.about,
    '',
    line(table[0]!),
    rule,
    ...table.slice(1).map(line),
    '',
    'The image-free bound is the best score with greedy decoding that a model can reach without the image.',
    `With one seed, differences of a few points are noise. Duration: ${duration(Math.round(seconds))}.`,
    ...(fast
      ? ['', 'With so few steps, the model learns almost nothing. Run the demo without --fast for a result.']
      : []),
  ].join('\n');
}

/** Returns a sentence on the difference between the first two conditions; "" without a clear difference. */
function findingText(arms: readonly PlannedRun[], rows: readonly DemoRow[]): string {
  const texts = likeForLikeTexts(
    rows.slice(0, COMPARED).map(({ results }) => results),
    'val',
  );
  return texts ? `\n\n${texts.map((text, i) => `${arms[i]!.name} ${text}`).join('; ')}.` : '';
}

/** Runs a demo and prints its table. `--motion` uses clips and reversed clips instead of mirrors. */
export async function demo({
  motion,
  output,
  seed,
  all,
  fast,
  json,
}: OptionsOf<typeof addDemoCommand>): Promise<void> {
  const started = Date.now();
  const about = motion ? MOTION_DEMO : MIRROR_DEMO;
  const folder = await newFolder(output);
  const { sets, sft, arms } = planDemo(about, { seed, all: all ?? false, fast: fast ?? false });
  note(`Drawing ${sum(sets.map(({ count }) => count))} ${motion ? 'clips' : 'scenes'}`);
  await Promise.all(sets.map((set) => drawWorlds(folder, set)));
  const told = new Set<string>();
  const ofSft: DemoRow[] = [];
  for (const run of sft) ofSft.push(...(await train(folder, [run], told)));
  const ofArms: DemoRow[] = [];
  const atOnce = armsAtOnce();
  for (let i = 0; i < arms.length; i += atOnce)
    ofArms.push(...(await train(folder, arms.slice(i, i + atOnce), told)));
  const rows = [...ofSft, ...ofArms];
  const report = demoReport(about, rows, (Date.now() - started) / 1000, fast ?? false);
  await writeFile(join(folder, 'report.md'), `# Demo, seed ${seed}\n\n${report}\n`);
  if (json) printJson({ folder: resolve(folder), rows });
  else
    print(
      [
        `\n${report}${fast ? '' : findingText(arms, ofArms)}`,
        ...nextSteps(join(folder, 'runs'), motion),
      ].join('\n'),
    );
}

/** Quotes a path for a shell unless it contains only plain characters. */
const quoted = (path: string): string => (/^[\w./\\-]+$/.test(path) ? path : JSON.stringify(path));

/** Returns the shell line that makes `chirality` a command of this terminal; no line if the command exists. */
function addToPath(): string[] {
  const isWindows = process.platform === 'win32';
  if (executableOf([isWindows ? 'chirality.cmd' : 'chirality'])) return [];
  const bin = resolve(dirname(process.argv[1]!), '../bin');
  return isWindows ? [`  $env:PATH = "${bin};$env:PATH"`] : [`  export PATH=${JSON.stringify(bin)}:"$PATH"`];
}

/**
 * Returns the next commands, ready to paste. If the terminal does not find `chirality`, the first line adds it to the
 * PATH.
 */
const nextSteps = (runs: string, motion: boolean | undefined): string[] => [
  '',
  'Next:',
  ...addToPath(),
  `  chirality trace spatial --runs ${quoted(runs)}    # training pairs with their rewards`,
  `  chirality report --runs ${quoted(runs)} -o report.html    # compare all runs`,
  '',
  `In VS Code (docs/vs-code.md): open ${quoted(dirname(runs))} and run "Chirality: Open Run"${motion ? '' : ' or "Chirality: Open Playground"'}.`,
  '',
  'Use your own data (docs/datasets.md):',
  '  chirality convert TABLE.csv -o rows.qa.jsonl',
  '  chirality view mirror rows.qa.jsonl -o pairs.qa.jsonl',
];
