import { imageList, otherColumns, type Mapping } from './mapping.ts';

/**
 * Visual Spatial Reasoning (JSON lines; random 7 680/1 097/2 195, zero-shot 4 713/231/616): a caption that is true or
 * false of a COCO image. Accuracy is read by `meta.relation`.
 */
export const vsr: Mapping = {
  name: 'vsr',
  about: 'Visual Spatial Reasoning (JSON lines)',
  columns: ['image', 'caption', 'label', 'relation'],
  sample: (row, id) => ({
    id,
    question: `True or false: ${String(row.caption)}`,
    answer: Number(row.label) === 1 ? 'True' : 'False',
    images: imageList(row.image),
    task: 'yesno',
    source: 'VSR',
    meta: otherColumns(row, ['image', 'caption', 'label']),
  }),
};
