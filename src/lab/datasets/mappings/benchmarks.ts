import { imageList, otherColumns, type Mapping } from './mapping.ts';

/**
 * CLEVR's questions, and those of CLEVR-CoGenT, Super-CLEVR and Spatial457, which have the same form (`{info,
 * questions: […]}`): answers are a word, yes, no, or a number. The folder of the images comes from --image-folder.
 * The program that generated a question is left out; `graph convert --from clevr` reads the scenes.
 */
export const clevr: Mapping = {
  name: 'clevr',
  about: 'CLEVR, CLEVR-CoGenT, Super-CLEVR, Spatial457 (questions as JSON or parquet)',
  columns: ['image_filename', 'question', 'answer', 'question_index'],
  sample(row) {
    // Super-CLEVR has numbers and booleans where CLEVR has words, and Spatial457's parquet has those as text.
    const verdict = String(row.answer).toLowerCase();
    return {
      id: `clevr-${String(row.question_index)}`,
      question: row.question,
      answer: { true: 'yes', false: 'no' }[verdict] ?? verdict,
      // Spatial457's parquet has the images themselves.
      images: imageList(row.image ?? row.image_filename),
      ...(/^\d+$/.test(verdict) && { task: 'count' }),
      source: 'CLEVR',
      meta: otherColumns(row, ['image', 'image_filename', 'question', 'answer', 'question_index', 'program']),
    };
  },
};

/**
 * GQA's questions (testdev and others): one object with the questions by their ids. An image is `<imageId>.jpg` in the
 * folder of --image-folder; `graph convert --from gqa` reads the scene graphs.
 */
export const gqa: Mapping = {
  name: 'gqa',
  about: 'GQA (questions as JSON)',
  columns: ['key', 'imageId', 'question', 'answer'],
  sample: (row) => ({
    id: `gqa-${String(row.key)}`,
    question: row.question,
    answer: row.answer,
    images: [`${String(row.imageId)}.jpg`],
    ...(/^(?:yes|no)$/i.test(String(row.answer)) && { task: 'yesno' }),
    source: 'GQA',
    meta: otherColumns(row, [
      'key',
      'imageId',
      'question',
      'answer',
      'fullAnswer',
      'entailed',
      'equivalent',
      'annotations',
      'semantic',
      'semanticStr',
      'groups',
    ]),
  }),
};

/**
 * nyu-visionx/CV-Bench (2 638 rows): `answer` is a letter in brackets. `meta.task` (Count, Relation, Depth, Distance)
 * and `meta.source` (ADE20K, COCO, Omni3D) decide how the total is formed [R22]; `prompt`, the question with its menu
 * written out, is left out because it would contradict shuffled options.
 */
export const cvBench: Mapping = {
  name: 'cv-bench',
  about: 'nyu-visionx/CV-Bench (parquet or JSON Lines)',
  columns: ['idx', 'task', 'question', 'choices', 'answer'],
  sample: (row) => ({
    id: `cv-bench-${String(row.idx)}`,
    question: row.question,
    answer: row.answer,
    choices: row.choices,
    // The JSON lines name a file next to them, and the parquet tables hold the image.
    images: imageList(row.image ?? row.filename),
    task: 'mcq',
    source: 'CV-Bench',
    meta: otherColumns(row, ['idx', 'question', 'choices', 'answer', 'image', 'prompt', 'filename']),
  }),
};

/**
 * allenai/pixmo-count: an object and its number, and points for some rows. It has addresses of images but no
 * images: download them under their `image_sha256` as names, and give the folder with --image-folder. The question is
 * ours.
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

/**
 * array/SAT (train 175 k, static, val, test): one or two images (two are frames of one scene), with the options under
 * `answers` and the text of the right one under `correct_answer`. The order of the options is not random: shuffle it
 * with --shuffle-options before training or testing.
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

/**
 * Visual Spatial Reasoning (JSON lines; random 7 680/1 097/2 195, zero-shot 4 713/231/616): a caption that is true or
 * false of a COCO image. Accuracy is usually broken down by `meta.relation`.
 */
export const vsr: Mapping = {
  name: 'vsr',
  about: 'Visual Spatial Reasoning (JSON Lines)',
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
