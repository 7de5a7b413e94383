import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipSeenBy, framesTaken } from '../../../../src/core/seen/clip-frames.ts';
import { FAMILIES, SHAPES, familyOf } from '../../../../src/core/seen/families.ts';
import { checkSight, sightOfRow } from '../../../../src/core/seen/row-sight.ts';
import { symmetricCanvas } from '../../../../src/core/seen/symmetric-canvas.ts';
import { seenBy, sightOf } from '../../../../src/core/seen/seen-map.ts';
import { sightNotes } from '../../../../src/lab/evaluation/sight-notes.ts';
import type { Xyxy } from '../../../../src/rows/sample/boxes.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { forAll, property } from '../../../support/property.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { rowLines } from '../../../support/rows.ts';

const known = Object.keys(FAMILIES).filter((name) => FAMILIES[name]!.rule);
const size = fc.record({ w: fc.integer({ min: 1, max: 6000 }), h: fc.integer({ min: 1, max: 6000 }) });

describe('symmetricCanvas', () => {
  const shapes = fc.record({ w: fc.integer({ min: 1, max: 2400 }), h: fc.integer({ min: 1, max: 2400 }) });

  property(
    'symmetricCanvas: contains the image centred, and makes the map symmetric',
    [fc.constantFrom(...known.filter((name) => name !== 'inkling')), shapes],
    (name, image) => {
      const found = symmetricCanvas(familyOf(name), image);
      if (seenBy(familyOf(name), image) === null) {
        expect(found).toBeNull();
        return;
      }
      const { canvas, size } = found!;
      expect([size.w - image.w, size.h - image.h].every((x) => x === 0 || x === 1)).toBe(true);
      expect([(canvas.w - size.w) % 2, (canvas.h - size.h) % 2]).toEqual([0, 0]);
      const { crop, fill } = seenBy(familyOf(name), canvas)!;
      expect([fill[0], fill[1]]).toEqual([fill[2], fill[3]]);
      expect(crop[0] + crop[2]).toBeCloseTo(canvas.w, 6);
      expect(crop[1] + crop[3]).toBeCloseTo(canvas.h, 6);
    },
  );

  it('symmetricCanvas equals the image for symmetric families, and is null for inkling', () => {
    expect(symmetricCanvas(familyOf('qwen2.5-vl'), { w: 437, h: 331 })).toMatchObject({
      canvas: { w: 437, h: 331 },
    });
    // 16 patches of 28 pixels, and 12.
    expect(symmetricCanvas(familyOf('kimi-k2.5'), { w: 437, h: 331 })).toEqual({
      canvas: { w: 448, h: 336 },
      size: { w: 438, h: 332 },
    });
    expect(symmetricCanvas(familyOf('inkling'), { w: 640, h: 480 })).toBeNull();
  });
});

describe('rules of model families', () => {
  // The shapes were measured at processors (test/python/seen_families.py), not computed.
  it.each(known)('rules of model families match the measured shapes of %s', (name) => {
    for (const [i, { w, h }] of SHAPES.entries()) {
      const measured = FAMILIES[name]!.shapes[i]!;
      const map = seenBy(familyOf(name), { w, h })!;
      expect([map.size, map.fill, map.reason]).toEqual([measured.size, measured.fill, measured.reason]);
      const scale = Math.max(1, (map.crop[2] - map.crop[0]) / map.size.w);
      map.crop.forEach((x, k) => expect(Math.abs(x - measured.crop[k]!)).toBeLessThan(0.75 * scale));
      expect(Math.abs(map.shift - measured.shift)).toBeLessThan(0.75 * scale);
    }
  });

  property(
    'families return the same map for the mirror, and a crop inside the image',
    [fc.constantFrom(...known), size],
    (name, { w, h }) => {
      const map = seenBy(familyOf(name), { w, h });
      if (!map) return;
      const [x1, y1, x2, y2] = map.crop;
      expect([x1 >= 0, y1 >= 0, x2 <= w, y2 <= h, x1 < x2, y1 < y2].every(Boolean)).toBe(true);
      // The mirrored crop is off by the shift, unless filler moves it more.
      expect(map.shift).toBeGreaterThanOrEqual(Math.abs(w - x2 - x1) - 1e-9);
      expect(map.shift === 0).toBe(map.reason === null);
    },
  );

  it('rules remove a quarter of 4:3 and half of 2:1 images by a centre crop', () => {
    const lost = (w: number, h: number) => {
      const { crop } = seenBy(familyOf('llava-1.5'), { w, h })!;
      return 1 - (crop[2] - crop[0]) / w;
    };
    expect(lost(640, 480)).toBeCloseTo(0.25, 2);
    expect(lost(1000, 500)).toBeCloseTo(0.5, 2);
  });

  it('rules reject side ratios above 200, like Qwen', () => {
    expect(seenBy(familyOf('qwen2.5-vl'), { w: 30_000, h: 10 })).toBeNull();
    expect(seenBy(familyOf('qwen2.5-vl'), { w: 2000, h: 10 })).not.toBeNull();
  });

  it('warns about families that shift the mirror relative to the original', async () => {
    const none = { sets: {}, root: '.', symmetric: false };
    expect((await sightNotes('kimi-k2.5', none))!.warnings[0]).toMatch(
      /^For kimi-k2.5, the inputs of an image and its mirror are up to 11 pixels apart/,
    );
    expect((await sightNotes('qwen2.5-vl', none))!.warnings).toEqual([]);
    expect((await sightNotes('kimi-k2.5', { ...none, symmetric: true }))!.warnings).toEqual([]);
  });

  it('warns about clips that a family receives as other frames when reversed, if sent as videos', async () => {
    const root = folderOfTests('chirality-seen-');
    const row = { question: 'Does it move?', answer: 'yes', clip: { fps: 30 }, answer_type: 'yesno' };
    const images = Array.from({ length: 33 }, (_, i) => `${i}.png`);
    const rows = [
      { ...row, id: 'a', images },
      { ...row, id: 'b', images: images.slice(0, 2) },
    ];
    await writeFile(join(root, 'clips.jsonl'), rowLines(rows));
    const sets = { sets: { clips: join(root, 'clips.jsonl') }, root, symmetric: true };
    const warnings = async (name: string, video: boolean) =>
      (await sightNotes(name, { ...sets, video }))!.warnings;
    expect(await warnings('glm-4.6v', false)).toEqual([]);
    // Without the middle frame, 32 frames in 1.1 seconds: six a second, at floor(i · 31 / 5).
    expect(await warnings('glm-4.6v', true)).toEqual([
      expect.stringMatching(
        /^glm-4.6v receives different frames of a clip and its reversal, or no frames, in 2 of 2 clips, .* remove --video. First clip: a: As one video, glm-4.6v receives 6 of 32 frames \(1, 7, 13, 19, 25, 32\)/,
      ),
    ]);
    expect(await warnings('qwen3-vl', true)).toEqual([]);
    expect(await warnings('llava-1.5', true)).toEqual([
      expect.stringContaining('llava-1.5 receives of a video are not known'),
    ]);
  });

  it('lists the known families in errors', () => {
    expect(() => familyOf('qwen9')).toThrow(/Model family "qwen9" is not known. Use one of .*llava-1.5/);
    expect(() => familyOf('constructor')).toThrow('is not known');
    expect(() => familyOf('molmo2')).toThrow('Measure the model');
  });
});

describe('frames of clips', () => {
  const at = (n: number, rate: number) => Array.from({ length: n }, (_, i) => i / rate);
  const taken = (name: string, n: number, rate: number | null) =>
    clipSeenBy(familyOf(name), n, rate === null ? null : at(n, rate))?.taken;

  // Measured at the processors of transformers 5.23.0 by their own samplers.
  it.each([
    ['qwen2.5-vl', 7, 30, [0, 1, 2, 3, 4, 5, 6, 6], true],
    ['qwen2.5-vl', 8, 4, [0, 1, 2, 3, 4, 5, 6, 7], false],
    ['qwen3-vl', 7, 30, [0, 2, 4, 6], false],
    ['qwen3-vl', 33, 30, [0, 11, 21, 32], false],
    ['cosmos3-edge', 8, 4, [0, 2, 5, 7], false],
    ['glm-4.1v', 7, 30, [0, 0], true],
    ['glm-4.1v', 33, 30, [0, 15], true],
    ['glm-4.6v', 33, 30, [0, 6, 12, 19, 25, 32], true],
    ['glm-5-next', 7, 30, [], true],
    ['kimi-k2.5', 33, 30, [0, 16], true],
    ['internvl', 3, 30, [0, 1, 2], false],
  ])('%s: takes of %i frames at %i a second %j', (name, n, rate, frames, differs) => {
    expect(taken(name, n, rate)).toEqual(frames);
    const clip: Sample = {
      id: 'c',
      question: 'Does it move?',
      answer: 'yes',
      images: Array.from({ length: n }, (_, i) => `${i}.png`),
      clip: { fps: rate },
    };
    const [problem] = checkSight(clip, undefined, name);
    expect(problem?.code).toBe(differs ? 'other-frames' : undefined);
    const once = [...new Set(frames)].map((i) => i + 1);
    const some = once.length > 0 && once.length < n ? ` (${once.join(', ')})` : '';
    if (differs) expect(problem!.message).toContain(`receives ${once.length} of ${n} frames${some}`);
  });

  it('are unknown without times, unless all are taken, and for families without videos', () => {
    expect(taken('qwen3-vl', 8, null)).toBeUndefined();
    expect(taken('qwen2.5-vl', 2, null)).toEqual([0, 1]);
    expect(taken('llava-1.5', 8, 4)).toBeUndefined();
    expect(taken('gemma-4', 7, 30)).toBeUndefined();
  });

  it('share the pixels of the clip in Qwen3-VL', () => {
    const sized = (n: number, rate: number, w: number, h: number) =>
      clipSeenBy(familyOf('qwen3-vl'), n, at(n, rate), { w, h })?.size;
    expect(sized(8, 4, 640, 480)).toEqual({ w: 512, h: 384 });
    expect(sized(40, 2, 320, 240)).toEqual({ w: 160, h: 96 });
  });

  it('property: are in order, of the clip, and in whole groups', () => {
    const rates = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
    forAll([fc.constantFrom(...known), fc.integer({ min: 1, max: 64 }), rates], (name, n, rate) => {
      const { clip } = FAMILIES[name]!;
      const frames = clip && framesTaken(clip, n, rate);
      if (!frames) return;
      expect(frames.every((frame, i) => frame >= (frames[i - 1] ?? 0) && frame < n)).toBe(true);
      expect(frames.length % clip.group).toBe(0);
      // Only the last frame is repeated.
      const once = new Set(frames).size;
      expect(frames.slice(once).every((frame) => frame === frames[once - 1])).toBe(true);
    });
  });
});

describe('visible part of a row', () => {
  const row = (more: Partial<Sample>): Sample => ({
    id: 'r',
    question: 'Is the cup left of the plate?',
    answer: 'yes',
    images: ['a.png'],
    ...more,
  });
  const image = { w: 640, h: 480 };
  const llava = seenBy(familyOf('llava-1.5'), image)!; // x 80–560
  const boxes = (...given: number[][]) => row({ boxes: given, box_format: 'xyxy_px' });

  it.each([
    [[10, 10, 60, 60], 'unseen'],
    [[570, 10, 630, 60], 'unseen'],
    [[60, 10, 120, 60], 'cut'],
    [[81, 10, 120, 60], 'whole'],
    [[300, 200, 305, 206], 'small'],
    [[300, 0, 306, 480], 'whole'],
  ])('the visible part of the box %j is: %s', (box, sight) => {
    expect(sightOfRow(boxes(box), image, llava)?.sight).toBe(sight);
    const mirrored = [640 - box[2]!, box[1]!, 640 - box[0]!, box[3]!];
    expect(sightOfRow(boxes(mirrored), image, llava)?.sight).toBe(sight);
  });

  it('the visible part is the worst result over all boxes and points, in any unit', () => {
    const found = sightOfRow(boxes([300, 100, 400, 200], [10, 10, 60, 60], [60, 10, 120, 60]), image, llava);
    expect([found?.sight, found?.places.map(({ name }) => name)]).toEqual(['unseen', ['boxes[1]']]);
    const norm = row({ boxes: [[0.01, 0.1, 0.09, 0.2]], box_format: 'xyxy_norm' });
    expect(sightOfRow(norm, image, llava)?.sight).toBe('unseen');
    expect(sightOfRow(row({ points: [[20, 20]], box_format: 'point_px' }), image, llava)?.sight).toBe(
      'unseen',
    );
    expect(sightOfRow(row({}), image, llava)).toBeNull();
  });

  it('the visible part includes the objects of the graph in the question', () => {
    const object = (label: string, box: Xyxy) => ({ id: label, label, box, box_format: 'xyxy_px' as const });
    const graph = (cup: Xyxy) =>
      row({
        scene_graph: {
          version: 1,
          image,
          objects: [
            object('cups', cup),
            object('plate', [300, 100, 400, 200]),
            object('lamp', [0, 0, 20, 20]),
          ],
          relations: [],
        },
      });
    expect(sightOfRow(graph([200, 100, 260, 200]), image, llava)?.sight).toBe('whole');
    expect(sightOfRow(graph([0, 100, 60, 200]), image, llava)).toMatchObject({
      sight: 'unseen',
      places: [{ name: 'cups' }],
    });
  });

  it('warns about a partly visible row with position and reason', () => {
    const [cut] = checkSight(boxes([60, 10, 120, 60]), image, 'llava-1.5');
    expect(cut).toMatchObject({ severity: 'warning', code: 'cut', path: 'boxes[0]' });
    expect(cut!.message).toBe(
      'For llava-1.5, boxes[0] is cut at the edge of the model’s image crop (x 80–560, y 0–480).',
    );
    expect(checkSight(boxes([60, 10, 120, 60]), image, 'qwen2.5-vl')).toEqual([]);
    expect(checkSight(boxes([60, 10, 120, 60]), undefined, 'llava-1.5')).toEqual([]);
  });

  property(
    'a visible row remains complete under a larger crop, and empty outside the crop',
    [
      fc.constantFrom(...known),
      size,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
    ],
    (name, { w, h }, [a, b, c, d]) => {
      const map = seenBy(familyOf(name), { w, h });
      if (!map) return;
      const [x1, x2] = [Math.min(a!, b!) * w, Math.max(a!, b!) * w];
      const [y1, y2] = [Math.min(c!, d!) * h, Math.max(c!, d!) * h];
      const sight = sightOf(map, [x1, y1, x2, y2]);
      const [left, top, right, bottom] = map.crop;
      const inside = x1 >= left && x2 <= right && y1 >= top && y2 <= bottom;
      const outside = x2 <= left || x1 >= right || y2 <= top || y1 >= bottom;
      if (inside && x1 < x2 && y1 < y2) expect(['whole', 'small']).toContain(sight);
      if (outside && x1 < x2 && y1 < y2 && !inside) expect(sight).toBe('unseen');
    },
  );
});
