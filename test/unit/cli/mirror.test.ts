import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { addMirrorCommand } from '../../../src/cli/commands/view-mirror.command.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { isTrusted } from '../../../src/rows/sample/variant.ts';
import { runCommand } from '../../support/command.ts';
import { CLI } from '../lab/recipes/cli.ts';
import { parseRows, rowLines } from '../../support/rows.ts';
import { folderOfEachTest } from '../../support/folder.ts';

let folder = '';
folderOfEachTest('mirror-', (made) => (folder = made));

const at = (name: string) => join(folder, name);

const mirror = (...args: string[]) => runCommand(addMirrorCommand, 'mirror', ...args);

const ROWS = [
  { id: 'side', question: 'Is the cup to the left of the plate?', answer: 'Yes', images: ['in/a.png'] },
  { id: 'far', question: 'How far is the cup?', answer: '2 m', images: ['in/a.png'], note: 'kept' },
  { id: 'sign', question: 'What does the sign say?', answer: 'Stop.', images: ['in/b.png'] },
  { id: 'rest', question: 'What is left of the cake?', answer: 'crumbs', images: ['in/b.png'] },
];

async function write(rows: object[]): Promise<void> {
  await mkdir(at('in'), { recursive: true });
  await writeFile(at('data.qa.jsonl'), rowLines(rows));
  const pixels = { width: 2, height: 1, channels: 3 as const };
  await sharp(Buffer.from([255, 0, 0, 0, 0, 255]), { raw: pixels })
    .png()
    .toFile(at('in/a.png'));
}

async function read(name: string): Promise<Sample[]> {
  const text = await readFile(at(name), 'utf8');
  return parseRows(text);
}

describe('chirality view mirror', () => {
  it('mirrors the same fixed share of rows in every call', async () => {
    await write(Array.from({ length: 40 }, (_, i) => ({ ...ROWS[0], id: `row-${i}` })));
    const kept = async (name: string, ...args: string[]) => {
      await mirror(at('data.qa.jsonl'), '-o', at(name), ...args);
      const rows = await read(name);
      return rows.flatMap(({ id, variants }) => (isTrusted(variants?.mirror) ? id : []));
    };
    const quarter = await kept('a.qa.jsonl', '--share', '0.25');
    expect(quarter.length).toBeGreaterThan(2);
    expect(quarter.length).toBeLessThan(20);
    expect(await kept('b.qa.jsonl', '--share', '0.25')).toEqual(quarter);
    expect(await kept('c.qa.jsonl', '--share', '0.25', '--seed', '1')).not.toEqual(quarter);
    expect(await kept('d.qa.jsonl')).toHaveLength(40);
  });

  it('adds variants, and counts outcomes', async () => {
    await write(ROWS);
    const { err } = await mirror(at('data.qa.jsonl'), '-o', at('out.qa.jsonl'), '--json');
    expect(JSON.parse(err[0]!)).toMatchObject({
      rows: 4,
      bad: 0,
      status: { flipped: 1, invariant: 1, discard: 1, needs_llm: 1 },
      rules: { 'side.of': 1, 'text.says': 1 },
    });
    const [side, far] = await read('out.qa.jsonl');
    expect(side!.question).toBe(ROWS[0]!.question);
    expect(side!.variants!.mirror).toMatchObject({
      status: 'flipped',
      question: 'Is the cup to the right of the plate?',
      answer: 'Yes',
      strategy: 'swap-words',
    });
    expect(far!.note).toBe('kept');
  });

  it('view mirror explains each changed word', async () => {
    await write([
      ...ROWS,
      { ...ROWS[0], id: 'turn', question: 'What does the sign say?', answer: 'TURN LEFT' },
    ]);
    const { err } = await mirror(at('data.qa.jsonl'), '-o', at('out.qa.jsonl'), '--explain');
    expect(err.at(-1)).toMatch(/out\.qa\.jsonl: \d+ rows\.$/);
    const text = err.join('\n');
    expect(text).toContain('side: flipped (side.of)\n  question 18–22: "left" → "right" (side.of)');
    expect(text).toContain('sign: discard (text.says)\n  The question asks for text in the image');
    expect(text).toContain('turn: discard (side.move, text.says)\n  The question asks for text in the image');
  });

  it('changes the answer of an unchanged question, deterministically by seed', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => ({ ...ROWS[0], id: String(i) }));
    await write(rows);
    await mirror(at('data.qa.jsonl'), '-o', at('a.qa.jsonl'), '--strategy', 'mix', '--seed', '3');
    await mirror(at('data.qa.jsonl'), '-o', at('b.qa.jsonl'), '--strategy', 'mix', '--seed', '3');
    const mixed = await read('a.qa.jsonl');
    expect(mixed).toEqual(await read('b.qa.jsonl'));
    const answers = mixed.map(({ variants }) =>
      [variants!.mirror!.strategy, variants!.mirror!.answer].join(),
    );
    expect(new Set(answers)).toEqual(new Set(['keep-question,No', 'swap-words,Yes']));
  });

  it('writes each mirrored image once, and no image from outside the data root', async () => {
    const outside = join(folder, '..', `${folder.split('/').at(-1)}.png`);
    await write([...ROWS, { ...ROWS[0], id: 'out', images: ['in/link.png'] }]);
    await writeFile(outside, await readFile(at('in/a.png')));
    await symlink(outside, at('in/link.png'));
    const flags = ['-o', at('out.qa.jsonl'), '--write-images', at('mirrored'), '--json'];
    const { err, code } = await mirror(at('data.qa.jsonl'), ...flags);
    await rm(outside);
    expect(err[0]).toMatch(/data\.qa\.jsonl:5: error: .*is outside the data root/);
    expect(JSON.parse(err.at(-1)!)).toMatchObject({ images: 1, inexact_images: 0 });
    expect(code).toBe(1);
    expect(await readdir(at('mirrored/in'))).toEqual(['a.png']);
    const { data } = await sharp(at('mirrored/in/a.png')).raw().toBuffer({ resolveWithObject: true });
    expect([...data]).toEqual([0, 0, 255, 255, 0, 0]);
  });

  it('writes images to the same folder from any working directory, and follows no link', async () => {
    await write(ROWS);
    const paths: string[][] = [];
    const here = process.cwd();
    for (const from of [folder, join(folder, '..')]) {
      process.chdir(from);
      await mirror(relative(from, at('data.qa.jsonl')), '-o', at('out.qa.jsonl'), '--write-images', at('w'));
      process.chdir(here);
      paths.push((await readdir(at('w'), { recursive: true })).sort());
      await rm(at('w'), { recursive: true });
    }
    expect(paths).toEqual([
      ['in', join('in', 'a.png')],
      ['in', join('in', 'a.png')],
    ]);
    await mkdir(at('elsewhere'));
    await mkdir(at('w'));
    await symlink(at('elsewhere'), at('w/in'));
    const { err, code } = await mirror(
      at('data.qa.jsonl'),
      '-o',
      at('out.qa.jsonl'),
      '--write-images',
      at('w'),
    );
    expect(err[0]).toContain('Cannot write through a link.');
    expect([code, await readdir(at('elsewhere'))]).toEqual([1, []]);
  });

  it('finishes its file with stdout and stderr closed, and exits with 0 without an output file', async () => {
    await write(ROWS);
    const before = await readdir(folder);
    const unread = async (...args: string[]) => {
      const child = spawn(process.execPath, [
        CLI,
        'view',
        'mirror',
        at('data.qa.jsonl'),
        '--explain',
        ...args,
      ]);
      child.stdout.destroy();
      child.stderr.destroy();
      return (await once(child, 'exit'))[0] as number;
    };
    expect(await unread()).toBe(0);
    expect(await readdir(folder)).toEqual(before);
    expect(await unread('-o', at('out.qa.jsonl'))).toBe(0);
    expect(await readdir(folder)).toHaveLength(before.length + 1);
    expect(await read('out.qa.jsonl')).toHaveLength(ROWS.length);
  });
});
