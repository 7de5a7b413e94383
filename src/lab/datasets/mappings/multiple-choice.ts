import { DataError } from '../data-error.ts';
import { optionCells, optionColumns } from './named-columns.ts';
import {
  benchmarks,
  imageList,
  otherColumns,
  type Mapping,
  type Row,
  optionsIn,
  optionsOfCell,
} from './mapping.ts';

const BLINK_IMAGES = ['image_1', 'image_2', 'image_3', 'image_4'];

/** Question types of DSI-Bench, by the value of `cate`. */
const DSI_KINDS = [
  'object, static camera',
  'object, moving camera',
  'camera, static scene',
  'camera, dynamic scene',
  'distance of object and camera',
  'orientation of object and camera',
];

/** Benchmarks with answers to choose from. */
export const CHOICES: readonly Mapping[] = benchmarks([
  /**
   * BLINK-Benchmark/BLINK (14 subtasks, each with a val and a test split): up to four images in separate columns, and
   * the answer as a letter in brackets. The test split hides its answers.
   */
  {
    name: 'blink',
    about: 'BLINK-Benchmark/BLINK (parquet)',
    columns: ['idx', 'sub_task', 'question', 'choices', 'answer', 'image_1'],
    source: 'BLINK',
    used: ['idx', 'choices', 'prompt', ...BLINK_IMAGES],
    sample(row) {
      if (row.answer === 'hidden')
        throw new DataError('hidden-answer', 'The test split contains no answers.', {
          fix: 'Use the val split.',
        });
      return {
        id: `blink-${String(row.idx)}`,
        choices: row.choices,
        images: imageList(...BLINK_IMAGES.map((name) => row[name])),
        task: 'mcq',
      };
    },
  },
  /**
   * Viglong/DSI-Bench (arXiv 2510.18873): clips with moving objects and cameras. Each clip has four versions: original,
   * mirrored, reversed, and mirrored and reversed. Each version has a table (`metadatas/std.csv`, `hflip.csv`, …) with
   * rows in the same order. Options are one text ("A: x; B: y"), and the answer is a letter. Paths are relative to
   * `videos/<name of the table>/`.
   */
  {
    name: 'dsi-bench',
    about: 'Viglong/DSI-Bench (CSV)',
    columns: ['cate', 'relative_path', 'question', 'options', 'GT'],
    source: 'DSI-Bench',
    used: ['relative_path', 'options', 'GT'],
    sample(row, id) {
      const kind = DSI_KINDS[Number(row.cate)];
      return {
        id: `dsi-${id}`,
        answer: row.GT,
        choices: optionsOfCell(row.options),
        video: { path: row.relative_path },
        task: 'mcq',
        ...(kind && { meta: { kind } }),
      };
    },
  },
  /**
   * What'sUp, Controlled_Images: captions of an image. The first caption is right. Shuffle the captions with
   * --shuffle-options before an evaluation. This mapping adds the question.
   */
  {
    name: 'whatsup',
    about: 'What’sUp, controlled images (JSON list)',
    columns: ['image_path', 'caption_options'],
    source: 'What’sUp',
    used: ['image_path', 'caption_options'],
    sample: (row) => captioned(row.image_path, row.caption_options),
  },
  /** What'sUp's COCO and Visual Genome parts: lists of an image's number, the right caption and a wrong caption. */
  {
    name: 'whatsup-pairs',
    about: 'What’sUp, COCO and Visual Genome (JSON list of lists)',
    columns: ['0', '1', '2'],
    source: 'What’sUp',
    used: ['0', '1', '2'],
    sample(row, id) {
      const number = String(row[0]);
      const path = /coco/i.test(id) ? `val2017/${number.padStart(12, '0')}.jpg` : `${number}.jpg`;
      return captioned(path, [row[1], row[2]]);
    },
  },
  /** EmbSpatial-Bench (3 640 questions): images as base64, boxes as x, y, width, height, the answer as an index. */
  {
    name: 'embspatial',
    about: 'EmbSpatial-Bench (JSON or parquet)',
    columns: ['question_id', 'question', 'relation', 'answer_options', 'answer', 'image'],
    source: 'EmbSpatial-Bench',
    used: ['question_id', 'answer_options', 'image'],
    sample(row) {
      const objects = Array.isArray(row.objects) ? (row.objects as Row[]) : [];
      const boxes = objects.flatMap(({ bbox }) => (Array.isArray(bbox) ? [bbox] : []));
      return {
        id: `embspatial-${String(row.question_id)}`,
        answer: optionAt(row.answer_options, row.answer),
        choices: row.answer_options,
        images: imageList(row.image),
        ...(boxes.length > 0 && { boxes, box_format: 'xywh_px' }),
        task: 'mcq',
      };
    },
  },
  /**
   * OmniSpatial (1 533 questions): the answer is the number of an option from 0, even if the options are numbers. The
   * image is `<task_type>/<id before "_">.png`.
   */
  {
    name: 'omnispatial',
    about: 'OmniSpatial (JSON list)',
    columns: ['id', 'question', 'options', 'answer', 'task_type', 'sub_task_type'],
    source: 'OmniSpatial',
    used: ['id', 'options'],
    sample: (row) => ({
      id: `omnispatial-${String(row.task_type)}-${String(row.id)}`,
      answer: optionAt(row.options, row.answer),
      choices: row.options,
      images: [`${String(row.task_type)}/${String(row.id).split('_')[0]}.png`],
      task: 'mcq',
    }),
  },
  /** ViewSpatial-Bench (5 712 questions): 1 to 32 images, options as lines of one text, the answer with its letter. */
  {
    name: 'viewspatial',
    about: 'ViewSpatial-Bench (JSON or JSON Lines)',
    columns: ['question_type', 'image_path', 'question', 'choices', 'answer'],
    source: 'ViewSpatial-Bench',
    used: ['image_path', 'choices'],
    sample: (row) => ({
      choices: optionsOf(String(row.choices)).options,
      images: imageList(row.image_path),
      task: 'mcq',
    }),
  },
  /** MMSI-Bench (1 000 questions on several images): options in the question, after "Options:". */
  {
    name: 'mmsi',
    about: 'MMSI-Bench (parquet)',
    columns: ['id', 'images', 'question_type', 'question', 'answer', 'thought'],
    source: 'MMSI-Bench',
    used: ['id', 'images', 'task', 'source'],
    sample: (row) => menuInQuestion(`mmsi-${String(row.id)}`, row, row.images),
  },
  /** MindCube (`data/raw/*.jsonl`): several views of one scene, with options in the question, on one line. */
  {
    name: 'mindcube',
    about: 'MindCube (JSON Lines)',
    columns: ['id', 'question', 'images', 'gt_answer'],
    source: 'MindCube',
    used: ['id', 'gt_answer', 'images', 'task', 'source'],
    sample: (row) => ({
      ...menuInQuestion(`mindcube-${String(row.id)}`, row, row.images),
      answer: row.gt_answer,
    }),
  },
  /** SPAR-Bench: one or several images. `format_type`: choice (options are in the question) or number. */
  {
    name: 'spar',
    about: 'SPAR-Bench (parquet or JSON Lines)',
    columns: ['id', 'img_type', 'format_type', 'task', 'image', 'question', 'answer'],
    source: 'SPAR-Bench',
    used: ['id', 'image', 'task', 'source'],
    sample(row) {
      const id = `spar-${String(row.id)}`;
      if (row.format_type === 'select') return menuInQuestion(id, row, row.image);
      return { id, images: imageList(row.image), meta: kindOf(row) };
    },
  },
]);

const captioned = (image: unknown, captions: unknown): Row => ({
  question: 'Which caption describes the image?',
  answer: (captions as unknown[] | undefined)?.[0],
  choices: captions,
  images: imageList(image),
  task: 'mcq',
});

function menuInQuestion(id: string, row: Row, images: unknown): Row {
  const { before, options } = optionsOf(String(row.question));
  return {
    id,
    question: before,
    choices: options,
    task: 'mcq',
    images: imageList(images),
    meta: kindOf(row),
  };
}

const kindOf = ({ task }: Row): Row => (task == null ? {} : { kind: task });

/**
 * Tables in the layout of VLMEvalKit, including 3DSRBench: options in columns A, B, …, the image as base64 (in parts of
 * 3DSRBench only the image's URL), and the answer as a letter.
 */
export const vlmEvalKit: Mapping = {
  name: 'vlmevalkit',
  about: 'VLMEvalKit and 3DSRBench tables (TSV, CSV or parquet)',
  columns: ['question', 'answer', 'A', 'B'],
  sample(row, id) {
    const picture = row.image ?? row.image_path ?? row.image_url;
    if (typeof picture === 'string' && /^\d{1,9}$/.test(picture))
      throw new DataError(
        'picture-elsewhere',
        `The row refers to the image of the row with index ${picture}.`,
        { fix: 'Copy the image into this row.' },
      );
    const used = ['index', 'qid', 'question', 'answer', 'image', 'image_path', 'image_url'];
    return {
      id: String(row.qid ?? row.index ?? id),
      question: row.hint == null ? row.question : `${String(row.hint)}\n${String(row.question)}`,
      answer: row.answer,
      choices: optionCells(row, optionColumns(Object.keys(row))),
      images: imageList(picture),
      task: 'mcq',
      source: row.qid === undefined ? undefined : '3DSRBench',
      meta: otherColumns(
        row,
        [...used, 'hint', ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((name) => name !== 'image_url'),
      ),
    };
  },
};

/** Returns the option at an index from 0. @throws DataError if the index has no option */
function optionAt(options: unknown, index: unknown): unknown {
  const option = optionsOfCell(options)?.[Number(index)];
  if (option === undefined)
    throw new DataError(
      'option',
      `The answer is option number ${JSON.stringify(index)} (from 0), which does not exist.`,
    );
  return option;
}

/** Returns the options in a text. @throws DataError if the text has no options with letters */
function optionsOf(text: string) {
  const inText = optionsIn(text);
  if (!inText) throw new DataError('options', 'The text contains no options with letters (A. …, B. …).');
  return inText;
}
