import { DataError } from '../data-error.ts';
import { benchmarks, imageList, type Mapping, type Row } from './mapping.ts';

/** Reference answer in place of the mask, because reference answers must be text. */
const ANYWHERE_INSIDE = 'anywhere inside the mask';

/** Scoring task, and unit of the numbers, by question type. All types report mean relative accuracy. */
const NUMBERS: Record<string, { task: 'count' | 'distance' | 'area'; unit?: string }> = {
  object_counting: { task: 'count' },
  object_abs_distance: { task: 'distance', unit: 'meters' },
  object_size_estimation: { task: 'distance', unit: 'cm' },
  room_size_estimation: { task: 'area', unit: 'square meters' },
};

export const BENCHMARKS: readonly Mapping[] = benchmarks([
  /**
   * array/SAT (train 175 k, static, val, test): one or two images (two frames of one scene), options under `answers`,
   * and the text of the right option under `correct_answer`. The options are not in random order. Shuffle the options
   * with --shuffle-options before training or testing.
   */
  {
    name: 'sat',
    about: 'array/SAT (parquet)',
    columns: ['question', 'answers', 'correct_answer'],
    source: 'SAT',
    used: ['answers', 'correct_answer', 'image_bytes'],
    sample: (row) => ({
      answer: row.correct_answer,
      choices: row.answers,
      images: imageList(row.image_bytes),
      task: 'mcq',
    }),
  },
  /**
   * andrewliao11/Q-Spatial-Bench: Q-Spatial++ (101 questions on 87 images [R33]) and Q-Spatial-ScanNet (170 questions;
   * the dataset contains only paths of the images). The answer is a number with its unit, as published.
   */
  {
    name: 'q-spatial',
    about: 'andrewliao11/Q-Spatial-Bench (parquet)',
    columns: ['question', 'answer_value', 'answer_unit'],
    source: 'Q-Spatial-Bench',
    used: ['answer_value', 'answer_unit', 'image', 'image_path'],
    sample(row) {
      const inside = imageList(row.image);
      return {
        answer: `${String(row.answer_value)} ${String(row.answer_unit)}`,
        images: inside.length > 0 ? inside : imageList(row.image_path),
        task: 'distance',
      };
    },
  },
  /**
   * nyu-visionx/CV-Bench (2 638 rows): `answer` is a letter in brackets. `meta.task` (Count, Relation, Depth, Distance)
   * and `meta.source` (ADE20K, COCO, Omni3D) decide how the total is computed [R22]. `prompt`, the question with its
   * options, is omitted because it would contradict shuffled options.
   */
  {
    name: 'cv-bench',
    about: 'nyu-visionx/CV-Bench (parquet or JSON Lines)',
    columns: ['idx', 'task', 'question', 'choices', 'answer'],
    source: 'CV-Bench',
    used: ['idx', 'choices', 'image', 'prompt', 'filename'],
    sample: (row) => ({
      id: `cv-bench-${String(row.idx)}`,
      choices: row.choices,
      // JSON Lines files refer to image files in the same folder. Parquet tables contain the images.
      images: imageList(row.image ?? row.filename),
      task: 'mcq',
    }),
  },
  /**
   * Visual Spatial Reasoning (JSON lines; random 7 680/1 097/2 195, zero-shot 4 713/231/616): a true or false caption
   * of a COCO image. Accuracy is usually reported by `meta.relation`.
   */
  {
    name: 'vsr',
    about: 'Visual Spatial Reasoning (JSON Lines)',
    columns: ['image', 'caption', 'label', 'relation'],
    source: 'VSR',
    used: ['image', 'caption', 'label'],
    sample: (row) => ({
      question: `True or false: ${String(row.caption)}`,
      answer: Number(row.label) === 1 ? 'True' : 'False',
      images: imageList(row.image),
      task: 'yesno',
    }),
  },
  /**
   * Questions of CLEVR, CLEVR-CoGenT, Super-CLEVR and Spatial457, which share a format (`{info, questions: […]}`).
   * Answers are a word, yes, no, or a number. Pass the image folder with --image-folder. The program of a question is
   * omitted. `graph convert --from clevr` reads the scenes.
   */
  {
    name: 'clevr',
    about: 'CLEVR, CLEVR-CoGenT, Super-CLEVR, Spatial457 (questions as JSON or parquet)',
    columns: ['image_filename', 'question', 'answer', 'question_index'],
    source: 'CLEVR',
    used: ['image', 'image_filename', 'question_index', 'program'],
    sample(row) {
      // Super-CLEVR has numbers and booleans instead of words. Spatial457's parquet has them as text.
      const verdict = String(row.answer).toLowerCase();
      return {
        id: `clevr-${String(row.question_index)}`,
        answer: { true: 'yes', false: 'no' }[verdict] ?? verdict,
        // Tables of Spatial457 in parquet contain the images.
        images: imageList(row.image ?? row.image_filename),
        ...(/^\d+$/.test(verdict) && { task: 'count' }),
      };
    },
  },
  /**
   * Questions of GQA (testdev and others): one object with questions by id. Images are `<imageId>.jpg` in the folder of
   * --image-folder. `graph convert --from gqa` reads the scene graphs.
   */
  {
    name: 'gqa',
    about: 'GQA (questions as JSON)',
    columns: ['key', 'imageId', 'question', 'answer'],
    source: 'GQA',
    used: [
      'key',
      'imageId',
      'fullAnswer',
      'entailed',
      'equivalent',
      'annotations',
      'semantic',
      'semanticStr',
      'groups',
    ],
    sample: (row) => ({
      id: `gqa-${String(row.key)}`,
      images: [`${String(row.imageId)}.jpg`],
      ...(/^(?:yes|no)$/i.test(String(row.answer)) && { task: 'yesno' }),
    }),
  },
  /**
   * allenai/pixmo-count: an object and its number, with points for some rows. The dataset has only URLs of images.
   * Download the images to files named by `image_sha256`, and pass the folder with --image-folder. The mapping adds the
   * question.
   */
  {
    name: 'pixmo-count',
    about: 'allenai/pixmo-count (parquet)',
    columns: ['image_sha256', 'count', 'label'],
    source: 'PixMo-Count',
    used: ['image_sha256', 'count'],
    sample: (row) => ({
      question: `How many ${String(row.label)} are there in the image?`,
      answer: String(row.count),
      images: imageList(row.image_sha256),
      task: 'count',
    }),
  },
  /**
   * SpatialRGPT-Bench: questions about regions, shown to models as masks. In Chirality, a region becomes its box in the
   * text ("the region [12, 40, 96, 180]"), in pixels, so that any model can read the region and views can transform it.
   */
  {
    name: 'spatialrgpt',
    about: 'SpatialRGPT-Bench (JSON list)',
    columns: ['id', 'image_info', 'text_q', 'bbox', 'conversations'],
    source: 'SpatialRGPT-Bench',
    used: ['id', 'image_info', 'text_q', 'bbox', 'rle', 'conversations'],
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
      };
    },
  },
  /**
   * RoboSpatial-Home: yes/no questions about configurations and compatibility. In the category `context`, the answer is
   * a point inside a polygon with corners from 0 to 1. This mapping reads the same region from the mask.
   */
  {
    name: 'robospatial',
    about: 'RoboSpatial-Home (parquet)',
    columns: ['category', 'question', 'answer', 'img', 'mask'],
    source: 'RoboSpatial-Home',
    used: ['img', 'mask', 'depth_image'],
    sample(row) {
      const isPoint = row.category === 'context';
      return {
        answer: isPoint ? ANYWHERE_INSIDE : row.answer,
        images: imageList(row.img),
        task: isPoint ? 'point' : 'yesno',
        ...(isPoint && { mask_image: imageList(row.mask)[0], box_format: 'point_norm' }),
      };
    },
  },
  /** RefSpatial-Bench: an answer is a point, and is right inside the mask. The mask is the only reference answer. */
  {
    name: 'refspatial',
    about: 'RefSpatial-Bench (parquet or JSON)',
    columns: ['image', 'mask', 'object', 'prompt', 'suffix'],
    source: 'RefSpatial-Bench',
    used: ['id', 'image', 'mask', 'prompt', 'suffix'],
    sample: (row, id) => ({
      id: row.id ?? id,
      question: [row.prompt, row.suffix].filter((text) => typeof text === 'string' && text !== '').join(' '),
      answer: ANYWHERE_INSIDE,
      images: imageList(row.image),
      task: 'point',
      mask_image: imageList(row.mask)[0],
      box_format: 'point_norm',
    }),
  },
  /**
   * nyu-visionx/VSI-Bench: questions about videos of rooms. The frames of a video are its images: all files in
   * `<dataset>/<scene_name>/`, sorted by name.
   */
  {
    name: 'vsi-bench',
    about: 'nyu-visionx/VSI-Bench (parquet or JSON Lines)',
    columns: ['dataset', 'scene_name', 'question_type', 'question', 'ground_truth'],
    source: 'VSI-Bench',
    used: ['id', 'options', 'ground_truth'],
    sample(row, id) {
      const { question_type: type, ground_truth: truth } = row;
      const shared = {
        id: row.id === undefined ? id : `vsi-${String(row.id)}`,
        images: [`${String(row.dataset)}/${String(row.scene_name)}/*`],
      };
      if (Array.isArray(row.options) && row.options.length > 0)
        return { ...shared, answer: truth, choices: row.options.map(bare), task: 'mcq' };
      return { ...shared, ...measured(String(type), truth) };
    },
  },
]);

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
