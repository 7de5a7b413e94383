import { imageList, otherColumns, type Mapping } from './mapping.ts';

/**
 * Questions of CLEVR, CLEVR-CoGenT, Super-CLEVR and Spatial457, which share a format (`{info, questions: […]}`).
 * Answers are a word, yes, no, or a number. Pass the image folder with --image-folder. The program of a question is
 * omitted. `graph convert --from clevr` reads the scenes.
 */
export const clevr: Mapping = {
  name: 'clevr',
  about: 'CLEVR, CLEVR-CoGenT, Super-CLEVR, Spatial457 (questions as JSON or parquet)',
  columns: ['image_filename', 'question', 'answer', 'question_index'],
  sample(row) {
    // Super-CLEVR has numbers and booleans instead of words. Spatial457's parquet has them as text.
    const verdict = String(row.answer).toLowerCase();
    return {
      id: `clevr-${String(row.question_index)}`,
      question: row.question,
      answer: { true: 'yes', false: 'no' }[verdict] ?? verdict,
      // Tables of Spatial457 in parquet contain the images.
      images: imageList(row.image ?? row.image_filename),
      ...(/^\d+$/.test(verdict) && { task: 'count' }),
      source: 'CLEVR',
      meta: otherColumns(row, ['image', 'image_filename', 'question', 'answer', 'question_index', 'program']),
    };
  },
};

/**
 * Questions of GQA (testdev and others): one object with questions by id. Images are `<imageId>.jpg` in the folder of
 * --image-folder. `graph convert --from gqa` reads the scene graphs.
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
 * and `meta.source` (ADE20K, COCO, Omni3D) decide how the total is computed [R22]. `prompt`, the question with its
 * options, is omitted because it would contradict shuffled options.
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
    // JSON Lines files refer to image files in the same folder. Parquet tables contain the images.
    images: imageList(row.image ?? row.filename),
    task: 'mcq',
    source: 'CV-Bench',
    meta: otherColumns(row, ['idx', 'question', 'choices', 'answer', 'image', 'prompt', 'filename']),
  }),
};

/**
 * allenai/pixmo-count: an object and its number, with points for some rows. The dataset has only URLs of images.
 * Download the images to files named by `image_sha256`, and pass the folder with --image-folder. The mapping adds the
 * question.
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
 * array/SAT (train 175 k, static, val, test): one or two images (two frames of one scene), options under `answers`, and
 * the text of the right option under `correct_answer`. The options are not in random order. Shuffle the options with
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

/**
 * Visual Spatial Reasoning (JSON lines; random 7 680/1 097/2 195, zero-shot 4 713/231/616): a true or false caption of
 * a COCO image. Accuracy is usually reported by `meta.relation`.
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
