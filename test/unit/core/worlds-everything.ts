import type { Observation } from '../../../src/core/worlds/observation.ts';
import { FORMS } from '../../../src/core/worlds/questions/question-forms.ts';
import {
  other,
  type Family,
  type Question,
  type Style,
} from '../../../src/core/worlds/questions/question.ts';

/** Families and forms that are about left and right. */
const CHIRAL = [
  'side',
  'own-side',
  'between',
  'ordinal/side',
  'count/side',
  'box/extreme',
  'plane/side',
  'plane/which-side',
];

/** The same question for the mirrored world. */
export const mirrorQuestion = (q: Question): Question =>
  [q.family, `${q.family}/${q.form}`].some((kind) => CHIRAL.includes(kind))
    ? { ...q, pole: other(q.pole) }
    : q;

/** Every question that can be asked about an observation: all families, forms, poles, wordings and objects. */
export function everyQuestion(o: Observation, style: Style): Question[] {
  return Object.entries(FORMS).flatMap(([family, forms]) =>
    Object.entries(forms).flatMap(([form, { compact, wordings = 1, candidates }]) => {
      if (style === 'compact' && !compact) return [];
      const count = style === 'compact' ? 1 : wordings;
      return ([0, 1] as const).flatMap((pole) =>
        candidates(o, style, pole).flatMap((objects) =>
          Array.from({ length: count }, (_, wording): Question => ({
            family: family as Family,
            form,
            pole,
            wording,
            objects,
          })),
        ),
      );
    }),
  );
}
