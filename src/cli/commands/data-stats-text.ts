import type { FileStats } from '../../lab/datasets/stats.ts';
import { VARIANT_NAMES } from '../../core/spatial/views/list.ts';

const percent = (n: number, of: number): string => (of === 0 ? '' : ` (${((100 * n) / of).toFixed(1)} %)`);

/** `distance 293 (9.4 %), yesno 186 (6.0 %)`, the most frequent first. */
function shares(counts: Record<string, number>, of: number): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `${name} ${n}${percent(n, of)}`)
    .join(', ');
}

/** `{2: 20}` as `{'with 2:': 20}`. */
const named = (counts: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([n, rows]) => [`with ${n}:`, rows]));

/** The statistics of every file as text for people; what does not occur is left out. */
export function statsText(files: readonly FileStats[]): string {
  return files.map(fileText).join('\n\n');
}

function fileText(stats: FileStats): string {
  const good = stats.rows - stats.bad;
  const total = (counts: Record<string, number>) => Object.values(counts).reduce((sum, n) => sum + n, 0);
  const lines: [label: string, text: string][] = [
    ['questions', `${stats.questions}${stats.questions > good ? `, in ${good} dialogues` : ''}`],
    ['spatial', `${stats.spatial}${percent(stats.spatial, stats.questions)}, general ${stats.general}`],
    ['left or right', `${stats.left_right}${percent(stats.left_right, stats.questions)}`],
    ['types', shares(stats.question_types, stats.questions)],
    ['yes or no', shares(stats.yes_no, total(stats.yes_no))],
    ['tasks', shares(stats.tasks, good)],
    ['sources', shares(stats.sources, good)],
    ['right choice', shares(stats.right_choice, total(stats.right_choice))],
    ['chance', stats.chance === null ? '' : `${(100 * stats.chance).toFixed(1)} % by guessing a choice`],
    [
      'with reasoning',
      stats.with_reasoning > 0 ? `${stats.with_reasoning}${percent(stats.with_reasoning, good)}` : '',
    ],
    ['images', `${stats.distinct_images} distinct; rows ${shares(named(stats.images_per_row), good)}`],
    ['box formats', shares(stats.box_formats, good)],
    ...VARIANT_NAMES.map((name): [string, string] => [name, shares(stats[name], good)]),
    ['repeated rows', stats.duplicates > 0 ? String(stats.duplicates) : ''],
    ['leakage', leakage(stats)],
    ['known traps', shares(stats.traps, stats.questions)],
  ];
  const head = `${stats.file} (${stats.format}): ${good} rows${stats.bad > 0 ? `, and ${stats.bad} bad ones` : ''}`;
  return [
    head,
    ...lines.filter(([, text]) => text).map(([label, text]) => `  ${label.padEnd(15)}${text}`),
  ].join('\n');
}

function leakage({ shared_rows: rows, shared_images: images }: FileStats): string {
  if (rows === 0 && images === 0) return '';
  return `${rows} rows are in an earlier file too; ${images} rows show a picture of an earlier file`;
}
