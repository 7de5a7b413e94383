import { describe, expect, it } from 'vitest';
import { parseSample } from '../../../../../src/core/spatial/parse-sample.ts';
import {
  isMirrored,
  isViewId,
  PAIR,
  unknownView,
  VIEW_IDS,
  viewLabel,
  viewOf,
  VIEWS,
} from '../../../../../src/core/spatial/views/list.ts';
import { inView } from '../../../../../src/core/spatial/views/view.ts';

const { sample } = parseSample({
  id: 'a',
  question: 'Is the cup left of the plate?',
  answer: 'Yes',
  images: [{ w: 640, h: 480 }],
});

describe('the list of views', () => {
  it('names each view once, and each rewrite', () => {
    const variants = VIEWS.flatMap(({ variant }) => variant ?? []);
    expect(new Set(VIEW_IDS).size).toBe(VIEWS.length);
    expect(new Set(variants).size).toBe(variants.length);
    expect(VIEWS.filter(({ variant }) => variant === null).map(({ id }) => id)).toEqual(['original']);
  });

  it('says of an unknown id which ones there are', () => {
    expect(isViewId('orbit:90')).toBe(false);
    expect(isViewId('constructor')).toBe(false);
    expect(unknownView('orbit:90')).toBe('Unknown view "orbit:90": use original, mirror or polarity.');
  });

  it('tells how a picture is drawn, and what rows are called', () => {
    expect(VIEW_IDS.filter(isMirrored)).toEqual(['mirror']);
    expect([...PAIR, 'polarity', 'both', 'orbit:90'].map(viewLabel)).toEqual([
      'originals',
      'mirrors',
      'polarity flips',
      'both views right',
      'orbit:90',
    ]);
  });

  it('has the row in every view: the stored rewrite before that of the rules, and none that is not trusted', () => {
    const questions = Object.fromEntries(VIEW_IDS.map((id) => [id, inView(sample!, id)?.question]));
    expect(questions).toEqual({
      original: 'Is the cup left of the plate?',
      mirror: 'Is the cup right of the plate?',
      polarity: 'Is the cup right of the plate?',
    });
    for (const id of VIEW_IDS) {
      const { variant } = viewOf(id);
      if (variant === null) continue;
      const written = { route: 'human', rules: [], checks: {}, question: 'Is it left?', answer: 'No' };
      const stored = (status: string) =>
        inView({ ...sample!, variants: { [variant]: { ...written, status } } }, id)?.question;
      expect([stored('flipped'), stored('needs_llm')]).toEqual(['Is it left?', undefined]);
    }
  });
});
