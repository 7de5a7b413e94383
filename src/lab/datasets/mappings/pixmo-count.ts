import { imageList, otherColumns, type Mapping } from './mapping.ts';

/**
 * allenai/pixmo-count: what is counted and how many, and points for some. It has addresses of pictures and no
 * pictures: fetch them under their `image_sha256` as names, and give the folder with --images. The question is ours.
 */
export const pixmoCount: Mapping = {
  name: 'pixmo-count',
  about: 'allenai/pixmo-count (parquet)',
  columns: ['image_sha256', 'count', 'label'],
  sample: (row, id) => ({
    id,
    question: `How many ${String(row.label)} are there in the image?`,
    answer: String(row.count),
    images: imageList(row.image_sha256),
    task: 'count',
    source: 'PixMo-Count',
    meta: otherColumns(row, ['image_sha256', 'count']),
  }),
};
