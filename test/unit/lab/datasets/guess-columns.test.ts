import { describe, expect, test } from 'vitest';
import {
  columnRules,
  guessColumns,
  tableColumns,
} from '../../../../src/lab/datasets/mappings/guess-columns.ts';
import { columnMapping } from '../../../../src/lab/datasets/mappings/column-mapping.ts';

const guess = (row: Record<string, unknown>) => guessColumns(Object.keys(row), [row]);
const isOffered = (row: Record<string, unknown>) => tableColumns([row]).isOffered;

describe('guessColumns', () => {
  test.for<[row: Record<string, unknown>, rules: string]>([
    [
      { image: 'a.jpg', question: 'Which side?', answer: 'left' },
      'question=question,answer=answer,images=image',
    ],
    [{ Img_Path: 'a.jpg', Query: 'Which side', GT: 'left' }, 'question=Query,answer=GT,images=Img_Path'],
    // Options are not the answer; the column that names one of them by its letter is, whatever it is called.
    [
      { Bild: '1.jpg', Frage: 'Wo?', 'A)': 'links', 'B)': 'rechts', Lösung: 'B', Notiz: 'hell', Nr: 1 },
      'question=Frage,answer=Lösung,images=Bild,choices=A)+B)',
    ],
    [
      {
        Bild: '1.jpg',
        Frage: 'Wo?',
        'Antwort A': 'links',
        'Antwort B': 'rechts',
        richtig: '(a)',
        wer: 'Ada',
      },
      'question=Frage,answer=richtig,images=Bild,choices=Antwort A+Antwort B',
    ],
    [
      { photo: '1.jpg', question: 'Where?', A: 'left', C: 'right', note: 'C', by: 'Ada' },
      'question=question,images=photo',
    ],
    [{ photo: '1.jpg', Q: 'Where?', A: 'left', by: 'Ada' }, 'question=Q,answer=A,images=photo'],
    // Nothing but the values tells.
    [
      { Nr: 1, Bild: 'fotos/1.JPG', Frage: 'Wo steht die Tasse?', Antwort: 'links' },
      'question=Frage,answer=Antwort,images=Bild',
    ],
    // Two columns are left: a person has to say which is the answer.
    [{ Bild: '1.jpg', Frage: 'Wo?', Ort: 'links', Wer: 'Ada' }, 'question=Frage,images=Bild'],
    // Names in other languages tell where no question has a mark.
    [
      { Bild: '1.jpg', Frage: 'Nenne die Seite', Antwort: 'links', Wer: 'Ada' },
      'question=Frage,answer=Antwort,images=Bild',
    ],
    [
      { Question: 'Donne le côté', Réponse: 'gauche', Auteur: 'Ada', image: '1.jpg' },
      'question=Question,answer=Réponse,images=image',
    ],
    [{ 图片: '1.jpg', 问题: '杯子在哪里', 答案: '左边', 来源: 'x' }, 'question=问题,answer=答案,images=图片'],
    // An object is neither question nor answer, whatever its column is called.
    [
      { image: 'a.jpg', question: 'Which side?', answer: { text: 'left' }, label: 'left' },
      'question=question,answer=label,images=image',
    ],
    [
      { image: 'a.jpg', prompt: [{ role: 'user' }], frage: 'Which side?', response: 'left' },
      'question=frage,answer=response,images=image',
    ],
    // A file that is not an image is none.
    [{ file: 'notes.txt', text: 'hello', label: 'x' }, 'question=text,answer=label'],
    [
      { photo: 'a.png', q: 'Which?', A: 'left', B: 'right', answer: 'A' },
      'question=q,answer=answer,images=photo,choices=A+B',
    ],
    [
      {
        id: 7,
        task: 'side',
        picture: [{ path: 'a.png' }],
        question: 'Which?',
        options: ['l', 'r'],
        answer: 'l',
      },
      'question=question,answer=answer,images=picture,choices=options,id=id,task=task',
    ],
    [{ name: 'chirality', version: '1.0' }, ''],
    [{}, ''],
  ])('guessColumns returns the expected columns for %o', ([row, rules]) => {
    expect(columnRules(guess(row))).toBe(rules);
  });

  test('offers a table that has an image and a question column, with or without an answer', () => {
    expect(isOffered({ Bild: '1.jpg', Frage: 'Wo?', Antwort: 'links' })).toBe(true);
    expect(isOffered({ Bild: '1.jpg', Frage: 'Wo?', 'Antwort (Gold)': 'links', Typ: 'Seite' })).toBe(true);
    expect(isOffered({ question: 'Where?', answer: 'left' })).toBe(false);
    expect(isOffered({ name: 'chirality', scripts: {} })).toBe(false);
  });

  test.for(['what, where', 'a "good" one', ' x ', 'x.y', 'a+b', 'plain', 'ends"', '"', 'a,"b",c'])(
    'quotes a column name in --map rules: %s',
    (name) => {
      const row = { [name]: 'Which side?', answer: 'left', image: 'a.jpg' };
      const rules = columnRules({ question: name, answer: 'answer', images: 'image' });
      expect(columnMapping(rules).sample(row, 'id')).toEqual({
        id: 'id',
        question: 'Which side?',
        answer: 'left',
        images: ['a.jpg'],
      });
    },
  );
});
