import { imageList, type Mapping, otherColumns, type Row } from './mapping.ts';
import { DataError } from '../data-error.ts';

/**
 * andrewliao11/Q-Spatial-Bench: Q-Spatial++ (101 questions on 87 images [R33]) and Q-Spatial-ScanNet (170 questions;
 * the dataset contains only paths of the images). The answer is a number with its unit, as published.
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

/** Scoring task, and unit of the numbers, by question type. All types report mean relative accuracy. */
const NUMBERS: Record<string, { task: 'count' | 'distance' | 'area'; unit?: string }> = {
  object_counting: { task: 'count' },
  object_abs_distance: { task: 'distance', unit: 'meters' },
  object_size_estimation: { task: 'distance', unit: 'cm' },
  room_size_estimation: { task: 'area', unit: 'square meters' },
};

/**
 * nyu-visionx/VSI-Bench: questions about videos of rooms. The frames of a video are its images: all files in
 * `<dataset>/<scene_name>/`, sorted by name.
 */
export const vsiBench: Mapping = {
  name: 'vsi-bench',
  about: 'nyu-visionx/VSI-Bench (parquet or JSON Lines)',
  columns: ['dataset', 'scene_name', 'question_type', 'question', 'ground_truth'],
  sample(row, id) {
    const { question_type: type, ground_truth: truth } = row;
    const shared = {
      id: row.id === undefined ? id : `vsi-${String(row.id)}`,
      question: row.question,
      images: [`${String(row.dataset)}/${String(row.scene_name)}/*`],
      source: 'VSI-Bench',
      meta: otherColumns(row, ['id', 'question', 'options', 'ground_truth']),
    };
    if (Array.isArray(row.options) && row.options.length > 0)
      return { ...shared, answer: truth, choices: row.options.map(bare), task: 'mcq' };
    return { ...shared, ...measured(String(type), truth) };
  },
};

function measured(type: string, truth: unknown): Row {
  const number = NUMBERS[type];
  if (!number)
    throw new DataError(
      'task',
      `Question type ${type} is not supported, because it asks for a number that is not a count, length or area.`,
    );
  return {
    task: number.task,
    answer: number.unit === undefined ? String(truth) : `${String(truth)} ${number.unit}`,
  };
}

/** Removes the letter from an option's text. */
const bare = (option: unknown): string => String(option).replace(/^\s*\(?[A-Z][.):]\s+/, '');
