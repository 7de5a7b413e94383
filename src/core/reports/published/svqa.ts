// Tables of SVQA-R1, arXiv 2506.01371, as printed. Implementation choices: docs/papers.md.
import {
  column,
  rowsWith,
  type PublishedColumn,
  type PublishedRow,
  type PublishedSet,
  type PublishedTable,
} from './table.ts';

const rowsOf = rowsWith({
  count: 'Shown as printed, although it is not a multiple of 1/101 and the set has 101 rows (R15).',
  window: 'Shown as printed, although it is not a multiple of 1/100 and 100 answers were parsed (R15).',
  border:
    'The windows contain one answer more than the successes, because the strict rule rejects an answer that equals a limit (R14).',
  artefact:
    'Two unrelated rows of the table contain the same 0.00 and 16.14, most likely because extraction failed (R19).',
  run: 'The checkpoint is unknown: the table over steps peaks at 50.50 (R45).',
  eta: 'The appendix states that a larger η helps distances “as reflected by a higher sMAPE”, but lower is better. The judge’s score rises at η = 2. Values are shown as printed (R18).',
  first: 'First of two table rows with this name, presumably without the thinking prompt.',
  second: 'Second of two table rows with this name, presumably with the thinking prompt.',
  copied: 'Copied from another source: a mean over runs, so not a multiple of 1/101 (R33).',
});

const OF = {
  success: 'Share of all rows with an answer within a factor of two of the reference answer, exclusive.',
  smape: 'Symmetric percentage error of parsed answers, 0–200 (R12). Lower is better.',
  window: 'Share of parsed answers. Success is a share of all rows instead (R13).',
  judge:
    'The paper has only the prompt for yes/no questions. Chirality adds a prompt for open answers (R41).',
  bleu: 'The paper does not state the variant of BLEU. Your rows use mean sentence BLEU with NLTK’s smoothing 1 (R40).',
  yesno: 'Score of an LLM judge (R43). For your own rows, run chirality eval --judge.',
  distance: 'Answers within 50–200% of the reference answer, inclusive (R31).',
};

const success = column('success', 'q-spatial distance success', 'higher', OF.success);
const completed = column('completed', 'q-spatial distance completed', 'higher');
const smape = column('sMAPE', 'q-spatial distance smape', 'lower', OF.smape);
const window = (title: string, metric: string) =>
  column(title, `q-spatial distance ${metric}`, null, OF.window);

const qSpatial: PublishedTable = {
  id: 'svqa-q-spatial',
  caption: 'Distances on Q-Spatial++ (SVQA-R1, main table), percent',
  columns: [
    success,
    completed,
    smape,
    window('50–100', 'in_range_50_100'),
    window('100–150', 'in_range_100_150'),
    window('150–200', 'in_range_150_200'),
  ],
  rows: rowsOf(`
GPT-4o | 61.06^copied – – – – – | Copied by the paper from another source.
Gemini-1.5-Flash | 26.73 – – – – – | Copied by the paper from another source.
UCSC-VLAA | 25.74 99.01 119.33 10.00^border 7.99^window 9.01^window
Qwen2.5-VL-3B, no thinking prompt | 48.51 100.00 80.93 20.79 13.86 13.86 | The paper’s text states that SVQA-R1 surpasses this model by 10%; the difference is 9.91 points (R17).
Qwen2.5-VL-3B, thinking prompt (“Base”) | 21.78 92.08 117.24 9.68 5.38 8.60 | The paper’s text states 47%; the difference is 36.64 points (R17). 22 of 101 right, 93 parsed; right per window: 9, 5 and 8 (R13).
SpaceThinker-Qwen2.5VL-3B | 27.72 98.02 125.56 16.16 7.07 5.05 | 28 of 101 right, 99 parsed; right per window: 16, 7 and 5 (R13).
InternVL-2.5 | 20.97^count 91.02^count 120.14 8.17 4.69 8.11
SFT | 37.62 100.00 109.13 16.83 6.93 13.86
SFT (CoT), from base | 27.72 97.03 124.85 11.22 13.27 4.08 | 28 of 101 right, 98 parsed; right per window: 11, 13 and 4 (R13).
SFT (CoT), from VLAA | 27.72 98.02 125.56 16.16 7.07 5.05 | Same values as SpaceThinker.
SVQA-R1 | 58.42 100.00 68.36 18.81^border 18.81 21.78 | ^run
SVQA-R1, four-step prompt | 20.98^count 100.00 184.64 5.62 7.96 10.85 | The prompt requires no tags, so a tag extractor fails by construction (R32).`),
  notes: [],
};

const openColumns = (set: PublishedSet) => ({
  judge: column('LLM judge', `${set} all judge`, 'higher', OF.judge),
  bleu1: column('BLEU-1', `${set} text bleu1`, 'higher', OF.bleu),
  bleu2: column('BLEU-2', `${set} text bleu2`, 'higher'),
  sbert: column('SBERT', `${set} text sbert`, 'higher', 'Cosine of sentence embeddings, times 100.'),
});

const RECIPES = { modules: 'modules', eta: 'eta', initial: 'init', steps: 'steps' } as const;

const ABLATION_ROWS: Record<keyof typeof RECIPES, PublishedRow[]> = {
  modules: rowsOf(`
(a) base | 21.78 92.08 117.24 45.33 10.00 66.17
(b) + format | 33.66 94.06 107.95 49.99 51.55 85.84
(c) + semantic | 49.50 100.00 81.61 60.34 0.00^artefact 16.14^artefact
(d) + both | 52.48 100.00 74.49 60.35 54.29 83.51 | Without mirrors; η = 0 trains on mirrors (R16).
(e) + Spatial-GRPO | 58.42 100.00 68.36 60.77 63.33 87.84 | ^run`),
  eta: rowsOf(`
η = 0 | 52.32^count 100.00 73.24 59.82 53.94 81.74 | Still trains on mirrors, unlike ablation (d) (R16).
η = 1 | 58.42 100.00 68.36 60.77 63.33 87.84
η = 2 | 51.49 100.00 77.66 61.47 63.34 87.86 | ^eta
η = 10 | 47.52 100.00 80.16 57.17 62.34 85.48`),
  initial: rowsOf(`
from Qwen2.5-VL-3B | 58.42 100.00 68.36 60.77 63.33 87.84
from VLAA-Thinker | 53.49^count 100.00 76.10 61.35 56.83 83.41`),
  steps: rowsOf(`
step 500 | 43.56 100.00 84.35 60.06 52.95 84.74
step 1000 | 50.50 100.00 79.32 54.25 55.36 86.51
step 1500 | 44.55 100.00 79.31 52.13 54.29 86.23
step 2000 | 42.57 100.00 78.57 52.37 53.38 85.64`),
};

const { judge, bleu1, sbert } = openColumns('spacellava');

const ablation = (id: keyof typeof ABLATION_ROWS, caption: string): PublishedTable => ({
  id: `svqa-${id}`,
  caption: `${caption} (SVQA-R1), percent`,
  columns: [success, completed, smape, judge, bleu1, sbert],
  rows: ABLATION_ROWS[id],
  recipe: RECIPES[id],
  notes: [
    'Success, completed and sMAPE are measured on Q-Spatial++. Judge, BLEU-1 and SBERT are measured on the spacellava test.',
  ],
});

const typedColumns = (set: PublishedSet): PublishedColumn[] => [
  column('yes/no', `${set} yesno judge`, 'higher', OF.yesno),
  column('distance', `${set} distance within_50_200`, 'higher', OF.distance),
];

const spacellava: PublishedTable = {
  id: 'svqa-spacellava',
  caption: 'Open-ended answers on the spacellava test (SVQA-R1), percent',
  columns: [
    ...Object.values(openColumns('spacellava')),
    column('mIoU', 'spacellava bbox miou', 'higher'),
    column('Acc@0.75', 'spacellava bbox acc75', 'higher'),
    ...typedColumns('spacellava'),
  ],
  rows: rowsOf(`
GPT-4o | 65.92 65.02 58.50 89.23 45.02 26.50 60.05 22.51
Gemini-1.5-Flash | 31.52 34.48 27.37 63.22 34.90 20.50 49.77 14.54
Qwen2.5-VL-3B, first row | 45.54 33.33 31.31 68.04 10.00 5.80 39.68 5.91 | ^first
Qwen2.5-VL-3B, second row | 45.33 10.00 7.96 66.17 41.01 19.45 39.89 11.29 | ^second
SpaceThinker | 39.39 0.00^artefact 0.00^artefact 16.14^artefact 37.00 11.60 29.37 10.75
InternVL-2.5 | 46.69 10.30 8.20 67.49 42.24 20.23 41.09 10.95
UCSC-VLAA | 46.11 0.0 0.0 20.90 42.29 21.84 44.21 13.44
SVQA-R1 | 60.77 63.33 56.43 87.84 43.49 24.57 58.31 23.66`),
  notes: [
    'Of the 3 120 questions of the set, keywords assign 293 (9.4%) to the first type and 186 (6%) to the second (R28).',
  ],
};

const openspaces: PublishedTable = {
  id: 'svqa-openspaces',
  caption: 'Open-ended answers on OpenSpaces, not used for training (SVQA-R1), percent',
  columns: [...Object.values(openColumns('openspaces')), ...typedColumns('openspaces')],
  rows: rowsOf(`
GPT-4o | 34.54 58.70 44.65 89.54 41.56 15.88
Gemini-1.5-Flash | 20.56 45.63 30.12 75.41 29.10 6.71
Qwen2.5-VL-3B, first row | 30.61 33.33 33.33 68.05 21.37 2.18 | ^first
Qwen2.5-VL-3B, second row | 32.49 49.71 32.35 87.67 29.92 3.83 | ^second
SpaceThinker | 16.29 1.03 1.00 31.29 17.10 10.81
InternVL-2.5 | 28.95 50.41 34.37 81.25 21.77 4.15
UCSC-VLAA | 18.03 54.68 37.94 87.66 22.16 8.15
SVQA-R1 | 30.97 55.00 41.68 85.50 39.38 14.44`),
  notes: ['The set has no boxes. Keywords assign a type to 1 742 (34.84%) of its 5 000 questions (R28).'],
};

export const SVQA_TABLES: readonly PublishedTable[] = [
  qSpatial,
  ablation('modules', 'Effect of each reward part'),
  ablation('eta', 'Weight η of the view penalty'),
  ablation('initial', 'Initial model'),
  ablation('steps', 'Checkpoints'),
  spacellava,
  openspaces,
];

/** Success on Q-Spatial++ by training step in the paper, for curves. */
export const STEPS = ABLATION_ROWS.steps.map(({ name, figures }) => ({
  x: Number(/\d+/.exec(name)![0]),
  y: parseFloat(figures),
}));
