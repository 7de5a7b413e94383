import type { Observation } from '../../../src/core/worlds/observation.ts';
import { FORMS } from '../../../src/core/worlds/questions/ask.ts';
import type { Family, Question, Style } from '../../../src/core/worlds/questions/question.ts';

/** Every question that can be asked about an observation: all families, forms, poles, wordings and solids. */
export function everyQuestion(o: Observation, style: Style): Question[] {
  return Object.entries(FORMS).flatMap(([family, forms]) =>
    Object.entries(forms).flatMap(([form, { compact, wordings, candidates }]) => {
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
