import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addViewCommand } from '../../../src/cli/commands/view.ts';
import { groupBy } from '../../../src/core/metrics/scored-row.ts';
import type { Sample } from '../../../src/core/spatial/sample.ts';
import { isTrusted } from '../../../src/core/spatial/variant.ts';
import { storedVariant } from '../../../src/core/spatial/views/view.ts';
import { runCommand } from '../../support/command.ts';
import { EXAMPLES, rowOfExample } from '../../support/view-examples.ts';

let folder = '';
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'view-'))));
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const write = (rows: readonly object[]) =>
  writeFile(at('in.qa.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const view = (...args: string[]) =>
  runCommand(addViewCommand, 'view', at('in.qa.jsonl'), '-o', at('out.qa.jsonl'), ...args);
const read = async (): Promise<Sample[]> =>
  (await readFile(at('out.qa.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample);

describe('chirality view', () => {
  it('gives the worked examples', async () => {
    for (const [key, examples] of groupBy(EXAMPLES, (one) => `${one.view} ${one.anchor ?? ''}`)) {
      const id = key.split(' ')[0]!;
      await write(examples.map(rowOfExample));
      await view('--view', id, ...(examples[0]!.anchor ? ['--anchor', 'image'] : []));
      for (const [i, sample] of (await read()).entries()) {
        const variant = storedVariant(sample, id);
        const said = variant && isTrusted(variant) ? [variant.question, variant.answer] : null;
        expect([examples[i]!.n, said]).toEqual([examples[i]!.n, examples[i]!.to]);
      }
    }
  });

  it('stores the anchored original beside the anchored view', async () => {
    await write([{ id: 'a', question: 'Is the cup left of the jug?', answer: 'No', images: [] }]);
    await view('--view', 'rotate:180', '--anchor', 'image');
    const [row] = await read();
    expect(row!.variants!.views).toMatchObject({
      anchored: { question: 'In the image as shown, is the cup left of the jug?', answer: 'No' },
      'rotate:180': {
        question: 'In the image as shown, is the cup right of the jug?',
        answer: 'No',
        anchor: 'image',
      },
    });
  });

  it('writes the pictures of a quarter turn, and says why rows have none', async () => {
    const pixels = { width: 2, height: 1, channels: 3 as const };
    await sharp(Buffer.from([255, 0, 0, 0, 0, 255]), { raw: pixels })
      .png()
      .toFile(at('a.png'));
    await write([
      { id: 'far', question: 'How far is the cup?', answer: '2 m', images: ['a.png'] },
      { id: 'side', question: 'Is the cup left of the jug?', answer: 'Yes', images: ['a.png'] },
    ]);
    const { err } = await view('--view', 'rotate:90', '--write-images', at('turned'), '--explain', '--json');
    expect(err.join('\n')).toContain('side: needs_llm [no_anchor]');
    expect(JSON.parse(err.at(-1)!)).toMatchObject({ rows: 2, images: 1, codes: { no_anchor: 1 } });
    const { data, info } = await sharp(at('turned/a.png')).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, ...data]).toEqual([1, 2, 255, 0, 0, 0, 0, 255]);
  });

  it.each([
    [['--view', 'spin'], 'Unknown view "spin"'],
    [['--view', 'mirror+mirror'], 'is the original again'],
    [['--view', 'original'], 'The original is the row itself'],
    [['--view', 'converse', '--anchor', 'image'], '--anchor image is for turned pictures'],
    [['--view', 'converse', '--write-images', 'x'], 'converse leaves pictures as they are'],
  ])('refuses %j', async (args, message) => {
    await write([]);
    await expect(view(...args)).rejects.toThrow(message);
  });
});
