import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { addDataCommand } from '../../../src/cli/commands/data.command.ts';
import { addInspectSeenCommand } from '../../../src/cli/inspect/inspect-seen.command.ts';
import { UsageError } from '../../../src/cli/errors.ts';
import { evaluationSamples } from '../../../src/lab/evaluation/evaluation-samples.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfTests } from '../../support/folder.ts';
import { rowLines } from '../../support/rows.ts';

const folder = folderOfTests('chirality-seen-');
const at = (name: string) => join(folder, name);
const seen = (...args: string[]) => runCommand(addInspectSeenCommand, 'seen', ...args);

/** The left edge of a box of 40 × 40 in an image of 640 × 480, and what LLaVA 1.5 gets of it: x 80–560. */
const EDGES: [left: number, seen: string][] = [
  ...[0, 10, 20, 39, 565, 580, 600].map((x): [number, string] => [x, 'unseen']),
  ...[42, 50, 60, 70, 78, 522, 530, 540, 555].map((x): [number, string] => [x, 'cut']),
  ...[82, 300, 400, 518].map((x): [number, string] => [x, 'whole']),
];

beforeAll(async () => {
  const image = sharp({ create: { width: 640, height: 480, channels: 3, background: 'green' } });
  await image.png().toFile(at('a.png'));
  const rows = EDGES.map(([x], i) => ({
    id: `r${i}`,
    question: `Is box ${i} on the left?`,
    answer: 'yes',
    images: ['a.png'],
    boxes: [[x, 100, x + 40, 140]],
    box_format: 'xyxy_px',
  }));
  writeFileSync(at('rows.qa.jsonl'), rowLines(rows));
});

describe('chirality inspect seen', () => {
  it('describes the visible part of an image for a model family', async () => {
    expect((await seen(at('a.png'), '--sees', 'llava-1.5')).out.join('\n').split('\n').slice(1)).toEqual([
      'model      llava-1.5',
      'size       336 × 336',
      'crop       x 80–560, y 0–480; 25% of the image is lost',
      'padding    none',
      'tiles      none',
      'symmetric  yes',
    ]);
    const tiled = (await seen(at('a.png'), '--sees', 'internvl')).out.join('\n');
    expect(tiled).toContain('size       1792 × 1344\n');
    expect(tiled).toContain('tiles      12 tiles and the whole image');
    const kimi = (await seen(at('a.png'), '--sees', 'kimi-k2.5')).out.join('\n');
    expect(kimi).toContain('padding    4 pixels right, 24 pixels below');
    expect(kimi).toContain('symmetric  no: 4 source pixels off (fill)');
  });

  it('writes a figure of the image as the model sees it', async () => {
    const figure = at('seen.svg');
    const row = [at('rows.qa.jsonl'), '--row', 'r7', '--figure', figure];
    await seen(...row, '--sees', 'llava-1.5');
    const svg = readFileSync(figure, 'utf8');
    expect(svg).toContain('viewBox="0 0 640 480"');
    expect(svg).toContain('d="M0 0H640V480H0Z M80 0H560V480H80Z" fill-rule="evenodd" fill-opacity="0.65"');
    const image = Buffer.from(/base64,([^"]+)/.exec(svg)![1]!, 'base64');
    expect(await sharp(image).metadata()).toMatchObject({ width: 640, height: 480 });
    await seen(...row, '--sees', 'kimi-k2.5');
    expect(readFileSync(figure, 'utf8')).toContain('d="M0 0H644V504H0Z M0 0H640V480H0Z"');
    await expect(seen(at('a.png'), '--sees', 'clip', '--figure', 'a.png')).rejects.toThrow(
      'must end with .svg',
    );
  });

  it('reports the visible part of a row as JSON', async () => {
    const args = [at('rows.qa.jsonl'), '--row', 'r7', '--sees', 'llava-1.5', '--json'];
    expect(JSON.parse((await seen(...args)).out.join(''))).toMatchObject({
      id: 'r7',
      size: { w: 336, h: 336 },
      asked: { sight: 'cut', places: [{ name: 'boxes[0]', box: [42, 100, 82, 140] }] },
    });
  });

  it('describes the frames of a clip that the model receives as a video', async () => {
    const images = Array<string>(33).fill('a.png');
    const row = { id: 'c', question: 'Does it move left?', answer: 'yes', images, clip: { fps: 30 } };
    writeFileSync(at('clip.qa.jsonl'), `${JSON.stringify(row)}\n`);
    const { out } = await seen(at('clip.qa.jsonl'), '--sees', 'glm-4.1v');
    const said =
      'video      2 of 33 frames (1, 16); each 644 × 476 pixels; different frames for the reversed clip';
    expect(out.join('\n').split('\n')).toContain(said);
    const checked = await runCommand(
      addDataCommand,
      'data',
      'check',
      at('clip.qa.jsonl'),
      '--sees',
      'glm-4.1v',
    );
    expect(checked.out.join('\n')).toContain('warnings: other-frames 1');
    expect(checked.err[0]).toContain(
      'As one video, glm-4.1v receives 2 of 33 frames (1, 16); different frames for the reversed clip.',
    );
  });

  it.each([
    [[], 'Pass the model with --model, or its family with --sees.'],
    [['--sees', 'a', '--model', 'b'], 'Pass the model with --model, or its family with --sees.'],
    [['--sees', 'gpt'], 'Model family "gpt" is not known. Use one of'],
    [['--sees', 'llava-1.5', '--row', 'gone'], 'Row "gone" does not exist'],
  ])('inspect seen rejects %j', async (args, message) => {
    const file = args.includes('--row') ? at('rows.qa.jsonl') : at('a.png');
    const error: unknown = await seen(file, ...args).catch((why: unknown) => why);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(message);
  });

  it.each([
    [{ width: 30_000, height: 10 }, 'qwen2.5-vl refuses images of 30000 × 10 pixels.'],
    [null, 'broken.png: The image format is not supported.'],
  ])('inspect seen names the file or size that it cannot use: %j', async (size, message) => {
    const file = at(size ? 'wide.png' : 'broken.png');
    if (size) await sharp({ create: { ...size, channels: 3, background: 'green' } }).toFile(file);
    else writeFileSync(file, 'no image');
    await expect(seen(file, '--sees', 'qwen2.5-vl')).rejects.toThrow(message);
  });

  it('prints the table of docs/what-models-see.md', async () => {
    const squeezed = (text: string) => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');
    const page = squeezed(readFileSync('docs/what-models-see.md', 'utf8'));
    const table = squeezed((await seen('--known')).out.join('\n'));
    expect(page, 'Write the output of `chirality inspect seen --known` into the page.').toContain(table);
  });
});

it('data check: lists rows with objects outside the visible part of a model family', async () => {
  const { out, err, code } = await runCommand(
    ...[addDataCommand, 'data', 'check', at('rows.qa.jsonl'), '--sees', 'llava-1.5'],
  );
  expect(code).toBe(0);
  expect(out).toContain('  warnings: unseen 7, cut 9');
  expect(err[0]).toContain('For llava-1.5, boxes[0] is outside the model’s image crop (x 80–560, y 0–480).');
});

it('evaluationSamples: notes the visible part of each row for a model family', async () => {
  const wanted = { sets: { rows: at('rows.qa.jsonl') }, root: folder, views: ['original' as const] };
  const samples = await evaluationSamples({ ...wanted, sees: 'llava-1.5' });
  expect(samples.map(({ sample }) => sample.meta?.seen)).toEqual(EDGES.map(([, expected]) => expected));
  expect((await evaluationSamples(wanted)).every(({ sample }) => sample.meta === undefined)).toBe(true);
  const [first] = readFileSync(at('rows.qa.jsonl'), 'utf8').split('\n');
  const own = { ...(JSON.parse(first!) as object), completion_box_format: 'xyxy_seen_px' };
  writeFileSync(at('own.qa.jsonl'), `${JSON.stringify(own)}\n`);
  const [boxed] = await evaluationSamples({
    ...wanted,
    sets: { own: at('own.qa.jsonl') },
    sees: 'llava-1.5',
  });
  expect(boxed!.sample).toMatchObject({ sees: 'llava-1.5', meta: { seen: 'unseen' } });
});
