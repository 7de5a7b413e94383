import { readFileSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findInDocument } from '../../../src/panels/pair/pair.host.ts';
import type { CheckResult } from '../../../src/panels/problems.reads.ts';
import { type ImageFolders, PairRows, imageType, Rows } from '../../../src/panels/data-rows.reads.ts';
import { Service } from '../../../src/panels/service.host.ts';
import { summarise } from '../../../src/extension/problems.ts';
import { slowly } from '../../support/slow.ts';
import { folderOfTests } from '../../support/folder.ts';
import { forAllAsync } from '../../support/property.ts';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const good = (id: string) => JSON.stringify({ id, question: 'Is it left of the cup?', answer: 'Yes' });

describe('panel service', () => {
  const folder = folderOfTests('chirality service ü ');
  let service: Service;
  let place: ImageFolders;
  beforeAll(() => {
    service = new Service(resolve('dist/service.cjs'));
    mkdirSync(join(folder, 'data'));
    place = { folder: join(folder, 'data'), root: join(folder, 'data') };
    for (const path of ['data/a.png', 'secret.png']) writeFileSync(join(folder, path), PNG);
    symlinkSync('../secret.png', join(folder, 'data/link.png'));
  });
  afterAll(async () => {
    await service.dispose();
  });

  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test('the panel service finds the same problems in a file and in its text', async () => {
    const text = [
      good('a'),
      '',
      '{"id": "b", "question": }',
      '{"id":"c","question":"Q?","answer":"A","boxes":[[1,2,3]],"box_format":"xyxy_px"}',
      '{"id":"d","question":"Q?"}',
      good('a'),
      '{"id":"e","question":"Why?","answer":"A","scene_graph":{"objects":[],"relations":[]}}',
    ].join('\r\n');
    const path = write('checked.qa.jsonl', text);
    const fromText = await service.call('checkText', { name: 'checked.qa.jsonl', text, place: null });
    expect(await service.call('checkFile', { path, place: null })).toEqual(fromText);
    const found = fromText.problems.map(({ line, code, severity }) => [line, code, severity]);
    expect(found).toEqual([
      [3, 'json', 'error'],
      [4, 'box-length', 'warning'],
      [5, 'missing', 'error'],
      [6, 'duplicate-id', 'error'],
      [7, 'no-objects', 'warning'],
    ]);
    const box = fromText.problems[1]!;
    expect(text.split('\r\n')[3]!.slice(box.from, box.to)).toBe('[1,2,3]');
    expect(fromText).toMatchObject({ rows: 6, badRows: 5, errors: 3, warnings: 2 });
  });

  test('checks that images exist inside the data folder, without reading the images', async () => {
    write('dot.png', 'no image');
    const row = (id: string, image: string) =>
      JSON.stringify({ id, question: `What is ${id}?`, answer: 'A', images: [image] });
    const text = [row('a', 'dot.png'), row('b', 'gone.png'), row('c', '../../etc/hostname')].join('\n');
    const path = write('pictures.qa.jsonl', text);
    const place = { folder, root: folder };
    const found = await service.call('checkFile', { path, place });
    expect(await service.call('checkText', { name: 'pictures.qa.jsonl', text, place })).toEqual(found);
    expect(found.problems.map(({ line, code, severity }) => [line, severity, code])).toEqual([
      [2, 'error', 'image-missing'],
      [3, 'error', expect.stringMatching(/^image-(?:missing|outside)$/)],
    ]);
    const { from, to } = found.problems[0]!;
    expect(text.split('\n')[1]!.slice(from, to)).toBe('"gone.png"');
    expect((await service.call('checkFile', { path, place: null })).problems).toEqual([]);
  });

  test('lists the first 1,000 problems, and counts all problems', async () => {
    const text = '{}\n'.repeat(1500);
    const { problems, errors, badRows } = await service.call('checkText', { name: 'x', text, place: null });
    expect([problems.length, badRows]).toEqual([1000, 1500]);
    expect(errors).toBeGreaterThan(1500);
  });

  test('only parses a very long row in a text, with a warning, but fully checks it in a file', async () => {
    const boxes = Array.from({ length: 9000 }, () => [1, 2, 3]);
    const long = { id: 'long', question: 'Q?', answer: 'A', images: [], boxes, box_format: 'xyxy_px' };
    const text = `${good('a')}\n${JSON.stringify(long)}\n`;
    const typed = await service.call('checkText', { name: 'long.qa.jsonl', text, place: null });
    expect(typed.problems).toContainEqual(
      expect.objectContaining({ line: 2, code: 'long-row', severity: 'warning' }),
    );
    const asked = await service.call('checkFile', { path: write('long.qa.jsonl', text), place: null });
    expect(asked.problems.map(({ code }) => code)).not.toContain('long-row');
    expect(asked.problems).not.toEqual([]);
  });

  slowly('reports progress, and stops on request', async () => {
    const path = write('many.qa.jsonl', Array.from({ length: 20_000 }, (_, i) => good(`${i}`)).join('\n'));
    const shares: number[] = [];
    await service.call('checkFile', { path, place: null }, { onProgress: (share) => shares.push(share) });
    expect(shares.length).toBeGreaterThan(10);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);

    const stop = new AbortController();
    const stopped = service.call(
      'checkFile',
      { path, place: null },
      { signal: stop.signal, onProgress: () => stop.abort() },
    );
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('reports the reason for an unreadable file', async () => {
    const path = join(folder, 'missing.qa.jsonl');
    await expect(service.call('checkFile', { path, place: null })).rejects.toThrow(
      `File ${path} does not exist.`,
    );
  });

  test('mirrors a row by rules, or returns the stored mirror', async () => {
    const text = good('a');
    const made = await service.call('readRow', { text, place });
    expect(made).toMatchObject({
      mirrorFrom: 'rules',
      mirror: { status: 'flipped', question: 'Is it right of the cup?' },
    });
    const mirror = { ...made.mirror!, question: 'Stored?' };
    const stored = JSON.stringify({ ...made.sample, variants: { mirror } });
    expect(await service.call('readRow', { text: stored, place })).toMatchObject({
      mirrorFrom: 'file',
      mirror,
    });
  });

  test('reads a row of over a megabyte without applying rules and checks', async () => {
    const scene_graph = { objects: [{ id: 'a' }] };
    const sample = { id: 'a', question: 'Left? '.repeat(200_000), answer: 'yes', images: [], scene_graph };
    const row = await service.call('readRow', { text: JSON.stringify(sample), place });
    expect(row).toMatchObject({ sample: { id: 'a', question: sample.question }, mirror: null });
    expect(row.problems.map(({ code }) => code)).toEqual(['long-row']);
    const mirror = { status: 'invariant', route: 'human', question: 'Stored?', answer: 'yes' };
    const text = JSON.stringify({ ...sample, variants: { mirror } });
    expect(await service.call('readRow', { text, place })).toMatchObject({ mirrorFrom: 'file', mirror });
  });

  test('opens no image outside the root, even through links', async () => {
    const images = [
      'a.png',
      '../secret.png',
      'link.png',
      join(folder, 'secret.png'),
      'http://x/y.png',
      'no.png',
      { w: 4, h: 3 },
    ];
    const text = JSON.stringify({ id: 'a', question: 'Q?', answer: 'A', images });
    const row = await service.call('readRow', { text, place });
    expect(row.images.map((image) => ('problem' in image ? image.problem.code : image.key !== null))).toEqual(
      [true, 'image-outside', 'image-outside', 'image-outside', 'image-url', 'image-missing', false],
    );
    expect(await service.call('image', { image: 'a.png', place })).toEqual({
      bytes: new Uint8Array(PNG),
      type: 'image/png',
    });
    await expect(service.call('image', { image: 'link.png', place })).rejects.toThrow('is outside');
  });

  test('restarts after a crash, and rejects calls after disposal', async () => {
    const script = write(
      'crash.cjs',
      `const { parentPort } = require('node:worker_threads');
       parentPort.on('message', ({ id, args }) => {
         if (args.name === 'crash') throw new Error('out of luck');
         parentPort.postMessage({ type: 'result', id, value: args.name });
       });`,
    );
    const fragile = new Service(script);
    const ask = (name: string) => fragile.call('checkText', { name, text: '', place: null });
    await expect(ask('crash')).rejects.toThrow('The data reader stopped: out of luck.');
    expect(await ask('hello')).toBe('hello');
    const waiting = ask('hello again');
    const ended = fragile.dispose();
    await expect(waiting).rejects.toThrow('The extension was closed.');
    await ended;
  });
});

test('property: Rows: finds the same rows in a file and in a document', async () => {
  const folder = folderOfTests('chirality-rows-');
  const path = join(folder, 'a.qa.jsonl');
  const rows = new Rows();
  const line = fc.constantFrom('', '  ', '{"id":1}', '{"id":"ü"}', '"three"');
  await forAllAsync(
    [fc.array(line), fc.integer({ min: 1, max: 12 }), fc.integer({ min: -12, max: 12 })],
    { numRuns: 60 },
    async (lines, at, by) => {
      writeFileSync(path, lines.join('\n'));
      const document = {
        lineCount: Math.max(lines.length, 1),
        lineAt: (n: number) => ({
          text: lines[n] ?? '',
          isEmptyOrWhitespace: (lines[n] ?? '').trim() === '',
        }),
      };
      expect(await rows.find({ path, line: at, by })).toEqual(findInDocument(document, at, by));
    },
  );
});

test('property: readRow: reads rows with any field values', async () => {
  const fields = [
    'choices',
    'boxes',
    'points',
    'masks',
    'box_format',
    'scene_graph',
    'meta',
    'variants',
    'reasoning',
  ];
  const junk = fc.dictionary(fc.constantFrom(...fields), fc.jsonValue({ maxDepth: 3 }));
  const graph = fc.record({ objects: fc.jsonValue(), relations: fc.jsonValue() });
  const rows = new PairRows();
  await forAllAsync([junk, fc.option(graph)], { numRuns: 300 }, async (change, scene_graph) => {
    const row = {
      id: 'a',
      question: 'Is it left?',
      answer: 'Yes',
      images: [],
      ...change,
      ...(scene_graph && { scene_graph }),
    };
    const { sample, problems, mirror } = await rows.read({ text: JSON.stringify(row), place: null });
    if (sample) expect(mirror).not.toBeNull();
    else expect(problems).not.toEqual([]);
  });
});

test('imageType: detects the format from the bytes', () => {
  const type = (hex: string) => imageType(Buffer.from(hex, 'hex'));
  expect(type('89504e470d0a1a0a')).toBe('image/png');
  expect(type('524946461234567857454250')).toBe('image/webp');
  expect(() => type('49492a0008000000')).toThrow('TIFF images. Convert the image to PNG or JPEG.');
  expect(() => type('3c7376672078')).toThrow('SVG');
  expect(() => type('')).toThrow('empty');
  expect(() => type('00112233')).toThrow('Unknown image format');
  const decoded = readFileSync('test/fixtures/themes/dark.json');
  expect(() => imageType(decoded)).toThrow('Unknown image format');
});

test('summarise: describes a check in one sentence', () => {
  const result = (change: Partial<CheckResult>): CheckResult => ({
    rows: 1200,
    badRows: 0,
    errors: 0,
    warnings: 0,
    pictures: true,
    problems: [],
    ...change,
  });
  const looked = ' Chirality did not decode images. To decode images, run chirality data check --images.';
  expect(summarise(result({}))).toBe(`1,200 rows, no problems.${looked}`);
  expect(summarise(result({ pictures: false }))).toContain('Chirality did not check images');
  expect(summarise(result({ rows: 0 }))).toBe('the file has no rows.');
  expect(summarise(result({ badRows: 2, errors: 1, warnings: 2, problems: Array(3) as never }))).toBe(
    `1 error and 2 warnings in 2 of 1,200 rows.${looked}`,
  );
  expect(summarise(result({ badRows: 1100, errors: 1500, problems: Array(1000) as never }))).toBe(
    `1,500 errors in 1,100 of 1,200 rows. The Problems view lists the first 1,000.${looked}`,
  );
});
