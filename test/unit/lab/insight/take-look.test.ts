import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import {
  liftAt,
  mapAt,
  massAt,
  mirrorErrorAt,
  oddsThrough,
  relativeAt,
  relativeMassAt,
  shareAt,
  sourcesAt,
} from '../../../../src/core/insight/map-shares.ts';
import { mapOf, unpackMap } from '../../../../src/core/insight/maps.ts';
import type { Look } from '../../../../src/core/insight/look.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import type { EmbeddedTrainer } from '../../../../src/engines/embedded/embedded-engine.ts';
import { ImageFiles } from '../../../../src/lab/datasets/image-files.ts';
import { lookName, readLook, writeLook } from '../../../../src/lab/insight/look-folder.ts';
import { look, type LookQuestion } from '../../../../src/lab/insight/take-look.ts';
import { DIRECT, halves, QUESTION, tinyEngine } from '../../engines/tiny.ts';
import { folderOfTests } from '../../../support/folder.ts';

const engine = await tinyEngine();
const folder = folderOfTests('chirality-look-');
writeFileSync(join(folder, 'picture.raw'), halves('red', 'blue'));
const images = new ImageFiles(folder, folder);
afterAll(() => images.close());

const sample: Sample = {
  id: 'row 1/2',
  question: QUESTION,
  answer: 'red',
  choices: ['red', 'blue'],
  images: ['picture.raw'],
  scene_graph: {
    version: 1,
    image: { w: 80, h: 80 },
    relations: [],
    objects: [
      { id: 'o1', label: 'left half', box: [0, 0, 40, 80], box_format: 'xyxy_px' },
      { id: 'o2', label: 'dot', box: [0, 0, 4, 4], box_format: 'xyxy_px' },
      { id: 'o3', label: 'broken', box: [Number.NaN, 0, 4, 4], box_format: 'xyxy_px' },
    ],
  },
};

const question = (change: Partial<LookQuestion> = {}): LookQuestion => ({
  views: [
    { view: 'original', sample },
    { view: 'mirror', sample: { ...sample, answer: 'blue' } },
  ],
  images,
  strategy: DIRECT,
  maxTokens: 6,
  queries: ['colour'],
  layers: 'all',
  general: 'What does the picture show?',
  ...change,
});
const seen = async (): Promise<Look> => ({ ...(await look(engine, question())), model: 'tiny', step: 3 });

describe('attention analysis of a row', () => {
  it('look returns attention shares, sources and logit lens of both views with their shapes', async () => {
    const { views, layers, heads, words } = await seen();
    expect([layers, heads, words]).toEqual([[0, 1], 2, ['red', 'blue']]);
    for (const view of views) {
      expect(view.queries.map(({ name }) => name)).toEqual(['answer', 'last', 'left half', 'colour']);
      expect(view.objects.map(({ label, cells }) => [label, cells])).toEqual([
        ['left half', 2],
        ['dot', expect.closeTo(0.01, 5)],
      ]);
      expect(view.source_names).toEqual(['picture', 'question', 'its own words', 'rest of the prompt']);
      for (const head of [null, 0, 1])
        for (const layer of [0, 1]) {
          const which = { layer, head, query: 3 };
          const sources = sourcesAt(view, which);
          expect(sources.reduce((a, b) => a + b)).toBeCloseTo(1, 3);
          expect(sources[0]).toBeCloseTo(shareAt(view, which), 4);
          expect(liftAt(view, which, 0)).toBeCloseTo(2 * massAt(view, which, 0), 5);
        }
      expect(view.blocked.map(({ keys }) => keys)).toEqual(['picture', 'left half']);
      expect(view.lens).toHaveLength(4);
      expect(
        view.tokens
          .filter(({ of }) => of === 'prompt')
          .map(({ text }) => text)
          .join(' '),
      ).toBe('What colour is the left half ?');
    }
    const query = views[0]!.queries[3]!;
    expect(query.tokens.map((token) => views[0]!.tokens[token]!.text)).toEqual(['colour']);
  });

  it('separates options from the rest of the prompt', async () => {
    const strategy = { ...DIRECT, stages: [{ ...DIRECT.stages[0]!, user: '{question} red blue' }] };
    const { views } = await look(engine, question({ strategy }));
    for (const view of views) {
      expect(view.source_names).toEqual([
        'picture',
        'question',
        'options',
        'its own words',
        'rest of the prompt',
      ]);
      const sources = sourcesAt(view, { layer: 0, head: null, query: 0 });
      expect(sources[2]).toBeGreaterThan(0);
      expect(sources.reduce((a, b) => a + b)).toBeCloseTo(1, 3);
    }
  });

  it('ends the logit lens with the log-odds of the model output', async () => {
    const one = await seen();
    const [odds] = [oddsThrough(one, one.views[0]!)!.at(-1)!];
    const [red, blue] = one.views[0]!.lens.slice(-2);
    expect(odds).toBeCloseTo(red! - blue!, 4);
    const error = mirrorErrorAt(one, { layer: 0, head: null, query: 0 })!;
    expect([error.folded, error.unfolded].map((bits) => bits > 0 && bits < 1)).toEqual([true, true]);
  });

  it('divides maps by the maps of the image alone without a general prompt', async () => {
    const { general_prompt: text, views } = await seen();
    expect(text).toBe('');
    for (const view of views) {
      expect(view.general!.shape).toEqual([2, 2, 1, 4]);
      const which = { layer: 1, head: 0, query: 0 };
      const [map, general] = [mapAt(view, which), mapOf(unpackMap(view.general!, 2))];
      relativeAt(view, which)!.forEach((ratio, i) =>
        expect(ratio).toBeLessThan(map[i]! / general[i]! + 1e-5),
      );
      const { mass, lift } = relativeMassAt(view, which, 0)!;
      expect(lift).toBeCloseTo(2 * mass, 5);
    }
    // Queries do not change what is seen in general; the image does.
    const other = await look(engine, question({ queries: [] }));
    expect(other.views[0]!.general).toEqual(views[0]!.general);
    expect(views[1]!.general).not.toEqual(views[0]!.general);
  });

  it('look returns the same values for a subset of layers', async () => {
    const all = await seen();
    const last = await look(engine, question({ layers: [1] }));
    expect(last.layers).toEqual([1]);
    expect(massAt(last.views[0]!, { layer: 0, head: 1, query: 0 }, 0)).toBeCloseTo(
      massAt(all.views[0]!, { layer: 1, head: 1, query: 0 }, 0),
      5,
    );
  });
});

describe('look: rejection of a question before any request to the model', () => {
  const refused = async (change: Partial<LookQuestion>, sampler = engine as object) => {
    const complete = vi.spyOn(engine, 'complete');
    try {
      await look(sampler as EmbeddedTrainer, question(change));
      return 'It was answered.';
    } catch (error) {
      expect(complete).not.toHaveBeenCalled();
      return (error as Error).message;
    } finally {
      complete.mockRestore();
    }
  };

  it('look rejects a layer that does not exist by name', async () => {
    expect(await refused({ layers: [5] })).toContain('Layer 5 does not exist. The model has layers 0 to 1.');
  });

  it('look rejects a word that is not in the question by name', async () => {
    expect(await refused({ queries: ['violet'] })).toContain('"violet" is not in the question');
  });

  it('look rejects an engine without attention maps by name', async () => {
    const info = { ...engine.info(), engine: 'openai' as const, features: [] };
    expect(await refused({}, { info: () => info })).toContain(
      'The openai engine does not support attention maps.',
    );
  });
});

it('look: rejects a word in neither question nor answer, and shows the completion', async () => {
  await expect(look(engine, question({ queries: ['Look'] }))).rejects.toThrow(
    /"Look" is not in.*\n.*completion is/s,
  );
});

describe('readLook', () => {
  it('readLook returns the data that writeLook wrote, also after parallel writes', async () => {
    const one = await seen();
    const dir = join(folder, 'insight', lookName(one.id, one.step, { of: 1 }));
    expect(dir).toMatch(/look-row-1-2-step-3-[0-9a-f]{8}$/);
    // Also where several do so at once.
    await Promise.all(Array.from({ length: 8 }, () => writeLook(dir, one, { of: 1 })));
    expect(JSON.parse(JSON.stringify(await readLook(dir)))).toEqual(JSON.parse(JSON.stringify(one)));
    expect(lookName(one.id, one.step, { of: 2 })).not.toBe(lookName(one.id, one.step, { of: 1 }));
  });

  it.each([
    ['arrays.bin', (file: Buffer) => file.subarray(0, 10), 'arrays.bin'],
    [
      'rows.jsonl',
      (file: Buffer) => Buffer.from(file.toString().replace('"share":[', '"share":["x",')),
      'share',
    ],
    [
      'rows.jsonl',
      (file: Buffer) => Buffer.from(file.toString().replace('"share":[', '"share":[1,')),
      'as long',
    ],
    ['rows.jsonl', () => Buffer.from('7\n'), 'rows.jsonl'],
    ['manifest.json', () => Buffer.from('{"version":1}'), 'version'],
    ['manifest.json', () => Buffer.from('null'), 'manifest.json'],
  ])('readLook rejects a damaged %s with a clear message', async (name, damage, words) => {
    const one = await seen();
    const dir = join(folder, 'insight', `damaged-${words}`);
    await writeLook(dir, one, {});
    writeFileSync(join(dir, name), damage(readFileSync(join(dir, name))));
    await expect(readLook(dir)).rejects.toThrow(words);
  });
});
