import { asksOf } from '../worlds/acuity/axes.ts';
import { type MapAxis } from '../worlds/acuity/acuity-axes.ts';
import { type Scene, type AcuityAnswer } from './likelihood.ts';
import { answersOf, isTrusted, measure } from './measure.ts';
import {
  ACUITY_KIND,
  type AcuityRecord,
  type AnyAcuityRecord,
  MAP_KIND,
  type MapRecord,
} from './acuity-record.ts';
import { measureMetres } from './scale.ts';
import { measureMap, measureTurn } from './shares.ts';

type About = Pick<
  AcuityRecord,
  'model' | 'run' | 'step' | 'plan' | 'rows_sha256' | 'answers' | 'unread_answers' | 'versions'
>;

/**
 * Builds the record of a measurement, with the settings of the measurement.
 * @param backdrop for a map: image of the scene, and top and bottom of the cells as shares of the image's height
 */
export function acuityRecord(
  answers: readonly AcuityAnswer[],
  { whole, asymptotes = 'equal', ...about }: About & Partial<Pick<AcuityRecord, 'whole' | 'asymptotes'>>,
  backdrop: Pick<MapRecord, 'picture' | 'top' | 'bottom'> = { picture: null, top: 0, bottom: 1 },
): AnyAcuityRecord {
  const { axis, map } = about.plan;
  const ways = asksOf(about.plan).length;
  const head = { version: 1, ...about } as const;
  if (map) {
    const figures = measureMap(answers);
    const where = { axis: axis as MapAxis, ...map, ...backdrop };
    return { kind: MAP_KIND, ...head, ...where, trusted: isTrusted(figures), ...figures };
  }
  if (axis === 'turn') {
    const figures = measureTurn(answers, ways);
    return { kind: 'chirality-acuity-turn', ...head, axis, trusted: isTrusted(figures), ...figures };
  }
  if (axis === 'metres') {
    const figures = measureMetres(answers);
    return { kind: 'chirality-acuity-metres', ...head, axis, trusted: isTrusted(figures), ...figures };
  }
  const { habits, scenes } = answersOf(answers);
  const figures = measure(answers, ways, asymptotes);
  const curve = {
    axis,
    trusted: isTrusted(figures),
    ...figures,
    habits: [...habits],
    scenes: scenes.map(toList),
  };
  return { kind: ACUITY_KIND, ...head, ...(whole && { whole }), ...curve };
}

const toList = ({ block, x, answers }: Scene) => ({
  block,
  x,
  answers: answers.map((answer) => [...answer]),
});
