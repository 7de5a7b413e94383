import { imageList, otherColumns, type Mapping } from './mapping.ts';

/**
 * nyu-visionx/CV-Bench (2 638 rows): `answer` is a letter in brackets. `meta.task` (Count, Relation, Depth, Distance)
 * and `meta.source` (ADE20K, COCO, Omni3D) decide how the total is formed [R22]; `prompt`, the question with its menu
 * written out, is left out because it would contradict shuffled options.
 */
export const cvBench: Mapping = {
  name: 'cv-bench',
  about: 'nyu-visionx/CV-Bench (parquet)',
  columns: ['idx', 'task', 'question', 'choices', 'answer'],
  sample: (row) => ({
    id: `cv-bench-${String(row.idx)}`,
    question: row.question,
    answer: row.answer,
    choices: row.choices,
    images: imageList(row.image),
    task: 'mcq',
    source: 'CV-Bench',
    meta: otherColumns(row, ['idx', 'question', 'choices', 'answer', 'image', 'prompt', 'filename']),
  }),
};
