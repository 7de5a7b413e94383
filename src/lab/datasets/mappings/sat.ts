import { imageList, otherColumns, type Mapping } from './mapping.ts';

/**
 * array/SAT (train 175 k, static, val, test): one or two images (two are frames of one scene), the options under
 * `answers`, the right one as text under `correct_answer`. The order of the options is not random: shuffle it with
 * --shuffle-options before training or testing.
 */
export const sat: Mapping = {
  name: 'sat',
  about: 'array/SAT (parquet)',
  columns: ['question', 'answers', 'correct_answer'],
  sample: (row, id) => ({
    id,
    question: row.question,
    answer: row.correct_answer,
    choices: row.answers,
    images: imageList(row.image_bytes),
    task: 'mcq',
    source: 'SAT',
    meta: otherColumns(row, ['question', 'answers', 'correct_answer', 'image_bytes']),
  }),
};
