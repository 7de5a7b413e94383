import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scoreRow } from '../../src/core/answers/score-row.ts';
import { PAIR, type ViewId } from '../../src/rows/view-list.ts';
import { rowLines } from './rows.ts';

const QUESTIONS = [
  ['is the red-cube left of the blue-cone ?', 'yes'],
  ['which is closer , the blue-cone or the red-cube ?', 'red-cube'],
  ['how far is the red-cube in metres ?', '4'],
  ['what is it made of , all of it , as far as one can tell ?', 'rubber and a very long answer'],
] as const;

/**
 * Writes an evaluation of so many pairs about a few images, and their rows. @param folder has `data/images`. @param right whether a view of a pair is right
 * @param views those asked */
export function writeEvaluation(
  { run, folder }: { run: string; folder: string },
  id: string,
  count: number,
  right: (pair: number, view: number) => boolean,
  views: readonly ViewId[] = PAIR,
): void {
  const dir = join(run, 'eval', id);
  mkdirSync(dir, { recursive: true });
  const data = join(folder, 'data/eval.qa.jsonl');
  const samples = Array.from({ length: count }, (_, i) => {
    const [question, answer] = QUESTIONS[i % 4]!;
    const image = `images/00${['0150', '0260', '1109'][i % 3]}.png`;
    const x = [4, 28, 50][i % 3]!;
    const objects = [{ id: 'o1', label: 'red-cube', box: [x, 20, x + 8, 39], box_format: 'xyxy_px' }];
    const graph = { version: 1, image: { w: 64, h: 64 }, objects, relations: [] };
    const images = [{ path: image, w: 64, h: 64 }];
    return { id: `val-${i}`, question, answer, images, ...(i % 5 > 0 && { scene_graph: graph }) };
  });
  writeFileSync(data, rowLines(samples));
  const rows = samples.flatMap((sample, i) =>
    views.map((view, v) => {
      const said = right(i, v) ? sample.answer : 'no idea';
      const text = `<think>…</think> <answer>${said}</answer>`;
      const row = { ...sample, set: 'val', view, task: 'open' };
      const segments = [{ stage: 'answer', text, stop_reason: 'end' }];
      return { ...row, segments, right: right(i, v), score: scoreRow({ ...row, completion: text } as never) };
    }),
  );
  writeFileSync(join(dir, 'rows.jsonl'), rowLines(rows));
  const manifest = { sets: { val: data }, root: join(folder, 'data'), step: 100, views, scoring_rules: 5 };
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest));
}
