import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkSample } from '../../../../src/rows/sample/check-sample.ts';
import { OPTIONAL_FIELDS, parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import type { Sample, Variant } from '../../../../src/rows/sample/sample.ts';
import { forAll } from '../../../support/property.ts';

const row = { id: 'a', question: 'Which?', answer: 'left' };
const variant = { status: 'flipped', question: 'q', answer: 'a', route: 'rules', rules: [], checks: {} };

it('docs/reference.md lists every optional field of a row', () => {
  const page = readFileSync('docs/reference.md', 'utf8');
  const table = page.slice(page.indexOf('\n## Sample'), page.indexOf('\n### Image reference'));
  const names = [...table.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
  expect(names).toEqual(expect.arrayContaining(OPTIONAL_FIELDS));
});

describe('parseSample', () => {
  it('parseSample accepts every documented field, and keeps unknown fields', () => {
    const full = {
      ...row,
      reasoning: 'because',
      choices: ['left', 'right'],
      images: [
        'a.png',
        { path: 'b.png', w: 4, h: 3 },
        { parquet: 'c', column: 'image', row: 0 },
        { w: 1, h: 2 },
        { video: 'd.mp4', frame: 0, frames: 2 },
      ],
      clip: { fps: 4, times_s: [0, 1, 2, 3, 4] },
      video: { path: 'd.mp4', frames: 2 },
      boxes: [[0, 0, 1, 1]],
      points: [[0, 1]],
      masks: [{ size: [3, 4], counts: 'abc' }, [[0, 0, 1, 1, 2, 2]]],
      box_format: 'xyxy_norm',
      task: 'mcq',
      scene_graph: { version: 1, objects: [], relations: [] },
      source: 'here',
      meta: { depths: { a: 1 } },
      variants: { mirror: variant, polarity: { ...variant, status: 'needs_info' } },
      mine: { deep: [null] },
      empty: null,
    };
    expect(parseSample(full)).toEqual({ sample: full, problems: [] });
  });

  it('reads a single image, numbers as text, and null as an absent value', () => {
    expect(parseSample({ ...row, id: 7, answer: 3, image: 'a.png', boxes: null, meta: null }).sample).toEqual(
      { ...row, id: '7', answer: '3', images: ['a.png'] },
    );
    expect(parseSample(row).sample?.images).toEqual([]);
  });

  it.each([
    [{ answer: undefined }, 'missing', 'answer'],
    [{ question: '  ' }, 'empty', 'question'],
    [{ question: ['x'] }, 'not-text', 'question'],
    [{ choices: ['a', 1] }, 'choices', 'choices'],
    [{ images: 'a.png' }, 'images', 'images'],
    [{ images: ['a.png', ''] }, 'image', 'images[1]'],
    [{ images: [{ w: 3 }] }, 'image', 'images[0]'],
    [{ images: [{ path: 3 }] }, 'image', 'images[0]'],
    [{ images: [{ parquet: 'x', column: 'image' }] }, 'image', 'images[0]'],
    [{ images: [{ parquet: 'x', column: 'image', row: -1 }] }, 'image', 'images[0]'],
    [{ images: [{ path: 'a', w: 0 }] }, 'image-size', 'images[0].w'],
    [{ boxes: [[1, 2], [1, null]] }, 'boxes', 'boxes[1]'], // prettier-ignore
    [{ boxes: [1] }, 'boxes', 'boxes[0]'],
    [{ points: [[]] }, 'points', 'points[0]'],
    [{ masks: [{ counts: 'x' }] }, 'masks', 'masks'],
    [{ box_format: 'xyxy' }, 'box-format', 'box_format'],
    [{ scene_graph: 'x' }, 'scene-graph', 'scene_graph'],
    [{ meta: [] }, 'meta', 'meta'],
    [{ variants: { mirror: { ...variant, status: 'fine' } } }, 'variant-status', 'variants.mirror.status'],
    [{ variants: { polarity: { ...variant, answer: null } } }, 'missing', 'variants.polarity.answer'],
    [{ variants: { mirror: { ...variant, boxes: [['x']] } } }, 'boxes', 'variants.mirror.boxes[0]'],
  ])('parseSample rejects %j with an error code and path', (change, code, path) => {
    const { sample, problems } = parseSample({ ...row, ...change });
    expect(sample).toBeNull();
    expect(problems.map((p) => [p.severity, p.code, p.path])).toEqual([['error', code, path]]);
  });

  it('parseSample reports every error of a row', () => {
    expect(parseSample({ boxes: [[NaN]], images: 3 }).problems.map((p) => p.path)).toEqual([
      'images',
      'id',
      'question',
      'answer',
      'boxes[0]',
    ]);
  });

  it('property: parseSample: never throws', () => {
    const near = fc.record(
      Object.fromEntries(
        ['id', 'question', 'answer', 'images', 'boxes', 'masks', 'meta', 'variants', 'choices'].map((key) => [
          key,
          fc.jsonValue(),
        ]),
      ),
      { requiredKeys: [] },
    );
    forAll([fc.oneof(fc.jsonValue(), near)], (value) => {
      const { sample, problems } = parseSample(value);
      expect(sample === null).toBe(problems.some((p) => p.severity === 'error'));
    });
  });
});

describe('checkSample', () => {
  const sample: Sample = { ...row, images: [{ path: 'a.png', w: 100, h: 50 }] };
  it.each<[Partial<Sample>, string[]]>([
    [{}, []],
    [{ choices: ['left', 'right'] }, []],
    [{ choices: ['up', 'down'] }, ['answer-not-a-choice']],
    [{ choices: ['left', ' Left'] }, ['choices-repeat']],
    [{ question: '<image> and <image>?' }, ['placeholders']],
    [{ boxes: [[0, 0, 1, 1]] }, ['no-box-format']],
    [{ boxes: [[0, 0, 1]], box_format: 'xyxy_norm' }, ['box-length']],
    [{ boxes: [[90, 0, 101, 50]], box_format: 'xyxy_px' }, []],
    [{ boxes: [[90, 0, 102, 50]], box_format: 'xyxy_px' }, ['box-outside']],
    [{ boxes: [[90, 0, 10, 50]], box_format: 'xywh_px' }, []],
    [{ boxes: [[64, 38, 35, 50]], box_format: 'xyxy_px' }, ['box-corners']],
    [{ boxes: [[30, 30, 4, -9]], box_format: 'xywh_px' }, ['box-corners']],
    [{ boxes: [[10, 20, 30, 40]], box_format: 'xyxy_norm' }, ['box-outside']],
    [{ boxes: [[50, 1001]], box_format: 'point_1000' }, []],
    [{ boxes: [[50, 1010]], box_format: 'point_1000' }, ['point-outside']],
    [{ boxes: [[5, 5, 5, 9]], box_format: 'xyxy_px' }, ['box-empty']],
    [{ boxes: [[5, 5, 3, 0]], box_format: 'xywh_px' }, ['box-empty']],
    [{ points: [[99, 49]], box_format: 'xyxy_px' }, []],
    [{ points: [[99, 55]], box_format: 'xyxy_px' }, ['point-outside']],
    [{ points: [[0.5, 1.1]], box_format: 'point_norm' }, ['point-outside']],
    [{ points: [[1, 2, 3]], box_format: 'xyxy_px' }, ['point-length']],
    [{ boxes: [[90, 0, 500, 50]], box_format: 'xyxy_px', images: ['a.png'] }, []],
  ])('checkSample reports for the change %j the codes %j', (change, codes) => {
    expect(checkSample({ ...sample, ...change }).map((p) => p.code)).toEqual(codes);
  });

  const boxes = [[10, 10, 30, 30]];
  const mirror = {
    status: 'flipped',
    question: 'Q?',
    answer: 'right',
    route: 'rules',
    rules: [],
    checks: {},
  };
  it.each<[Partial<Sample>, object, string[]]>([
    [{}, {}, []],
    [{}, { question: ' ' }, ['empty']],
    [{}, { answer: '' }, ['empty']],
    [{}, { answer: '', status: 'needs_llm' }, []],
    [{ choices: ['left', 'right'] }, {}, []],
    [{ choices: ['left', 'right'] }, { answer: 'up' }, ['answer-not-a-choice']],
    [{ choices: ['left', 'right'] }, { choices: ['right', 'left', 'up'] }, ['choices-count']],
    [{}, { choices: ['right', 'left'] }, ['choices-count']],
    [{ boxes, box_format: 'xyxy_px' }, { boxes }, []],
    [{ boxes, box_format: 'xyxy_px' }, {}, ['geometry-lost']],
    [{ boxes, box_format: 'xyxy_px' }, { boxes: [[30, 10, 10, 30]] }, ['box-corners']],
    [{}, { review: { state: 'accepted' } }, []],
    [{}, { review: { state: 'acepted' } }, ['review-state']],
  ])('reports for row change %j and mirror change %j the codes %j', (change, mirrored, codes) => {
    const variants = { mirror: { ...mirror, ...mirrored } } as Sample['variants'];
    const problems = checkSample({ ...sample, ...change, ...(variants && { variants }) });
    expect(problems.map(({ code }) => code)).toEqual(codes);
  });

  it('isTrusted: rejects a variant with an unknown review state', () => {
    const review = { state: 'discraded' as never };
    expect(isTrusted({ ...mirror, review } as Variant)).toBe(false);
    expect(isTrusted(mirror as unknown as Variant)).toBe(true);
  });
});
