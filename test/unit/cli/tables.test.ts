import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { addConvertCommand } from '../../../src/cli/commands/convert.command.ts';
import { addDataCommand } from '../../../src/cli/commands/data.command.ts';
import { addMetricsCommand } from '../../../src/cli/commands/metrics.command.ts';
import { addMirrorCommand } from '../../../src/cli/commands/view-mirror.command.ts';
import { addScoreCommand } from '../../../src/cli/commands/score.command.ts';
import { letterOf } from '../../../src/base/item-names.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { permuteOptions } from '../../../src/rows/views/option-views.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfTests } from '../../support/folder.ts';
import { readRows, rowLines } from '../../support/rows.ts';

const folder = folderOfTests('chirality-tables-');
const tables = join(import.meta.dirname, '../../fixtures/tables');
const at = (name: string) => join(folder, name);

const convert = (name: string, ...args: string[]) =>
  runCommand(addConvertCommand, 'convert', join(tables, name), '-o', at(`${name}.qa.jsonl`), ...args);
const rowsOf = (name: string): Sample[] => readRows(at(`${name}.qa.jsonl`));

/** What `data check` warns of, by line or row and code. */
async function misfits(file: string): Promise<string[]> {
  const { out } = await runCommand(addDataCommand, 'data', 'check', file, '--json');
  return out
    .flatMap((text) => text.split('\n'))
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { line?: number; row?: number; code?: string })
    .flatMap(({ line, code }) => (code === undefined ? [] : [`${line} ${code}`]));
}

/** The share of right answers, as `score` counts it, if a model says of each row what `say` makes of it. */
async function accuracy(name: string, say: (sample: Sample) => string): Promise<(boolean | null)[]> {
  const rows = rowsOf(name).map((sample) => ({ ...sample, completion: say(sample) }));
  writeFileSync(at('said.jsonl'), rowLines(rows));
  await runCommand(addScoreCommand, 'score', at('said.jsonl'), '-o', at('scored.jsonl'));
  const scored = readFileSync(at('scored.jsonl'), 'utf8').trim().split('\n');
  return scored.map((line) => (JSON.parse(line) as { right: boolean | null }).right);
}

describe('published datasets', () => {
  it('converts options in the questions of published datasets to choices', async () => {
    const { err } = await convert('menus.json');
    expect(err.join('\n')).toContain('Converted options in the question to choices in 8 rows.');
    const rows = rowsOf('menus.json');
    expect(rows[1]).toMatchObject({
      question: 'Where is the kettle in relation to the stove, as the camera sees it?',
      answer: 'D. right',
      choices: ['above', 'behind', 'left', 'right'],
    });
    expect(rows[0]!.images).toHaveLength(1);
    expect(await misfits(at('menus.json.qa.jsonl'))).toEqual(['7 letter-and-text', '8 letter-and-text']);
    // Right answers in every form are right, and others in the same form are wrong.
    const indexOf = ({ answer }: Sample) => answer.charCodeAt(0) - 65;
    const forms = [
      (index: number) => letterOf(index),
      (index: number, { choices }: Sample) => `${letterOf(index)}. ${choices![index]!}`,
      (index: number) => `(${letterOf(index)})`,
      (index: number, { choices }: Sample) => choices![index]!,
    ];
    for (const form of forms) {
      const right = await accuracy('menus.json', (sample) => form(indexOf(sample), sample));
      expect(right.slice(0, 6)).toEqual(Array(6).fill(true));
      const wrong = await accuracy('menus.json', (sample) =>
        form((indexOf(sample) + 1) % sample.choices!.length, sample),
      );
      expect(wrong.slice(0, 6)).toEqual(Array(6).fill(false));
    }
  });

  test.each(['orders.json', 'orders.csv'])('splits options with commas correctly: %s', async (name) => {
    await convert(name);
    const [order, way] = rowsOf(name);
    expect(order!.choices![2]).toBe('stool, lamp, vase, kettle');
    expect(way!.choices).toEqual([
      'Turn Left, Turn Right',
      'Turn Right, Turn Right',
      "Don't turn, Turn Left",
    ]);
    expect(await misfits(at(`${name}.qa.jsonl`))).toEqual([]);
    expect(await accuracy(name, ({ answer }) => answer)).toEqual(Array(4).fill(true));
    const texts = await accuracy(name, ({ answer, choices }) => choices![answer.charCodeAt(0) - 65]!);
    expect(texts).toEqual(Array(4).fill(true));
  });

  it('reports misfit rows for counts, verdicts and names', async () => {
    const { err } = await convert('mixed.json');
    expect(err.join('\n')).toContain('Read 9 rows as clevr');
    expect(await misfits(at('mixed.json.qa.jsonl'))).toEqual([
      '7 answers-otherwise',
      '8 answers-otherwise',
      '9 answers-otherwise',
    ]);
    const said = await accuracy('mixed.json', ({ answer }) => answer);
    expect(said.slice(0, 6)).toEqual(Array(6).fill(true));
  });

  it('requires --map for predictions next to references', async () => {
    await expect(convert('said.jsonl')).rejects.toThrow('because the columns answer and ground_truth differ');
    await convert('said.jsonl', '--map', 'question=question', '--map', 'answer=ground_truth,images=image');
    expect(rowsOf('said.jsonl').map(({ answer }) => answer)).toEqual(['right', 'right']);
    await expect(
      convert('said.jsonl', '--map', 'question=question,answer=answer', '--map', 'answer=ground_truth'),
    ).rejects.toThrow('"answer" is mapped twice');
  });
});

it('view mirror: rewrites options in the question text like listed options', async () => {
  await convert('menus.json');
  await runCommand(addMirrorCommand, 'mirror', at('menus.json.qa.jsonl'), '-o', at('mirrored.qa.jsonl'));
  const mirrored = readRows(at('mirrored.qa.jsonl')).map((row) => row.variants?.mirror);
  expect(mirrored[1]).toMatchObject({
    status: 'flipped',
    choices: ['above', 'behind', 'right', 'left'],
    answer: 'D. left',
  });
  const permuted = permuteOptions(rowsOf('menus.json')[1]!, 3);
  expect('fields' in permuted && permuted.fields.question).toBe(rowsOf('menus.json')[1]!.question);
  expect('fields' in permuted && permuted.fields.answer).toMatch(/^[A-D]\. right$/);
});

test.each([
  ['convert', addConvertCommand],
  ['mirror', addMirrorCommand],
  ['score', addScoreCommand],
  ['metrics', addMetricsCommand],
])('%s rejects a file without rows', async (name, add) => {
  writeFileSync(at('empty.qa.jsonl'), '\n');
  await expect(runCommand(add, name, at('empty.qa.jsonl'))).rejects.toThrow('empty.qa.jsonl has no rows.');
});
