import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { addViewCommand } from '../../../src/cli/commands/view-add.command.ts';
import { groupBy } from '../../../src/core/evaluation/scored-row.ts';
import { isTrusted } from '../../../src/rows/sample/variant.ts';
import { inView, storedVariant } from '../../../src/rows/views/view.ts';
import { runCommand } from '../../support/command.ts';
import { NEW_PIXEL_EXAMPLES } from '../../support/new-pixel-examples.ts';
import { SEQUENCE_EXAMPLES } from '../../support/sequence-examples.ts';
import { rowOfScene, SCENE_EXAMPLES } from '../../support/scene-examples.ts';
import { EXAMPLES, rowOfExample } from '../../support/view-examples.ts';
import { readRows, rowLines } from '../../support/rows.ts';
import { folderOfEachTest } from '../../support/folder.ts';

let folder = '';
folderOfEachTest('view-', (made) => (folder = made));

const at = (name: string) => join(folder, name);
const write = (rows: readonly object[]) => writeFile(at('in.qa.jsonl'), rowLines(rows));
const view = (...args: string[]) =>
  runCommand(addViewCommand, 'add', at('in.qa.jsonl'), '-o', at('out.qa.jsonl'), ...args);
const read = () => readRows(at('out.qa.jsonl'));

describe('chirality view add', () => {
  it('all worked examples are tested, except three property tests of chains', () => {
    const here = new Set(
      [...EXAMPLES, ...NEW_PIXEL_EXAMPLES, ...SEQUENCE_EXAMPLES, ...SCENE_EXAMPLES].map(({ n }) => n),
    );
    const missing = Array.from({ length: 100 }, (_, i) => i + 1).filter((n) => !here.has(n));
    expect(missing).toEqual([3, 28, 61]);
  });

  it('view add matches the worked examples', async () => {
    for (const [key, examples] of groupBy(
      [...EXAMPLES, ...NEW_PIXEL_EXAMPLES, ...SEQUENCE_EXAMPLES],
      (one) => `${one.view} ${one.anchor ?? ''}`,
    )) {
      const id = key.split(' ')[0]!;
      await write(examples.map(rowOfExample));
      await view('--view', id, ...(examples[0]!.anchor ? ['--anchor', 'image'] : []));
      for (const [i, sample] of read().entries()) {
        const variant = storedVariant(sample, id);
        const said = variant && isTrusted(variant) ? [variant.question, variant.answer] : null;
        expect([examples[i]!.n, said]).toEqual([examples[i]!.n, examples[i]!.to]);
      }
    }
  });

  it('rejects a second --view instead of silently replacing the first view', async () => {
    await write([{ id: 'a', question: 'Is it left?', answer: 'Yes' }]);
    await expect(view('--view', 'flip', '--view', 'mirror')).rejects.toThrow(
      '--view can be passed only once. Join the views with +, or add mirror to the output of flip.',
    );
  });

  it('view add writes images with changed pixels', async () => {
    const pixels = { width: 4, height: 2, channels: 3 as const };
    const bytes = Buffer.from(Array.from({ length: 24 }, (_, i) => 10 * i));
    await sharp(bytes, { raw: pixels }).png().toFile(at('a.png'));
    await write([{ id: 'far', question: 'How far is the cup?', answer: '2 m', images: ['a.png'] }]);
    await view('--view', 'light:0.5+mirror', '--write-images', at('dark'));
    const { data, info } = await sharp(at('dark/a.png')).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([4, 2]);
    expect([...data.subarray(0, 6)]).toEqual([45, 50, 55, 30, 35, 40]);
  });

  it('orders and transforms all images of a row, and reports their order', async () => {
    const frames = ['a.png', 'b.png', 'c.png'];
    for (const [i, name] of frames.entries()) {
      const pixels = { width: 2, height: 1, channels: 3 as const };
      await sharp(Buffer.from([10 * i, 0, 0, 0, 0, 255]), { raw: pixels })
        .png()
        .toFile(at(name));
    }
    await write([
      { id: 'pan', question: 'Does the camera pan left?', answer: 'Yes', images: frames },
      { id: 'why', question: 'Why does the camera pan left?', answer: 'to show the cup', images: frames },
    ]);
    const { err } = await view(
      '--view',
      'reverse+mirror',
      '--explain',
      '--write-images',
      at('turned'),
      '--json',
    );
    expect(err.slice(0, -1).join('\n')).toMatch(
      /^pan: flipped .*\n {2}images: 3, 2, 1 of 3\nwhy: discard \[arrow_of_time\]/,
    );
    expect(JSON.parse(err.at(-1)!)).toMatchObject({ rows: 2, images: 3, codes: { arrow_of_time: 1 } });
    const [row] = read();
    expect(inView(row!, 'mirror+reverse')).toMatchObject({
      question: 'Does the camera pan left?',
      images: ['c.png', 'b.png', 'a.png'],
    });
    const { data } = await sharp(at('turned/c.png')).raw().toBuffer({ resolveWithObject: true });
    expect([...data]).toEqual([0, 0, 255, 20, 0, 0]);
  });

  it('stores the anchored original next to the anchored view', async () => {
    await write([{ id: 'a', question: 'Is the cup left of the jug?', answer: 'No', images: [] }]);
    await view('--view', 'rotate:180', '--anchor', 'image');
    const [row] = read();
    expect(row!.variants!.views).toMatchObject({
      anchored: { question: 'In the image as shown, is the cup left of the jug?', answer: 'No' },
      'rotate:180': {
        question: 'In the image as shown, is the cup right of the jug?',
        answer: 'No',
        anchor: 'image',
      },
    });
  });

  it('writes images of a quarter turn, and reports why other rows have no image', async () => {
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
    const told = await view('--view', 'rotate:90');
    expect(told.err.join('\n')).toMatch(/ 1 {2}no_anchor: .*You can also pass --anchor image\./);
    const { data, info } = await sharp(at('turned/a.png')).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, ...data]).toEqual([1, 2, 255, 0, 0, 0, 0, 255]);

    await write([{ id: 'where', question: 'What is to do?', answer: 'Go to the left.', images: [] }]);
    const given = await view('--view', 'rotate:90', '--anchor', 'image');
    expect(given.err.join('\n')).toMatch(/no_anchor: .*"in the image"\.$/m);
  });

  it('view add matches the worked examples of scene views', async () => {
    for (const [key, examples] of groupBy(SCENE_EXAMPLES, (one) => `${one.view}|${one.policy ?? ''}`)) {
      const [id, policy] = key.split('|') as [string, string];
      await write(examples.map(rowOfScene));
      await view('--view', id, ...(policy ? ['--answer', policy] : []));
      for (const [i, sample] of read().entries()) {
        const variant = storedVariant(sample, id)!;
        const said = isTrusted(variant) ? [variant.question, variant.answer] : variant.code;
        expect([examples[i]!.n, said]).toEqual([examples[i]!.n, examples[i]!.to ?? examples[i]!.code]);
      }
    }
  });

  it('draws images of a scene view for evaluations, and discards rows without a world', async () => {
    await write([
      { ...rowOfScene(SCENE_EXAMPLES[0]!), depth_map: 'depth.png' },
      { id: 'photo', question: 'Is it red?', answer: 'Yes', images: ['a.png'] },
    ]);
    const { err } = await view('--view', 'orbit:90+mirror', '--write-images', at('drawn'), '--json');
    expect(JSON.parse(err.at(-1)!)).toMatchObject({ rows: 2, images: 1, codes: { no_world: 1 } });
    const [row, photo] = read();
    expect(storedVariant(photo!, 'orbit:90+mirror')).toMatchObject({ status: 'discard', code: 'no_world' });
    const images = [{ path: 'drawn/s50.orbit-90.png', w: 512, h: 512 }];
    expect(inView(row!, 'orbit:90+mirror')).toMatchObject({ answer: 'No', images });
    // The depth map is that of the original, whose strategy then skips the row.
    expect(inView(row!, 'orbit:90+mirror')).not.toHaveProperty('depth_map');
    expect(inView(row!, 'mirror')).toHaveProperty('depth_map');
    // In the orbit, the blue ball is left of the yellow cylinder; the engine mirrors the drawn image.
    const { data } = await sharp(at('drawn/s50.orbit-90.png')).raw().toBuffer({ resolveWithObject: true });
    const blue: number[] = [];
    for (let i = 0; i < data.length; i += 3)
      if (data[i + 2]! > 120 && data[i + 2]! > 2 * data[i]!) blue.push((i / 3) % 512);
    expect(blue.reduce((sum, x) => sum + x, 0) / blue.length).toBeLessThan(256);
    const graph = row!.variants!.views!['orbit:90+mirror']!.scene_graph!;
    expect(graph.objects[1]!.centroid![0]).toBeGreaterThan(256);

    await view('--view', 'orbit:90');
    expect(inView(read()[0]!, 'orbit:90')).toBeNull(); // no image was written
  });

  it('view add does not overwrite another image', async () => {
    await write([rowOfScene(SCENE_EXAMPLES[0]!)]);
    await mkdir(at('drawn'));
    await writeFile(at('drawn/s50.orbit-90.png'), 'mine');
    await expect(view('--view', 'orbit:90', '--write-images', at('drawn'))).rejects.toThrow('Another image');
  });

  it.each([
    [['--view', 'orbit:90+take:white cube'], 'take moves the camera into an object'],
    [['--view', 'mirror+imagine:orbit:90'], 'its question is about the original image'],
    [['--view', 'flip', '--answer', 'keep-answer'], '--answer requires a scene view'],
    [['--view', 'spin'], 'Unknown view "spin"'],
    [['--view', 'mirror+mirror'], 'is the same as the original'],
    [['--view', 'original'], 'Cannot add view original, because it is the row itself'],
    [['--view', 'converse', '--anchor', 'image'], '--anchor image requires a rotated view, not converse'],
    [['--view', 'reverse', '--write-images', 'x'], 'view reverse does not change images'],
    [['--view', 'converse', '--write-images', 'x'], 'view converse does not change images'],
  ])('view add rejects %j', async (args, message) => {
    await write([]);
    await expect(view(...args)).rejects.toThrow(message);
  });
});
