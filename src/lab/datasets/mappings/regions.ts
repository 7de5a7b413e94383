import { DataError } from '../data-error.ts';
import { imageList, otherColumns, type Mapping } from './mapping.ts';

/**
 * SpatialRGPT-Bench: questions about regions, shown to models as masks. In Chirality, a region becomes its box in the
 * text ("the region [12, 40, 96, 180]"), in pixels, so that any model can read the region and views can transform it.
 */
export const spatialRgpt: Mapping = {
  name: 'spatialrgpt',
  about: 'SpatialRGPT-Bench (JSON list)',
  columns: ['id', 'image_info', 'text_q', 'bbox', 'conversations'],
  sample(row) {
    const { file_path: path, width: w, height: h } = row.image_info as Record<string, unknown>;
    const boxes = row.bbox as unknown[];
    const question = String(row.text_q).replace(/<?\bregion\s*\[?(\d+)\]?>?/gi, (said, n: string) => {
      const box = boxes[Number(n)];
      if (!Array.isArray(box)) throw new DataError('region', `${said} has no box.`);
      return `the region [${box.map((x) => Math.round(Number(x))).join(', ')}]`;
    });
    const reply = (row.conversations as { from?: string; value?: unknown }[]).find(
      ({ from }) => from === 'gpt',
    );
    return {
      id: `spatialrgpt-${String(row.id)}`,
      question,
      answer: reply?.value,
      images: [{ path, w, h }],
      boxes,
      box_format: 'xyxy_px',
      source: 'SpatialRGPT-Bench',
      meta: otherColumns(row, ['id', 'image_info', 'text_q', 'bbox', 'rle', 'conversations']),
    };
  },
};

/**
 * RoboSpatial-Home: yes/no questions about configurations and compatibility. In the category `context`, the answer is a
 * point inside a polygon with corners from 0 to 1. This mapping reads the same region from the mask.
 */
export const roboSpatial: Mapping = {
  name: 'robospatial',
  about: 'RoboSpatial-Home (parquet)',
  columns: ['category', 'question', 'answer', 'img', 'mask'],
  sample(row, id) {
    const isPoint = row.category === 'context';
    return {
      id,
      question: row.question,
      answer: isPoint ? ANYWHERE_INSIDE : row.answer,
      images: imageList(row.img),
      task: isPoint ? 'point' : 'yesno',
      ...(isPoint && { mask_image: imageList(row.mask)[0], box_format: 'point_norm' }),
      source: 'RoboSpatial-Home',
      meta: otherColumns(row, ['question', 'answer', 'img', 'mask', 'depth_image']),
    };
  },
};

/** RefSpatial-Bench: an answer is a point, and is right inside the mask. The mask is the only reference answer. */
export const refSpatial: Mapping = {
  name: 'refspatial',
  about: 'RefSpatial-Bench (parquet or JSON)',
  columns: ['image', 'mask', 'object', 'prompt', 'suffix'],
  sample: (row, id) => ({
    id: row.id ?? id,
    question: [row.prompt, row.suffix].filter((text) => typeof text === 'string' && text !== '').join(' '),
    answer: ANYWHERE_INSIDE,
    images: imageList(row.image),
    task: 'point',
    mask_image: imageList(row.mask)[0],
    box_format: 'point_norm',
    source: 'RefSpatial-Bench',
    meta: otherColumns(row, ['id', 'image', 'mask', 'prompt', 'suffix']),
  }),
};

/** Reference answer in place of the mask, because reference answers must be text. */
const ANYWHERE_INSIDE = 'anywhere inside the mask';
