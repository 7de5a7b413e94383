// The tables of SVQA-R1, arXiv 2506.01371, as printed. Readings: docs/papers.md.
import type { PublishedColumn, PublishedRow, PublishedSet, PublishedTable } from './table.ts';

const NO_COUNT = 'Shown as printed, although it is not a multiple of 1/101 and the set has 101 rows (R15).';
const NO_WINDOW =
  'Shown as printed, although it is not a multiple of 1/100 and 100 answers were parsed (R15).';
const WINDOWS_OF_PARSED = 'Share of parsed answers; success is a share of all rows (R13).';
const BORDER =
  'The windows contain one answer more than the successes: it equals a limit, which the strict rule rejects (R14).';
const ARTEFACT =
  'Two unrelated rows contain the same 0.00 and 16.14, most likely because extraction failed (R19).';
const OTHER_RUN = 'The checkpoint is unknown: the table over steps peaks at 50.50 (R45).';

const success: PublishedColumn = {
  title: 'success',
  note: 'Share of all rows within a factor of two of the reference, exclusive.',
  better: 'higher',
  own: { set: 'q-spatial', task: 'distance', metric: 'success' },
};
const completed: PublishedColumn = {
  title: 'completed',
  better: 'higher',
  own: { set: 'q-spatial', task: 'distance', metric: 'completed' },
};
const smape: PublishedColumn = {
  title: 'sMAPE',
  note: 'Over parsed answers, 0–200; lower is better (R12).',
  better: 'lower',
  own: { set: 'q-spatial', task: 'distance', metric: 'smape' },
};
const window = (title: string, metric: string): PublishedColumn => ({
  title,
  note: WINDOWS_OF_PARSED,
  own: { set: 'q-spatial', task: 'distance', metric },
});

const qSpatial: PublishedTable = {
  id: 'svqa-q-spatial',
  caption: 'Distances on Q-Spatial++ (paper B, main table), percent',
  columns: [
    success,
    completed,
    smape,
    window('50–100', 'in_range_50_100'),
    window('100–150', 'in_range_100_150'),
    window('150–200', 'in_range_150_200'),
  ],
  rows: [
    {
      name: 'GPT-4o',
      figures: '61.06 – – – – –',
      note: 'Copied by the paper from another source.',
      notes: { 0: 'Copied. A mean over runs, so not a multiple of 1/101 (R33).' },
    },
    {
      name: 'Gemini-1.5-Flash',
      figures: '26.73 – – – – –',
      note: 'Copied by the paper from another source.',
    },
    {
      name: 'UCSC-VLAA',
      figures: '25.74 99.01 119.33 10.00 7.99 9.01',
      notes: { 3: BORDER, 4: NO_WINDOW, 5: NO_WINDOW },
    },
    {
      name: 'Qwen2.5-VL-3B, no thinking prompt',
      figures: '48.51 100.00 80.93 20.79 13.86 13.86',
      note: 'The paper’s text says that SVQA-R1 surpasses it by 10%; the difference is 9.91 points (R17).',
    },
    {
      name: 'Qwen2.5-VL-3B, thinking prompt (“Base”)',
      figures: '21.78 92.08 117.24 9.68 5.38 8.60',
      note: 'The paper’s text says 47%; the difference is 36.64 points (R17). Counts: 22 of 101 right, 93 parsed, windows 9, 5 and 8 of 93 (R13).',
    },
    {
      name: 'SpaceThinker-Qwen2.5VL-3B',
      figures: '27.72 98.02 125.56 16.16 7.07 5.05',
      note: 'Counts: 28 of 101 right, 99 parsed, windows 16, 7 and 5 of 99 (R13).',
    },
    {
      name: 'InternVL-2.5',
      figures: '20.97 91.02 120.14 8.17 4.69 8.11',
      notes: { 0: NO_COUNT, 1: NO_COUNT },
    },
    { name: 'SFT', figures: '37.62 100.00 109.13 16.83 6.93 13.86' },
    {
      name: 'SFT (CoT), from base',
      figures: '27.72 97.03 124.85 11.22 13.27 4.08',
      note: 'Counts: 28 of 101 right, 98 parsed, windows 11, 13 and 4 of 98 (R13).',
    },
    {
      name: 'SFT (CoT), from VLAA',
      figures: '27.72 98.02 125.56 16.16 7.07 5.05',
      note: 'Same values as SpaceThinker.',
    },
    {
      name: 'SVQA-R1',
      figures: '58.42 100.00 68.36 18.81 18.81 21.78',
      note: OTHER_RUN,
      notes: { 3: BORDER },
    },
    {
      name: 'SVQA-R1, four-step prompt',
      figures: '20.98 100.00 184.64 5.62 7.96 10.85',
      note: 'The prompt asks for no tags, so a tag extractor fails by construction (R32).',
      notes: { 0: NO_COUNT },
    },
  ],
  notes: [],
};

const openColumns = (set: PublishedSet): Record<'judge' | 'bleu1' | 'bleu2' | 'sbert', PublishedColumn> => ({
  judge: {
    title: 'LLM judge',
    note: 'Only the prompt for yes/no questions is published. Chirality adds one for open answers (R41).',
    better: 'higher',
    own: { set, task: 'all', metric: 'judge' },
  },
  bleu1: {
    title: 'BLEU-1',
    note: 'The paper does not state the variant. Your rows use mean sentence BLEU with NLTK’s smoothing 1 (R40).',
    better: 'higher',
    own: { set, task: 'text', metric: 'bleu1' },
  },
  bleu2: { title: 'BLEU-2', better: 'higher', own: { set, task: 'text', metric: 'bleu2' } },
  sbert: {
    title: 'SBERT',
    note: 'Cosine times 100.',
    better: 'higher',
    own: { set, task: 'text', metric: 'sbert' },
  },
});

const LARGER_ETA =
  'The appendix says that a larger η helps distances “as reflected by a higher sMAPE”, but lower is better. The judge’s score rises at η = 2. Values are shown as printed (R18).';

const RECIPES = { modules: 'modules', eta: 'eta', initial: 'init', steps: 'steps' } as const;

const ABLATION_ROWS: Record<keyof typeof RECIPES, PublishedRow[]> = {
  modules: [
    { name: '(a) base', figures: '21.78 92.08 117.24 45.33 10.00 66.17' },
    { name: '(b) + format', figures: '33.66 94.06 107.95 49.99 51.55 85.84' },
    {
      name: '(c) + semantic',
      figures: '49.50 100.00 81.61 60.34 0.00 16.14',
      notes: { 4: ARTEFACT, 5: ARTEFACT },
    },
    {
      name: '(d) + both',
      figures: '52.48 100.00 74.49 60.35 54.29 83.51',
      note: 'Without mirrors, unlike η = 0, which trains on them (R16).',
    },
    { name: '(e) + Spatial-GRPO', figures: '58.42 100.00 68.36 60.77 63.33 87.84', note: OTHER_RUN },
  ],
  eta: [
    {
      name: 'η = 0',
      figures: '52.32 100.00 73.24 59.82 53.94 81.74',
      note: 'Still trains on mirrors, unlike ablation (d) (R16).',
      notes: { 0: NO_COUNT },
    },
    { name: 'η = 1', figures: '58.42 100.00 68.36 60.77 63.33 87.84' },
    { name: 'η = 2', figures: '51.49 100.00 77.66 61.47 63.34 87.86', note: LARGER_ETA },
    { name: 'η = 10', figures: '47.52 100.00 80.16 57.17 62.34 85.48' },
  ],
  initial: [
    { name: 'from Qwen2.5-VL-3B', figures: '58.42 100.00 68.36 60.77 63.33 87.84' },
    { name: 'from VLAA-Thinker', figures: '53.49 100.00 76.10 61.35 56.83 83.41', notes: { 0: NO_COUNT } },
  ],
  steps: [
    { name: 'step 500', figures: '43.56 100.00 84.35 60.06 52.95 84.74' },
    { name: 'step 1000', figures: '50.50 100.00 79.32 54.25 55.36 86.51' },
    { name: 'step 1500', figures: '44.55 100.00 79.31 52.13 54.29 86.23' },
    { name: 'step 2000', figures: '42.57 100.00 78.57 52.37 53.38 85.64' },
  ],
};

const { judge, bleu1, sbert } = openColumns('spacellava');

const ablation = (id: keyof typeof ABLATION_ROWS, caption: string): PublishedTable => ({
  id: `svqa-${id}`,
  caption: `${caption} (paper B), percent`,
  columns: [success, completed, smape, judge, bleu1, sbert],
  rows: ABLATION_ROWS[id],
  recipe: RECIPES[id],
  notes: [
    'Success, completed and sMAPE are measured on Q-Spatial++; judge, BLEU-1 and SBERT on the spacellava test.',
  ],
});

const typedColumns = (set: PublishedSet): PublishedColumn[] => [
  {
    title: 'yes/no',
    note: 'Score of an LLM judge (R43). For own rows, run chirality eval --judge.',
    better: 'higher',
    own: { set, task: 'yesno', metric: 'judge' },
  },
  {
    title: 'distance',
    note: 'Within 50–200% of the reference, inclusive (R31).',
    better: 'higher',
    own: { set, task: 'distance', metric: 'within_50_200' },
  },
];

const FIRST_QWEN = 'The first of two rows of this name, presumably without the thinking prompt.';
const SECOND_QWEN = 'The second of two rows of this name, presumably with the thinking prompt.';

const spacellava: PublishedTable = {
  id: 'svqa-spacellava',
  caption: 'Open-ended answers on the spacellava test (paper B), percent',
  columns: [
    ...Object.values(openColumns('spacellava')),
    { title: 'mIoU', better: 'higher', own: { set: 'spacellava', task: 'bbox', metric: 'miou' } },
    { title: 'Acc@0.75', better: 'higher', own: { set: 'spacellava', task: 'bbox', metric: 'acc75' } },
    ...typedColumns('spacellava'),
  ],
  rows: [
    { name: 'GPT-4o', figures: '65.92 65.02 58.50 89.23 45.02 26.50 60.05 22.51' },
    { name: 'Gemini-1.5-Flash', figures: '31.52 34.48 27.37 63.22 34.90 20.50 49.77 14.54' },
    {
      name: 'Qwen2.5-VL-3B, first row',
      figures: '45.54 33.33 31.31 68.04 10.00 5.80 39.68 5.91',
      note: FIRST_QWEN,
    },
    {
      name: 'Qwen2.5-VL-3B, second row',
      figures: '45.33 10.00 7.96 66.17 41.01 19.45 39.89 11.29',
      note: SECOND_QWEN,
    },
    {
      name: 'SpaceThinker',
      figures: '39.39 0.00 0.00 16.14 37.00 11.60 29.37 10.75',
      notes: { 1: ARTEFACT, 2: ARTEFACT, 3: ARTEFACT },
    },
    { name: 'InternVL-2.5', figures: '46.69 10.30 8.20 67.49 42.24 20.23 41.09 10.95' },
    { name: 'UCSC-VLAA', figures: '46.11 0.0 0.0 20.90 42.29 21.84 44.21 13.44' },
    { name: 'SVQA-R1', figures: '60.77 63.33 56.43 87.84 43.49 24.57 58.31 23.66' },
  ],
  notes: ['Keywords assign a type to 293 (9.4%) and 186 (6%) of the set’s 3 120 questions (R28).'],
};

const openspaces: PublishedTable = {
  id: 'svqa-openspaces',
  caption: 'Open-ended answers on OpenSpaces, not used for training (paper B), percent',
  columns: [...Object.values(openColumns('openspaces')), ...typedColumns('openspaces')],
  rows: [
    { name: 'GPT-4o', figures: '34.54 58.70 44.65 89.54 41.56 15.88' },
    { name: 'Gemini-1.5-Flash', figures: '20.56 45.63 30.12 75.41 29.10 6.71' },
    { name: 'Qwen2.5-VL-3B, first row', figures: '30.61 33.33 33.33 68.05 21.37 2.18', note: FIRST_QWEN },
    { name: 'Qwen2.5-VL-3B, second row', figures: '32.49 49.71 32.35 87.67 29.92 3.83', note: SECOND_QWEN },
    { name: 'SpaceThinker', figures: '16.29 1.03 1.00 31.29 17.10 10.81' },
    { name: 'InternVL-2.5', figures: '28.95 50.41 34.37 81.25 21.77 4.15' },
    { name: 'UCSC-VLAA', figures: '18.03 54.68 37.94 87.66 22.16 8.15' },
    { name: 'SVQA-R1', figures: '30.97 55.00 41.68 85.50 39.38 14.44' },
  ],
  notes: ['The set has no boxes. Keywords assign a type to 1 742 (34.84%) of its 5 000 questions (R28).'],
};

export const SVQA_TABLES: readonly PublishedTable[] = [
  qSpatial,
  ablation('modules', 'Effect of each part of the reward'),
  ablation('eta', 'Weight η of the view penalty'),
  ablation('initial', 'Initial model'),
  ablation('steps', 'Checkpoints'),
  spacellava,
  openspaces,
];

/** Success on Q-Spatial++ by step, for curves. */
export const STEPS = ABLATION_ROWS.steps.map(({ name, figures }) => ({
  x: Number(/\d+/.exec(name)![0]),
  y: parseFloat(figures),
}));
