import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { addReviewCommand } from '../../../../src/cli/commands/review.command.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { runCommand } from '../../../support/command.ts';
import { readRows } from '../../../support/rows.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

let folder = '';
const at = (name: string) => join(folder, name);
const review = (...args: string[]) => runCommand(addReviewCommand, 'review', ...args);
const merge = (...args: string[]) =>
  review('merge', at('mira.qa.jsonl'), at('jon.qa.jsonl'), '-o', at('all.qa.jsonl'), ...args);
const rows = () => readRows(at('all.qa.jsonl'));

folderOfEachTest('review-merge-', (made) => (folder = made));
beforeEach(async () => {
  const text = ['left', 'right', 'behind']
    .map((word, i): Sample => ({
      id: `r${i}`,
      question: `Is it ${word} of the cup?`,
      answer: 'Yes',
      images: [],
    }))
    .map((row) => `${JSON.stringify({ ...row, variants: { mirror: mirrorSample(row) } })}\n`)
    .join('');
  for (const name of ['data', 'mira', 'jon']) await writeFile(at(`${name}.qa.jsonl`), text);
});

it('review merge: combines the decisions of two reviewers, and lists disagreements', async () => {
  await review(at('mira.qa.jsonl'), '--accept', 'r0', 'r1', 'r2', '--by', 'mira');
  await review(at('jon.qa.jsonl'), '--accept', 'r0', '--discard', 'r1', '--by', 'jon');
  const jon = (await readFile(at('jon.qa.jsonl'), 'utf8')).replace('"answer":"Yes"', '"answer":"No"');
  await writeFile(at('jon.qa.jsonl'), jon + jon.split('\n')[2]!.replace('"r2"', '"r3"'));

  const { out, err } = await merge('--base', at('data.qa.jsonl'));
  expect(out).toEqual(['r1\n  reviewers disagree about the mirror']);
  expect(err.join('\n')).toContain('4 rows');
  expect(err.join('\n')).toContain('including 1 that are not in');
  expect(err.join('\n')).toContain('jon and mira: κ');
  const merged = rows();
  expect(merged.map(({ id, answer }) => [id, answer])).toEqual([
    ['r0', 'No'],
    ['r1', 'Yes'],
    ['r2', 'Yes'],
    ['r3', 'Yes'],
  ]);
  expect(merged.map(({ variants }) => variants!.mirror!.review?.state)).toEqual([
    'accepted',
    'pending',
    'accepted',
    undefined,
  ]);

  // Without the file they started from, nobody knows who changed the answer.
  const { out: told } = await merge('--json');
  expect(JSON.parse(told[0]!)).toMatchObject({
    id: 'r0',
    conflicts: [
      {
        path: ['answer'],
        values: [
          { from: 'mira.qa.jsonl', value: 'Yes' },
          { from: 'jon.qa.jsonl', value: 'No' },
        ],
      },
    ],
  });
});

it('review merge: returns the same bytes for equal files', async () => {
  await review('merge', at('mira.qa.jsonl'), at('data.qa.jsonl'), '-o', at('all.qa.jsonl'));
  expect(await readFile(at('all.qa.jsonl'), 'utf8')).toBe(await readFile(at('data.qa.jsonl'), 'utf8'));
});

it('review merge: rejects files that it cannot merge completely, and writes nothing', async () => {
  await expect(review('merge', at('mira.qa.jsonl'), '-o', at('all.qa.jsonl'))).rejects.toThrow(
    'at least two',
  );
  await expect(merge('-o', at('jon.qa.jsonl'))).rejects.toThrow('must not be an input file');
  await expect(merge('-o', '/all.qa.jsonl')).rejects.toThrow('must be in the folder');
  await writeFile(at('jon.qa.jsonl'), '{"id": 1}\n');
  await expect(merge()).rejects.toThrow(/jon\.qa\.jsonl:1: The line is not a row/);
  const [line] = (await readFile(at('mira.qa.jsonl'), 'utf8')).split('\n');
  await writeFile(at('jon.qa.jsonl'), `${line}\n${line}\n`);
  await expect(merge()).rejects.toThrow(/:2: The id "r0" occurs twice/);
  await rm(at('jon.qa.jsonl'));
  await expect(merge()).rejects.toThrow(/The file does not exist/);
  expect(rows).toThrow('ENOENT');
});

it('review merge: keeps byte-order mark and line ends of the first file', async () => {
  const text = `\uFEFF${(await readFile(at('data.qa.jsonl'), 'utf8')).replaceAll('\n', '\r\n')}`;
  await writeFile(at('mira.qa.jsonl'), text);
  await merge();
  expect(await readFile(at('all.qa.jsonl'), 'utf8')).toBe(text);
});
