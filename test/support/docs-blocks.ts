import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowLines } from './rows.ts';

// The commands in the pages, which two tests run.

export const ROOT = join(import.meta.dirname, '../..');

/** What a block can need that is not everywhere: the word after `sh`. */
export const NEEDS = ['gpu', 'model', 'data', 'cluster', 'slow', 'keys'];

export interface Block {
  script: string;
  line: number;
  /** Empty, or a word of NEEDS. */
  needs: string;
  /** What the page says that it prints, if it does. */
  shown: string | null;
}

/** The blocks of a page for a shell, and what those marked `text` after them show. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const fences = [...text.matchAll(/^```(\w*) ?(.*)\n([^]*?)^```$/gm)];
  return fences.flatMap(([, language, needs, script], i) => {
    if (language !== 'sh') return [];
    const [, its, , body] = fences[i + 1] ?? [];
    const line = text.slice(0, fences[i]!.index).split('\n').length;
    return [{ script: script!, line, needs: needs!, shown: its === 'text' ? body! : null }];
  });
}

export const pages = readdirSync(join(ROOT, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

const lines = (...rows: object[]) => rowLines(rows);
const cup = { id: 'cup', label: 'cup', box: [400, 20, 460, 90], box_format: 'xyxy_px' };
const plate = { id: 'plate', label: 'plate', box: [10, 20, 60, 90], box_format: 'xyxy_px' };
const image = { path: 'images/desk.jpg', w: 640, h: 480 };

/** Files that the pages start from, besides rows and runs. */
export const FILES = {
  'mine.csv': 'question,answer,image\nIs the cup left of the plate?,yes,images/desk.jpg\n',
  'mine.qa.jsonl': lines({
    id: 'mine-0',
    question: 'Is the cup left of the plate?',
    answer: 'yes',
    images: ['images/desk.jpg'],
  }),
  'cups.qa.jsonl': lines({
    id: 'cups-0',
    question: 'What colour is the cup?',
    answer: 'red',
    images: [image],
    scene_graph: {
      version: 1,
      image: { w: 640, h: 480 },
      objects: [cup, plate],
      relations: [{ subject: 'cup', predicate: 'left of', object: 'plate', frame: 'viewer' }],
    },
  }),
  'counts.qa.jsonl': lines(
    { id: '1', question: 'How many cups are there?', answer: '3', images: ['images/desk.jpg'] },
    { id: '2', question: 'How many plates are there?', answer: 'Yes', images: ['images/desk.jpg'] },
  ),
  'bench.jsonl': lines({
    question_id: '1',
    question: 'Which is left?',
    answer_options: ['cup', 'jug'],
    answer: 1,
    image: 'images/desk.jpg',
  }),
  'refcoco.jsonl': lines({ sentence: 'the left cup', bbox: [1, 2, 3, 4], file: 'images/desk.jpg' }),
  'scans.jsonl': lines({
    id: '1',
    question: 'Is the mass on the left?',
    answer: 'yes',
    images: ['images/desk.jpg'],
  }),
};
