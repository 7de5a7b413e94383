import { DataError } from '../data-error.ts';
import { optionCells, optionColumns } from './guess-columns.ts';
import { imageList, otherColumns, type Mapping, type Row, optionsIn, optionsOfCell } from './mapping.ts';

/**
 * BLINK-Benchmark/BLINK (14 subtasks, each with a val and a test split): up to four images in separate columns, and the
 * answer as a letter in brackets. The test split hides its answers.
 */
export const blink: Mapping = {
  name: 'blink',
  about: 'BLINK-Benchmark/BLINK (parquet)',
  columns: ['idx', 'sub_task', 'question', 'choices', 'answer', 'image_1'],
  sample(row) {
    if (row.answer === 'hidden')
      throw new DataError('hidden-answer', 'The test split contains no answers.', {
        fix: 'Use the val split.',
      });
    const pictures = ['image_1', 'image_2', 'image_3', 'image_4'];
    return {
      id: `blink-${String(row.idx)}`,
      question: row.question,
      answer: row.answer,
      choices: row.choices,
      images: imageList(...pictures.map((name) => row[name])),
      task: 'mcq',
      source: 'BLINK',
      meta: otherColumns(row, ['idx', 'question', 'choices', 'answer', 'prompt', ...pictures]),
    };
  },
};

/** Question types of DSI-Bench, by the value of `cate`. */
const DSI_KINDS = [
  'object, static camera',
  'object, moving camera',
  'camera, static scene',
  'camera, dynamic scene',
  'distance of object and camera',
  'orientation of object and camera',
];

/**
 * Viglong/DSI-Bench (arXiv 2510.18873): clips with moving objects and cameras. Each clip has four versions: original,
 * mirrored, reversed, and mirrored and reversed. Each version has a table (`metadatas/std.csv`, `hflip.csv`, …) with
 * rows in the same order. Options are one text ("A: x; B: y"), and the answer is a letter. Paths are relative to
 * `videos/<name of the table>/`.
 */
export const dsiBench: Mapping = {
  name: 'dsi-bench',
  about: 'Viglong/DSI-Bench (CSV)',
  columns: ['cate', 'relative_path', 'question', 'options', 'GT'],
  sample(row, id) {
    const kind = DSI_KINDS[Number(row.cate)];
    return {
      id: `dsi-${id}`,
      question: row.question,
      answer: row.GT,
      choices: optionsOfCell(row.options),
      video: { path: row.relative_path },
      task: 'mcq',
      source: 'DSI-Bench',
      meta: {
        ...otherColumns(row, ['relative_path', 'question', 'options', 'GT']),
        ...(kind && { kind }),
      },
    };
  },
};

/**
 * What'sUp, Controlled_Images: captions of an image. The first caption is right. Shuffle the captions with
 * --shuffle-options before an evaluation. This mapping adds the question.
 */
export const whatsUp: Mapping = {
  name: 'whatsup',
  about: 'What’sUp, controlled images (JSON list)',
  columns: ['image_path', 'caption_options'],
  sample: (row, id) => captioned(id, row.image_path, row.caption_options, row),
};

/** What'sUp's COCO and Visual Genome parts: lists of an image's number, the right caption and a wrong caption. */
export const whatsUpPairs: Mapping = {
  name: 'whatsup-pairs',
  about: 'What’sUp, COCO and Visual Genome (JSON list of lists)',
  columns: ['0', '1', '2'],
  sample(row, id) {
    const number = String(row[0]);
    const isCoco = /coco/i.test(id);
    const path = isCoco ? `val2017/${number.padStart(12, '0')}.jpg` : `${number}.jpg`;
    return captioned(id, path, [row[1], row[2]], {});
  },
};

function captioned(id: string, image: unknown, captions: unknown, row: Row): Row {
  return {
    id,
    question: 'Which caption describes the image?',
    answer: (captions as unknown[] | undefined)?.[0],
    choices: captions,
    images: imageList(image),
    task: 'mcq',
    source: 'What’sUp',
    meta: otherColumns(row, ['image_path', 'caption_options']),
  };
}

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
        {
          fix: 'Copy the image into this row.',
        },
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

/** EmbSpatial-Bench (3 640 questions): images as base64, boxes as x, y, width, height, the answer as an index. */
export const embSpatial: Mapping = {
  name: 'embspatial',
  about: 'EmbSpatial-Bench (JSON or parquet)',
  columns: ['question_id', 'question', 'relation', 'answer_options', 'answer', 'image'],
  sample(row) {
    const objects = Array.isArray(row.objects) ? (row.objects as Row[]) : [];
    const boxes = objects.flatMap(({ bbox }) => (Array.isArray(bbox) ? [bbox] : []));
    return {
      id: `embspatial-${String(row.question_id)}`,
      question: row.question,
      answer: optionAt(row.answer_options, row.answer),
      choices: row.answer_options,
      images: imageList(row.image),
      ...(boxes.length > 0 && { boxes, box_format: 'xywh_px' }),
      task: 'mcq',
      source: 'EmbSpatial-Bench',
      meta: otherColumns(row, ['question_id', 'question', 'answer_options', 'answer', 'image']),
    };
  },
};

/**
 * OmniSpatial (1 533 questions): the answer is the number of an option from 0, even if the options are numbers. The
 * image is `<task_type>/<id before "_">.png`.
 */
export const omniSpatial: Mapping = {
  name: 'omnispatial',
  about: 'OmniSpatial (JSON list)',
  columns: ['id', 'question', 'options', 'answer', 'task_type', 'sub_task_type'],
  sample: (row) => ({
    id: `omnispatial-${String(row.task_type)}-${String(row.id)}`,
    question: row.question,
    answer: optionAt(row.options, row.answer),
    choices: row.options,
    images: [`${String(row.task_type)}/${String(row.id).split('_')[0]}.png`],
    task: 'mcq',
    source: 'OmniSpatial',
    meta: otherColumns(row, ['id', 'question', 'options', 'answer']),
  }),
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

/** ViewSpatial-Bench (5 712 questions): 1 to 32 images, options as lines of one text, the answer with its letter. */
export const viewSpatial: Mapping = {
  name: 'viewspatial',
  about: 'ViewSpatial-Bench (JSON or JSON Lines)',
  columns: ['question_type', 'image_path', 'question', 'choices', 'answer'],
  sample: (row, id) => ({
    id,
    question: row.question,
    answer: row.answer,
    choices: optionsOf(String(row.choices)).options,
    images: imageList(row.image_path),
    task: 'mcq',
    source: 'ViewSpatial-Bench',
    meta: otherColumns(row, ['image_path', 'question', 'choices', 'answer']),
  }),
};

/** MMSI-Bench (1 000 questions on several images): options in the question, after "Options:". */
export const mmsi: Mapping = {
  name: 'mmsi',
  about: 'MMSI-Bench (parquet)',
  columns: ['id', 'images', 'question_type', 'question', 'answer', 'thought'],
  sample: (row) => menuInQuestion(`mmsi-${String(row.id)}`, 'MMSI-Bench', row, row.images, row.answer),
};

/** MindCube (`data/raw/*.jsonl`): several views of one scene, with options in the question, on one line. */
export const mindCube: Mapping = {
  name: 'mindcube',
  about: 'MindCube (JSON Lines)',
  columns: ['id', 'question', 'images', 'gt_answer'],
  sample: (row) => menuInQuestion(`mindcube-${String(row.id)}`, 'MindCube', row, row.images, row.gt_answer),
};

/** SPAR-Bench: one or several images. `format_type`: choice (options are in the question) or number. */
export const spar: Mapping = {
  name: 'spar',
  about: 'SPAR-Bench (parquet or JSON Lines)',
  columns: ['id', 'img_type', 'format_type', 'task', 'image', 'question', 'answer'],
  sample(row) {
    const id = `spar-${String(row.id)}`;
    if (row.format_type === 'select') return menuInQuestion(id, 'SPAR-Bench', row, row.image, row.answer);
    return {
      id,
      question: row.question,
      answer: row.answer,
      images: imageList(row.image),
      source: 'SPAR-Bench',
      meta: otherColumns({ ...row, kind: row.task }, ['id', 'image', 'question', 'answer', 'task', 'source']),
    };
  },
};

function menuInQuestion(id: string, source: string, row: Row, images: unknown, answer: unknown): Row {
  const { before, options } = optionsOf(String(row.question));
  return {
    id,
    question: before,
    answer,
    choices: options,
    task: 'mcq',
    source,
    images: imageList(images),
    meta: otherColumns({ ...row, kind: row.task }, [
      'id',
      'question',
      'answer',
      'gt_answer',
      'images',
      'image',
      'task',
      'source',
    ]),
  };
}

/** Returns the options in a text. @throws DataError if the text has no options with letters */
function optionsOf(text: string) {
  const inText = optionsIn(text);
  if (!inText) throw new DataError('options', 'The text contains no options with letters (A. …, B. …).');
  return inText;
}
