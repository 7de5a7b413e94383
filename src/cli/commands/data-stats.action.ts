import { partOf, percentText, several } from '../../base/format.ts';
import type { Problem } from '../../base/problem.ts';
import type { DataRow, RowNumber } from '../../lab/datasets/rows.ts';
import { DatasetStats, type FileStats } from '../../lab/datasets/stats.ts';
import { onThreads, type RowJob } from '../../lab/files/row-threads.ts';
import { VARIANT_NAMES } from '../../rows/view-list.ts';
import { inputName } from '../input.ts';
import { print, printJson } from '../print.ts';
import { chunkOf, openSet, type ReadingOptions, type SetSetup, threadedSet, told } from '../tables.ts';
import { foundLines, placeOf } from './data-check.action.ts';

/** Values of a row that `stats` counts. */
interface Counted {
  place: RowNumber;
  row: ReturnType<typeof DatasetStats.look>;
  problems: Problem[];
}

const countedIn = (row: DataRow): Counted => ({
  place: placeOf(row),
  row: DatasetStats.look(row),
  problems: row.sample ? [] : row.problems,
});

export const statsJob =
  (setup: SetSetup): RowJob<Counted> =>
  (chunk) =>
    chunkOf(setup, chunk, countedIn);

export async function stats(files: string[], options: ReadingOptions & { json?: boolean }): Promise<void> {
  const collected = new DatasetStats();
  const more = { relativeTo: '.' };
  for (const input of files.length > 0 ? files : [undefined]) {
    const source = await openSet(input, options, more);
    collected.startFile(inputName(input), source.mapping.name);
    const rows = onThreads(source.rows, countedIn, threadedSet(source, 'stats', input, options, more));
    for await (const { row } of told(rows, { input, total: source.total })) collected.take(row);
    collected.endFile();
  }
  if (options.json) printJson({ files: collected.files });
  else print(collected.files.map(fileText).join('\n\n'));
}

/** Returns the share of `n` in `whole`, in brackets; an empty string if `whole` is 0. */
const part = (n: number, whole: number): string => (whole === 0 ? '' : ` (${partOf(n, whole)})`);

/** Returns counts with their shares, most frequent first, such as "distance 293 (9.4 %), yesno 186 (6.0 %)". */
function shares(counts: Record<string, number>, whole: number): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `${name} ${n}${part(n, whole)}`)
    .join(', ');
}

/** Adds a prefix to the keys: `{2: 20}` becomes `{'with 2:': 20}`. */
const named = (counts: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([n, rows]) => [`with ${n}:`, rows]));

/** Returns the statistics of a file as text, without empty statistics. */
function fileText(stats: FileStats): string {
  const good = stats.rows - stats.bad;
  const total = (counts: Record<string, number>) => Object.values(counts).reduce((sum, n) => sum + n, 0);
  const types = shares(stats.question_types, stats.questions);
  const tasks = shares(stats.tasks, good);
  const choices = total(stats.right_choice);
  const lines: [label: string, text: string][] = [
    ['questions', `${stats.questions}${stats.questions > good ? `, in ${good} dialogues` : ''}`],
    ['spatial', `${stats.spatial}${part(stats.spatial, stats.questions)}, general ${stats.general}`],
    ['left or right', `${stats.left_right}${part(stats.left_right, stats.questions)}`],
    // If rows declare their tasks, the question types would repeat the tasks.
    ['question types', types === tasks ? '' : types],
    ['yes or no', shares(stats.yes_no, total(stats.yes_no))],
    ['tasks', tasks],
    ['sources', shares(stats.sources, good)],
    ['correct choice', shares(stats.right_choice, choices)],
    [
      'chance',
      stats.chance === null
        ? ''
        : `${percentText(stats.chance)}${choices < good ? ` on ${choices} rows with choices` : ''}`,
    ],
    [
      'with reasoning',
      stats.with_reasoning > 0 ? `${stats.with_reasoning}${part(stats.with_reasoning, good)}` : '',
    ],
    ['images', `${stats.distinct_images} distinct; rows ${shares(named(stats.images_per_row), good)}`],
    ['clips', clips(stats, good)],
    ['box formats', shares(stats.box_formats, good)],
    ...VARIANT_NAMES.map((name): [string, string] => [name, shares(stats[name], good)]),
    ['repeated rows', stats.duplicates > 0 ? String(stats.duplicates) : ''],
    ['leakage', leakage(stats)],
    ['known traps', shares(stats.traps, stats.questions)],
    ['label errors', misfits(stats)],
  ];
  const head = `${stats.file} (${stats.format}): ${good} rows${stats.bad > 0 ? `, ${several(stats.bad, 'bad row')}` : ''}`;
  return [
    head,
    ...lines.filter(([, text]) => text).map(([label, text]) => `  ${label.padEnd(15)}${text}`),
    ...foundLines(stats.found_tasks).map((line) => `  ${line}`),
  ].join('\n');
}

/** Returns a text on the scores that are possible without the order of the frames, on clips and their reverses. */
function clips({ clips: rows = 0, clip_floor: floor }: FileStats, good: number): string {
  if (!floor) return rows > 0 ? shares({ 'rows whose images are frames': rows }, good) : '';
  const { pairs, changed, order, words, frame, bounded } = floor;
  const most = bounded ? 'at most' : 'up to';
  return [
    `${rows}; ${pairs} with a reversed clip, ${changed} with a different answer`,
    `pair accuracy without frame order: up to ${percentText(order!)}; from the words alone: ${most} ${percentText(words)}`,
    ...(frame === undefined
      ? []
      : [`from the question form and the first frame: ${most} ${percentText(frame)}`]),
  ].join('\n' + ' '.repeat(17));
}

/** Returns a text on the number of reference answers that do not fit their question. */
function misfits({ misfits: kinds, file }: FileStats): string {
  const n = Object.values(kinds).reduce((sum, count) => sum + count, 0);
  return n === 0 ? '' : `${several(n, 'likely error')}; list with chirality data check ${file}`;
}

function leakage({ shared_rows: rows, shared_images: images }: FileStats): string {
  if (rows === 0 && images === 0) return '';
  return `${rows} rows also in an earlier file; ${images} rows with an image of an earlier file`;
}
