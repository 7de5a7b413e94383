import { LENGTHS, type LengthUnit } from '../sample/lengths.ts';
import { readMeasures } from './numbers.ts';
import { findQuantities, quantityAsked } from './quantities.ts';

/** An area read from an answer, in square metres, and the length whose square is its unit. */
interface Area {
  m2: number;
  unit: LengthUnit;
}

/**
 * Reads an area: that which a question asks for, or else the last number with a unit of area (m², sq ft, square meters),
 * a range as its midpoint. A number without any unit counts if it is the only one, in squares of `unit`; a length is not
 * an area. Null if there is none.
 */
export function parseArea(text: string, unit: LengthUnit = 'm', question = ''): Area | null {
  const tokens = readMeasures(text);
  const quantities = findQuantities(tokens).filter(({ article }) => !article);
  const areas = quantities.filter(({ power }) => power === 2);
  const isAlone = quantities.length === 1 && tokens.filter(({ kind }) => kind === 'number').length === 1;
  const area =
    areas.length > 0
      ? quantityAsked(areas, tokens, question)
      : quantities.find((quantity) => isAlone && quantity.unit === null);
  if (!area || !Number.isFinite(area.value)) return null;
  return { m2: area.unit ? area.value : area.value * LENGTHS[unit] ** 2, unit: area.unit ?? unit };
}
