import { imageList, otherColumns, type Mapping } from './mapping.ts';

/**
 * CLEVR's questions, and those of CLEVR-CoGenT and Super-CLEVR, which have the same form (`{info, questions: […]}`):
 * answers are a word, yes, no, or a number. Give the folder of the pictures with --images. The program that made a
 * question is left out; `graph convert --from clevr` reads the scenes.
 */
export const clevr: Mapping = {
  name: 'clevr',
  about: 'CLEVR, CLEVR-CoGenT, Super-CLEVR (questions as JSON)',
  columns: ['image_filename', 'question', 'answer', 'question_index'],
  sample(row) {
    // Super-CLEVR has numbers and truth values where CLEVR has words.
    const said = typeof row.answer === 'boolean' ? (row.answer ? 'yes' : 'no') : String(row.answer);
    return {
      id: `clevr-${String(row.question_index)}`,
      question: row.question,
      answer: said.toLowerCase(),
      images: imageList(row.image_filename),
      ...(/^\d+$/.test(said) && { task: 'count' }),
      source: 'CLEVR',
      meta: otherColumns(row, ['image_filename', 'question', 'answer', 'question_index', 'program']),
    };
  },
};
