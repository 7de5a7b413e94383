import { asksOf } from '../worlds/acuity/axes.ts';
import { type AcuityAxis, type MapAxis } from '../worlds/acuity/words.ts';
import { type AcuityAnswer, isTrusted, measure, scenesOf } from './measure.ts';
import { ACUITY_KIND, type AcuityRecord, type AnyAcuityRecord, MAP_KIND, type MapRecord } from './record.ts';
import { measureMetres } from './scale.ts';
import { measureMap, measureTurn } from './shares.ts';

type About = Pick<
  AcuityRecord,
  'model' | 'run' | 'step' | 'plan' | 'rows_sha256' | 'answers' | 'unread_answers' | 'versions'
>;

/**
 * The record of a measurement, with what its figures are about.
 * @param backdrop of a map: the picture of its scene, and the shares of its height between which cells lie
 */
export function acuityRecord(
  answers: readonly AcuityAnswer[],
  { whole, ...about }: About & Pick<AcuityRecord, 'whole'>,
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
  return curveRecord(answers, { ...head, ...(whole && { whole }) }, axis, ways);
}

function curveRecord(
  answers: readonly AcuityAnswer[],
  head: About & Pick<AcuityRecord, 'version' | 'whole'>,
  axis: AcuityAxis,
  ways: number,
): AcuityRecord {
  const figures = measure(answers, ways);
  return {
    kind: ACUITY_KIND,
    ...head,
    axis,
    trusted: isTrusted(figures),
    ...figures,
    scenes: scenesOf(answers),
  };
}
