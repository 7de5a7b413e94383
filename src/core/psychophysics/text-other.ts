import { fixed, partOf, percent } from '../../base/format.ts';
import { groupBy } from '../evaluation/scored-row.ts';
import { effectiveSizeOf, wilson } from '../metrics/share.ts';
import { studentQuantile } from '../metrics/statistics.ts';
import { sum } from '../../base/numbers.ts';
import { isTrusted } from './measure.ts';
import {
  type AnyAcuityRecord,
  ACUITY_KIND,
  type MapRecord,
  type MetresRecord,
  type Share,
  type TurnRecord,
} from './acuity-record.ts';
import { acuityLines, acuitySentence, curveLines, leaningsText, strongestHabit, unreadText } from './text.ts';

export function recordSentence(record: AnyAcuityRecord): string {
  if (record.kind === ACUITY_KIND) return acuitySentence(record);
  const { model, n, unread } = record;
  if (!isTrusted(record))
    return `${partOf(unread, n)} of the answers of ${model} could not be parsed, so these values are unreliable.${unreadText(record)}`;
  switch (record.kind) {
    case 'chirality-acuity-turn':
      return turnSentence(record);
    case 'chirality-acuity-metres':
      return metresSentence(record);
    case 'chirality-acuity-map':
      return mapSentence(record);
  }
}

/** Returns summary and details of a record as terminal text. @param drawn whether to add a drawing in characters */
export function recordLines(record: AnyAcuityRecord, drawn: boolean): string[] {
  if (record.kind === ACUITY_KIND)
    return [...acuityLines(record), ...(drawn ? ['', ...curveLines(record.axis, record.all)] : [])];
  const sentence = recordSentence(record);
  const rest = record.unread > 0 ? [`  unparsed ${record.unread} of ${record.n} answers`] : [];
  switch (record.kind) {
    case 'chirality-acuity-turn':
      return [
        sentence,
        '',
        `  response bias ${leaningsText('side', record.leanings)}`,
        ...rest,
        '',
        ...turnLines(record),
      ];
    case 'chirality-acuity-metres':
      return [sentence, '', ...rest, ...metresLines(record)];
    case 'chirality-acuity-map':
      return [sentence, '', ...rest, ...(drawn ? mapLines(record) : [])];
  }
}

/** Formats a share of right answers, such as "71.0% [64.2, 77.1]". */
export const rightText = ({ right, n, interval }: Share): string =>
  n === 0 ? 'no answers' : `${partOf(right, n)}${interval ? ` [${interval.map(percent).join(', ')}]` : ''}`;

function turnSentence({ model, all, stays, changes, leanings }: TurnRecord): string {
  const above = (share: Share) => share.interval !== null && share.interval[0] > 0.5;
  const below = (share: Share) => share.interval !== null && share.interval[1] < 0.5;
  const parts = `${rightText(stays)} where the turn keeps the side, ${rightText(changes)} where the turn changes the side`;
  if (above(stays) && below(changes))
    return `${model} ignores the turn and answers with the visible side: correct in ${parts}.`;
  const habit = strongestHabit('side', leanings);
  const leans = habit === null ? '' : `, with a response bias to ${habit}`;
  if (above(all))
    return `${model} determines the side after an imagined turn: correct in ${rightText(all)} (${parts})${leans}.`;
  if (below(all))
    return `${model} determines the side after an imagined turn, but answers the opposite: correct in ${rightText(all)}${leans}.`;
  return `${model} cannot determine the side after an imagined turn: correct in ${rightText(all)}, and the chance level is 50%${leans}.`;
}

const SHARE_WIDTH = 41;

/** Draws one line per angle: share of right answers (●) with its interval (─), and chance (┊). */
function turnLines({ angles }: TurnRecord): string[] {
  const column = (share: number) => Math.round(share * (SHARE_WIDTH - 1));
  const lines = angles.map(({ degrees, right, n, interval }) => {
    const cells = Array<string>(SHARE_WIDTH).fill(' ');
    cells[column(0.5)] = '┊';
    if (interval) cells.fill('─', column(interval[0]), column(interval[1]) + 1);
    if (n > 0) cells[column(right / n)] = '●';
    return `${`${degrees}°`.replace('-', '−').padStart(6)} │${cells.join('')}│ ${right} of ${n}`;
  });
  return [`        0%${'100%'.padStart(SHARE_WIDTH - 3)}  correct`, ...lines];
}

/** Formats a relative deviation of a distance, such as "20% too short". */
const tooFar = (ratio: number): string =>
  `${fixed(100 * Math.abs(ratio), 0)}% too ${ratio < 0 ? 'short' : 'long'}`;

function metresSentence({ model, slope, bias, spread, distances }: MetresRecord): string {
  const told = new Set(distances.map(({ told: metres }) => metres));
  if (!slope || !bias) return `${model} gave too few distances for a measurement.`;
  if (told.size === 1) return `${model} always answers ${fixed([...told][0]!, 1)} metres.`;
  const exponent = `${fixed(slope.mean, 2)} [${slope.interval.map((end) => fixed(end, 2)).join(', ')}]`;
  const whole = `${tooFar(bias.mean)} [${bias.interval.map((end) => fixed(100 * end, 0)).join(', ')}] on average`;
  const apart = spread === null ? '' : `, and single answers vary by a factor of ${fixed(1 + spread, 2)}`;
  if (slope.interval[0] > 0)
    return `Estimates of ${model} grow with the true distance to the power of ${exponent}, are ${whole}${apart}.`;
  if (slope.interval[1] < 0)
    return `Estimates of ${model} fall as the true distance grows: exponent ${exponent}.`;
  return `Estimates of ${model} do not clearly grow with the true distance: exponent ${exponent}, ${whole}.`;
}

function metresLines({ distances }: MetresRecord): string[] {
  return distances.map(({ metres, told, interval, n }) => {
    const ends = interval ? ` [${interval.map((end) => fixed(end, 1)).join(', ')}]` : '';
    return `${`${metres} m`.padStart(8)} estimated as ${fixed(told, 1)} m${ends} (${n} answers)`;
  });
}

const PARTS = [
  ['upper left', 'upper middle', 'upper right'],
  ['left', 'middle', 'right'],
  ['lower left', 'lower middle', 'lower right'],
] as const;

/** Maximum probability that a part of the map is reported although accuracy is equal everywhere. */
const CHANCE = 0.05;

/** Returns the ninth of the map with the lowest accuracy; null unless it is significantly below the average. */
function worstPart({ cells, columns, rows, all }: MapRecord) {
  const parts = PARTS.flatMap((names, r) =>
    names.flatMap((name, c) => {
      const inside = cells.filter(
        ({ column, row, n }) =>
          n > 0 && Math.floor((3 * column) / columns) === c && Math.floor((3 * row) / rows) === r,
      );
      if (inside.length === 0) return [];
      // A scene has answers in one cell and, mirrored, in the opposite cell, so the answers of both are correlated.
      const scenes = [
        ...groupBy(inside, ({ column, row }) => `${Math.min(column, columns - 1 - column)} ${row}`).values(),
      ].map((some) => ({ right: sum(some.map((cell) => cell.right)), n: sum(some.map((cell) => cell.n)) }));
      const [right, n] = [sum(scenes.map((scene) => scene.right)), sum(scenes.map((scene) => scene.n))];
      return [{ name, n, share: right / n, scenes }];
    }),
  );
  const [worst] = parts.sort((a, b) => a.share - b.share);
  if (!worst || all.n === 0) return null;
  const { share, scenes } = worst;
  const isEstimated = scenes.length > 1 && share > 0 && share < 1;
  const quantile = studentQuantile(isEstimated ? scenes.length - 1 : Infinity, CHANCE / parts.length);
  return wilson(share, effectiveSizeOf(scenes), quantile)[1] < all.right / all.n ? worst : null;
}

function mapSentence(record: MapRecord): string {
  const { model, axis, all } = record;
  const worst = worstPart(record);
  const where = worst
    ? `; accuracy is lowest with the first object in the ${worst.name} of the map: ${fixed(100 * worst.share, 0)}% of ${worst.n} answers`
    : '; no clear difference between parts of the image';
  return `${model} answers questions about ${axis} correctly in ${rightText(all)} of ${all.n} answers${where}.`;
}

/** Draws a map: percentage of right answers in each cell, in image order; · for a cell without answers. */
function mapLines({ cells, columns, rows }: MapRecord): string[] {
  const cellAt = new Map(cells.map((cell) => [`${cell.column} ${cell.row}`, cell]));
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => {
      const cell = cellAt.get(`${column} ${row}`);
      return (cell && cell.n > 0 ? String(Math.round((100 * cell.right) / cell.n)) : '·').padStart(4);
    }).join(''),
  );
}
