import { createHash } from 'node:crypto';
import { appendFile, copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TracedPair } from '../../../../src/core/run-data/trace.ts';
import { ForeignRun, type ForeignState } from '../../../../src/lab/foreign/foreign-run.ts';
import { viewPictures } from '../../../../src/cli/write-pair-figure.ts';
import { decodeImage } from '../../../../src/lab/images/decode.ts';
import { pairImage } from '../../../../src/lab/traces/pair-image.ts';
import { folderOfTests } from '../../../support/folder.ts';

const FIXTURES = new URL('../../../fixtures/foreign-runs/', import.meta.url).pathname;
const scratch = folderOfTests('notes-');

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
const pairsOf = async ({ batches }: ForeignState): Promise<TracedPair[]> =>
  (await Promise.all(batches.map((batch) => batch.pairs()))).flat();
const missing = ({ origin }: ForeignState) => origin.missing.map(({ field }) => field);

interface Noted {
  step: number | null;
  question: string | null;
  id: string | null;
  view: 'original' | 'mirror' | null;
  images: string[];
  /** By the text of the completion: equal ones are equally right. */
  right: (text: string) => boolean | null;
}

/** The notes that the Python package would have written next to a run, of the groups as they stand in its files. */
async function noted(dir: string, of: (pair: TracedPair, at: number) => Noted): Promise<ForeignState> {
  const before = await pairsOf(await new ForeignRun(dir).read());
  const lines = before.flatMap((pair, at) =>
    pair.views[0]!.group.map(({ segments }) => {
      const { right, ...note } = of(pair, at);
      return `${JSON.stringify({ ...note, completion: hash(segments[0]!.text), right: right(segments[0]!.text) })}\n`;
    }),
  );
  const file = join(dir, 'chirality-notes', `notes-${hash(dir)}.jsonl`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, lines.join(''));
  return new ForeignRun(dir).read();
}

let copies = 0;
const copy = async (name: string) => {
  const dir = join(scratch, `${copies++}`);
  await cp(join(FIXTURES, name), dir, { recursive: true });
  return dir;
};

describe('notes next to the files of another trainer', () => {
  test.each(['trl-1.16', 'ms-swift-4.6/v0-20261121-020121', 'verl-0.9'])(
    '%s: notes provide row ids, views, images and correctness',
    async (name) => {
      const dir = await copy(name);
      const groups = await pairsOf(await new ForeignRun(dir).read());
      const picture = `${hash('picture')}.png`;
      const mirrored = `${hash('mirrored')}.png`;
      const state = await noted(dir, (_, at) => ({
        step: null,
        question: null,
        id: `row-${Math.floor(at / 2)}`,
        view: at % 2 === 0 ? 'original' : 'mirror',
        // Each view has the image that was shown: the mirror's is mirrored already.
        images: [at % 2 === 0 ? picture : mirrored],
        right: (text) => at % 2 === 0 || text.length % 2 === 0,
      }));
      expect(state.problems).toEqual([]);
      expect(missing(state)).not.toContain('trace.images');
      expect(missing(state)).not.toContain('trace.right');
      const pairs = await pairsOf(state);
      const whole = pairs.filter(({ views }) => views.length === 2);
      expect(whole.length).toBeGreaterThan(0);
      for (const { sample, views, verdict } of whole) {
        // Viewers mirror the image of a mirror, so both views name the row's own.
        const own = `chirality-notes/images/${picture.slice(0, 2)}/${picture}`;
        expect(views.map(({ images }) => images)).toEqual([[own], [own]]);
        expect(sample).toMatch(/^row-\d+$/);
        expect(views.map(({ view }) => view)).toEqual(['original', 'mirror']);
        expect(views[0]!.group.every(({ right }) => right === true)).toBe(true);
        const evens = views[1]!.group.map(({ segments }) => segments[0]!.text.length % 2 === 0);
        expect(views[1]!.group.map(({ right }) => right)).toEqual(evens);
        const mostly = evens.filter(Boolean).length > evens.length / 2;
        expect(verdict).toBe(mostly ? 'consistent' : 'only_original');
      }
      // Nothing is lost, and nothing is there twice.
      const texts = (all: readonly TracedPair[]) =>
        all.flatMap(({ views }) =>
          views.flatMap(({ group }) => group.map(({ segments }) => segments[0]!.text)),
        );
      expect(texts(pairs).sort()).toEqual(texts(groups).sort());
      const [ref] = whole[0]!.views[0]!.images;
      expect(ref).toBe(`chirality-notes/images/${picture.slice(0, 2)}/${picture}`);
      await mkdir(dirname(join(dir, ref as string)), { recursive: true });
      await copyFile(join(FIXTURES, 'data/images/000001.png'), join(dir, ref as string));
      const bytes = await pairImage({ run: dir, source: undefined }, null, ref!, []);
      expect(Buffer.from(bytes).equals(await readFile(join(FIXTURES, 'data/images/000001.png')))).toBe(true);
      // A figure shows the row's image, and its mirror image once: not mirrored again.
      const shown = await viewPictures(
        { pair: { kind: 'trained', ...whole[0]! }, place: { run: dir, source: undefined } },
        undefined,
      );
      const [own, mirror] = await Promise.all(shown.map((png) => decodeImage(png)));
      const { width, height, data } = await decodeImage(bytes);
      const flipped = new Uint8Array(data.length);
      for (let at = 0; at < width * height; at++) {
        const from = at - (at % width) + (width - 1 - (at % width));
        flipped.set(data.subarray(3 * from, 3 * from + 3), 3 * at);
      }
      expect(Buffer.from(own!.data).equals(data)).toBe(true);
      expect(Buffer.from(mirror!.data).equals(flipped)).toBe(true);
      expect(Buffer.from(mirror!.data).equals(data)).toBe(false);
    },
  );

  test('ambiguous notes are ignored, and only the newest note before a step counts', async () => {
    const dir = await copy('trl-1.16');
    const note = (pair: TracedPair, id: string, step: number): Noted => ({
      step,
      question: hash(pair.views[0]!.question),
      id,
      view: null,
      images: [],
      right: () => null,
    });
    const state = await noted(dir, (pair, at) => note(pair, `row-${at}`, pair.step - 1));
    const samples = (await pairsOf(state)).map(({ sample }) => sample);
    expect(samples).toEqual(samples.map((_, at) => `row-${at}`));
    expect(missing(state)).toContain('trace.right');
    // The same texts again, in a later step and of another row: that is another step's note.
    const file = join(dir, 'chirality-notes', `notes-${hash('later')}.jsonl`);
    const [first] = await pairsOf(state);
    const lineOf = (id: string, step: number) =>
      first!.views[0]!.group.map(
        ({ segments }) =>
          `${JSON.stringify({ ...note(first!, id, step), completion: hash(segments[0]!.text), right: null })}\n`,
      );
    await writeFile(file, lineOf('later', 7).join(''));
    expect((await pairsOf(await new ForeignRun(dir).read()))[0]!.sample).toBe('row-0');
    // Of the same step: nobody can tell which of both it was.
    await appendFile(file, lineOf('other', 0).join(''));
    expect((await pairsOf(await new ForeignRun(dir).read()))[0]!.sample).toBe('1/0');
  });

  test('invalid notes are reported, and must not name images outside the folder', async () => {
    const dir = await copy('trl-1.16');
    const file = join(dir, 'chirality-notes', `notes-${hash('bad')}.jsonl`);
    await mkdir(dirname(file), { recursive: true });
    const bad = { step: 0, completion: hash(''), question: null, id: null, view: null, right: null };
    await writeFile(file, `${JSON.stringify({ ...bad, images: ['../../secret.png'] })}\n{"step": -1}\n`);
    expect((await new ForeignRun(dir).read()).problems).toEqual([
      `chirality-notes/notes-${hash('bad')}.jsonl:1 is not a note.`,
      `chirality-notes/notes-${hash('bad')}.jsonl:2 is not a note.`,
    ]);
  });
});
