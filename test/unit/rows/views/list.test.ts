import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import {
  isViewId,
  PAIR,
  unknownView,
  VIEW_IDS,
  viewLabel,
  viewOf,
  VIEWS,
} from '../../../../src/rows/view-list.ts';
import { inView } from '../../../../src/rows/views/view.ts';

const { sample } = parseSample({
  id: 'a',
  question: 'Is the cup left of the plate?',
  answer: 'Yes',
  images: [{ w: 640, h: 480 }],
});

describe('list of views', () => {
  it('the list of views contains each view and each variant once', () => {
    const variants = VIEWS.flatMap(({ variant }) => variant ?? []);
    expect(new Set(VIEW_IDS).size).toBe(VIEWS.length);
    expect(new Set(variants).size).toBe(variants.length);
    expect(VIEWS.filter(({ variant }) => variant === null).map(({ id }) => id)).toEqual(['original']);
  });

  it('rejects an unknown view id, and lists the available views', () => {
    expect(['orbit:90', 'mirror+converse', 'permute-options:3'].map(isViewId)).toEqual([true, true, true]);
    expect(['orbit:450', 'flip+mirror', 'permute-options', 'spin'].map(isViewId)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(isViewId('constructor')).toBe(false);
    expect(['mirror/keep', 'mirror/keep+converse', 'flip+mirror/keep'].map(isViewId)).toEqual([
      true,
      false,
      false,
    ]);
    expect(unknownView('spin')).toMatch(
      /^Unknown view "spin"\. Use original, mirror, polarity, mirror\/keep, rotate:180, .* imagine:orbit:90, or a scene view such as orbit:90\.$/,
    );
  });

  it('parses a view id once into its parts', () => {
    const view = viewOf('crop:0,0,0.5,1+mirror+permute-options:3');
    expect(viewOf('crop:0,0,0.5,1+mirror+permute-options:3')).toBe(view);
    expect(view.parts.map(({ kind, entry, parameter }) => [kind, entry?.id, parameter])).toEqual([
      ['pixels', undefined, ''],
      ['pixels', 'mirror', ''],
      ['text', 'permute-options', '3'],
    ]);
    expect(view.resamples).toEqual([{ op: 'crop', box: [0, 0, 0.5, 1] }]);
    const drawn = ['orbit:90+mirror', 'imagine:orbit:90', 'mirror'].map((id) => viewOf(id).isDrawn);
    expect(drawn).toEqual([true, true, false]);
    const own = ['orbit:90', 'mirror+reverse', 'imagine:orbit:90'].map((id) => viewOf(id).hasOwnPictures);
    expect(own).toEqual([true, true, false]);
  });

  it('reports whether a view is mirrored, and the label of its rows', () => {
    expect(VIEW_IDS.filter((id) => viewOf(id).isMirrored)).toEqual(['mirror', 'mirror/keep']);
    expect([...PAIR, 'polarity', 'both', 'orbit:90', 'spin'].map(viewLabel)).toEqual([
      'originals',
      'mirrors',
      'opposite questions',
      'both views correct',
      'orbit:90',
      'spin',
    ]);
  });

  it('inView: prefers the stored variant to the rules, and omits untrusted variants', () => {
    const ids = [
      'original',
      'mirror',
      'polarity',
      'mirror/keep',
      'converse',
      'exchange-names',
      'mirror+converse',
      'rotate:180',
    ];
    const questions = Object.fromEntries(ids.map((id) => [id, inView(sample!, id)?.question]));
    expect(questions).toEqual({
      original: 'Is the cup left of the plate?',
      mirror: 'Is the cup right of the plate?',
      polarity: 'Is the cup right of the plate?',
      'mirror/keep': 'Is the cup left of the plate?',
      converse: 'Is the plate right of the cup?',
      'exchange-names': 'Is the plate left of the cup?',
      'mirror+converse': 'Is the plate left of the cup?',
      'rotate:180': undefined,
    });
    for (const id of ids.slice(1)) {
      const written = { route: 'human', rules: [], checks: {}, question: 'Is it left?', answer: 'No' };
      const own = id === 'mirror' || id === 'polarity';
      const stored = (status: string) => {
        const one = { [id]: { ...written, status } };
        return inView({ ...sample!, variants: own ? one : { views: one } } as Sample, id)?.question;
      };
      expect([stored('flipped'), stored('needs_llm')]).toEqual(['Is it left?', undefined]);
    }
  });
});
