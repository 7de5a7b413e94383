import { imageList, otherColumns, type Mapping } from './mapping.ts';

/**
 * andrewliao11/Q-Spatial-Bench: Q-Spatial++ (101 questions on 87 images [R33]) and Q-Spatial-ScanNet (170 questions;
 * its images are not part of the data set, only their paths). The answer is a number with its unit, as published.
 */
export const qSpatial: Mapping = {
  name: 'q-spatial',
  about: 'andrewliao11/Q-Spatial-Bench (parquet)',
  columns: ['question', 'answer_value', 'answer_unit'],
  sample(row, id) {
    const inside = imageList(row.image);
    return {
      id,
      question: row.question,
      answer: `${String(row.answer_value)} ${String(row.answer_unit)}`,
      images: inside.length > 0 ? inside : imageList(row.image_path),
      task: 'distance',
      source: 'Q-Spatial-Bench',
      meta: otherColumns(row, ['question', 'answer_value', 'answer_unit', 'image', 'image_path']),
    };
  },
};
