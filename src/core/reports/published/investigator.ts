// Tables of arXiv 2507.13362 (scene-graph chain of thought; SFT and GRPO on SAT), as printed; see docs/papers.md.
import { fixed } from '../../../base/format.ts';
import { mean } from '../../../base/numbers.ts';
import {
  column,
  figuresOf,
  rowsWith,
  type PublishedColumn,
  type PublishedRow,
  type PublishedSet,
  type PublishedTable,
} from './table.ts';

const rowsOf = rowsWith({
  other: 'The paper prints this value for the strategy “describe” of the other model.',
});

/** Number of rows in each CV-Bench task: counting, relation, depth, distance. */
const CV_ROWS = [788, 650, 600, 600] as const;
const ALL_CV_ROWS = 2638;

const SWAPPED =
  'Another table of the paper swaps this value with the other model’s. This value matches the other columns of its own row (R21).';

/** A line of a table in the paper: four tasks, and a total that is one of two means; Pass@4 is in brackets. */
type CvRow = readonly [name: string, tasks: string, total: string, note?: string];

const CV_BENCH: readonly CvRow[] = [
  ['PaliGemma2-3B-mix-224', '64 77.08 51.83 14.83', '52.16'],
  ['+ GRPO-v1', '65.10 78.41 56.83 18.00', '54.77'],
  [
    '+ SFT',
    '65.07 (72.08) 80.92 (82.92) 61.67 (91.17) 59.50 (90.00)',
    '66.79 (84.22)',
    'In the released code, SFT overwrites the last prompt tokens and so trains on truncated prompts (R37).',
  ],
  [
    '+ GRPO-v2',
    '65.6 (73.07) 84.92 (86.00) 76.33 (88.17) 62.67 (78.00)',
    '72.38 (81.31)',
    'The released code is like v1. The repository does not contain v2 (R36).',
  ],
  ['PaliGemma2 + SceneGraph CoT', '36.79 62.13 63.00 52.50', '53.57'],
  ['PaliGemma2 + SFT + SceneGraph CoT', '40.13 66.00 53.50 68.67', '57.07'],
  ['Qwen2.5-VL-7B', '50.76 63.23 66.33 64.67', '60.54'],
  ['Qwen2.5-VL-7B + SceneGraph CoT', '64.21 73.69 66.17 69.00', '68.08', SWAPPED],
  ['Llama-4-Scout-17B-16E', '54.35 55.08 74.00 31.33', '53.76'],
  ['Llama-4-Scout + SceneGraph CoT', '67.64 74.92 89.17 73.50', '75.66', SWAPPED],
  ['Llama-4-Scout + 4-shot (SG + A split)', '68.12 75.88 90.25 74.42', '77.31'],
  ['Llama-4-Scout + 4-shot conversational', '68.45 76.42 91.02 75.17', '77.69'],
  ['Llama-4-Scout + SG + depth maps', '46.97 59.11 89.38 71.29', '70.95'],
  ['Llama-4-Scout + SG + PoT', '49.12 54.37 65.84 36.91', '51.56'],
  ['Llama-4-Scout + SG + CoS', '46.58 51.43 60.12 33.87', '48.25'],
  ['Llama-4-Scout + SG + VoT', '47.39 50.11 58.63 35.24', '47.84'],
  ['Llama-4-Scout + SG + confidence', '66.31 74.01 88.02 71.84', '74.38'],
  ['Llama-4-Scout + SG + VLBA', '67.12 73.44 87.55 72.20', '74.57'],
];

/** Maximum difference, in points, between a printed total and the mean of its rounded columns that it equals. */
const CLOSE = 0.045;

/** Returns both means of the four tasks. The paper prints one of these means as the total (R22). */
function totals(tasks: readonly number[]): { macro: number; micro: number } {
  const micro = tasks.reduce((sum, value, task) => sum + value * CV_ROWS[task]!, 0) / ALL_CV_ROWS;
  return { macro: mean(tasks)!, micro };
}

function cvRow([name, printed, total, note]: CvRow): PublishedRow {
  const tasks = figuresOf(printed).map(parseFloat);
  const { macro, micro } = totals(tasks);
  const near = (value: number) => Math.abs(parseFloat(total) - value) < CLOSE;
  const which = near(macro)
    ? 'The printed total is the mean of the four tasks (R22).'
    : near(micro)
      ? 'The printed total is the mean over all rows (R22).'
      : 'The printed total is neither the mean of the tasks nor the mean over all rows (R22).';
  const notes: Record<number, string> = { [tasks.length]: which };
  for (const [task, value] of tasks.entries())
    if (task > 1 && value < 50) notes[task] = 'Below the chance level of 50%: mostly unparsed answers (R24).';
  const figures = [printed, total, fixed(macro, 2), fixed(micro, 2), '–'].join(' ');
  return { name, figures, notes, ...(note && { note }) };
}

const cvColumn = (title: string, metric: string, note?: string): PublishedColumn => ({
  ...column(title, `cv-bench cv-bench ${metric}`, 'higher', note),
  pass4: true,
});

const OF_COLUMNS = 'Values of published rows are computed from their columns.';
const OFFICIAL = '½ · (½ · (ADE20K + COCO) + Omni3D), as the benchmark computes it (R22).';

const cvBench: PublishedTable = {
  id: 'investigator-cv-bench',
  caption: 'CV-Bench (arXiv 2507.13362), accuracy in percent, Pass@4 in brackets',
  columns: [
    cvColumn('Count', 'count'),
    cvColumn('Relation', 'relation'),
    cvColumn('Depth', 'depth'),
    cvColumn('Distance', 'distance'),
    column('Printed total', null, null, 'The kind of mean differs between the published rows (R22).'),
    cvColumn('Mean of tasks', 'total_macro', OF_COLUMNS),
    cvColumn('Mean of rows', 'total_micro', OF_COLUMNS),
    cvColumn('Official', 'total_official', OFFICIAL),
  ],
  rows: CV_BENCH.map(cvRow),
  notes: ['Rows that begin with “+” add to PaliGemma2-3B-mix-224.'],
};

/** Accuracies in and out of distribution: on the original questions and on opposite questions. */
export const PUBLISHED_SHIFT = [
  { name: 'base', depth: [51.83, 59.0], distance: [14.83, 5.83] },
  { name: 'SFT', depth: [61.67, 56.33], distance: [59.5, 47.47] },
  { name: 'GRPO', depth: [76.33, 70.5], distance: [62.67, 59.5] },
] as const;

/** Models for which the paper prints Pass@1 and Pass@4 by task. */
export const PUBLISHED_PASS = CV_BENCH.filter(([, tasks]) => tasks.includes('(')).map(([name, tasks]) => ({
  name: `PaliGemma2 ${name}`,
  tasks: figuresOf(tasks).map((text, i) => {
    const [pass1, pass4] = text.match(/[\d.]+/g)!.map(Number);
    return { task: ['Count', 'Relation', 'Depth', 'Distance'][i]!, pass1: pass1!, pass4: pass4! };
  }),
}));

const accuracy = (set: PublishedSet, title: string): PublishedColumn =>
  column(title, `${set} all accuracy`, 'higher');

const otherSets: PublishedTable = {
  id: 'investigator-other-sets',
  caption: 'SAT, VSR and CLEVR-CoGenT (arXiv 2507.13362), accuracy in percent',
  columns: [accuracy('sat', 'SAT val'), accuracy('vsr', 'VSR val'), accuracy('cogent', 'CoGenT ValB')],
  rows: rowsOf(`
Llama-4-Scout, direct | 69.42 68.82 68.47
Llama-4-Scout, SceneGraph CoT | 74.40 78.14 –
Llama-4-Scout, optical flow | 70.41 – –
Llama-4-Scout, 5-shot conversational + optical flow | 77.66 – –
Llama-4-Scout, describe | – – 70.66
Llama-4-Scout, Program of Thought | – – 40.68
Qwen2.5-VL-7B, direct | – 66.81 61.30
Qwen2.5-VL-7B, SceneGraph CoT | – 70.28 –
Qwen2.5-VL-7B, describe | – – 72.70^other`),
  notes: [],
};

const textAblation: PublishedTable = {
  id: 'investigator-clevr-text',
  caption: 'Effect of images on CLEVR descriptions (arXiv 2507.13362), accuracy in percent',
  columns: [column('accuracy', null, 'higher')],
  rows: rowsOf(`
image only | 47.05
image and text | 48.82
text only | 52.25`),
  notes: [],
};

const counting = (set: PublishedSet, title: string): PublishedColumn[] => [
  column(title, `${set} count accuracy`, 'higher'),
  column(`${title} close`, `${set} count close_call`, null, CLOSE_CALL),
];
const CLOSE_CALL = 'Share of wrong answers that differ from the correct count by exactly one.';

const counts: PublishedTable = {
  id: 'investigator-counting',
  caption: 'Counting (arXiv 2507.13362): accuracy, and wrong answers off by one, in percent',
  columns: [
    ...counting('pixmo', 'PixMo'),
    ...counting('cogent', 'CoGenT'),
    ...counting('cv-bench', 'CV-Bench'),
    ...counting('sat', 'SAT'),
  ],
  rows: rowsOf(`
Qwen2.5-VL-3B | 44.81 63.42 81.10 96.81 21.05 56.67 70.49 91.11
SpaceQwen-3B | 45.37 60.34 79.46 99.47 64.21 72.34 76.6 100`),
  notes: [],
};

export const INVESTIGATOR_TABLES: readonly PublishedTable[] = [cvBench, otherSets, textAblation, counts];
