import { mean, countsOf } from '../../base/numbers.ts';
import { shareWithInterval } from '../metrics/share.ts';
import { gapWithInterval } from '../metrics/statistics.ts';
import { Random } from '../../base/random.ts';
import { ORIGINAL, viewOf } from '../../rows/view-list.ts';
import { groupBy } from '../evaluation/scored-row.ts';
import type { NumberResult, ProbeFigure, ProbeResult, WhereBest } from './insight-files.ts';
import { fitLogistic, valueAt, type Linear } from './linear.ts';
import { probeNumber } from './probe-number.ts';
import {
  FOLDS,
  foldsOf,
  IN_PICTURE,
  innerScores,
  isKnown,
  keyOf,
  NUMBER_TARGETS,
  readWhereBest,
  stateAt,
  TARGETS,
  type ProbePlace,
  type ProbeRow,
  type ReadPlace,
  type Target,
} from './probe-row.ts';

/** Describes the balance of a target that a mirror reverses; '' for all other targets. */
export const balanceText = ({ balanced }: { balanced?: boolean | null }): string =>
  balanced == null
    ? ''
    : balanced
      ? 'Both labels are equally frequent in original and mirrored images.'
      : 'The labels are not balanced: one label is rare in original or mirrored images, so a probe can succeed by detecting mirrors. Use an evaluation set that has both labels among originals and among mirrors.';

const CERTAIN = 0.75;

/** Minimum number of rows of each label in a training part. */
const MIN_ROWS = 5;

/** Targets that a mirror reverses. If all originals have one label, a probe of such a target only detects mirrors. */
const TURNED: readonly Target[] = ['answer', 'side', 'own side'];

/** Fits probes for every target that has enough rows. */
export const probeRows = (rows: readonly ProbeRow[]): (ProbeResult | NumberResult)[] => [
  ...TARGETS.flatMap((target) => probe(rows, target, Random.from('probe')) ?? []),
  ...NUMBER_TARGETS.flatMap((target) => probeNumber(rows, target, Random.from('probe')) ?? []),
];

/**
 * Fits a probe for a target's two most frequent labels at every position and layer, by cross-validation over images.
 * @returns null if fewer than two labels have enough rows
 */
export function probe(rows: readonly ProbeRow[], target: Target, random: Random): ProbeResult | null {
  const labels = commonestTwo(rows.filter(({ blind }) => !blind).map((row) => row.labels[target]));
  if (!labels) return null;
  const labelled = rows.filter((row) => labels.includes(row.labels[target] ?? ''));
  const [seen, blind] = [labelled.filter((row) => !row.blind), labelled.filter((row) => row.blind)];
  const folds = foldsOf(labelled, random.fork('folds'));
  const isSecond = (row: ProbeRow) => row.labels[target] === labels[1];
  const even = TURNED.includes(target) ? balancedRows(labelled, isSecond, random.fork('balance')) : null;
  const isCounted = (row: ProbeRow) => even?.has(keyOf(row)) ?? true;
  const [fitted, fittedBlind] = [seen.filter(isCounted), blind.filter(isCounted)];
  const views = [...new Set(seen.map(({ view }) => view))];
  const tests = ['all views' as const, ...(views.length > 1 ? views : [])];
  const figures: ProbeFigure[] = [];
  let best: { place: ProbeResult['best']; value: number } | null = null;
  const read: ReadPlace<{ odds: number; shuffled: number | null }>[] = [];
  const readBlind: ReadPlace<number>[] = [];
  const places = [...new Set(seen.flatMap(({ positions }) => positions))];
  for (const position of places)
    for (let layer = 0; layer < seen[0]!.hidden.layers; layer++) {
      const place = { position, layer, folds, isSecond };
      const tell = (
        odds: Map<ProbeRow, number>,
        train: ProbeFigure['train'],
        control: ProbeFigure['control'],
      ) =>
        tests.forEach((test) => {
          const tested = [...odds].filter(
            ([row]) => isCounted(row) && (test === 'all views' || row.view === test),
          );
          if (tested.length === 0) return;
          const values = tested.map(([row, value]) => ({
            cluster: row.image,
            value: isSecond(row) === value > 0 ? 1 : 0,
          }));
          const { value, n, interval } = shareWithInterval(values);
          const share = tested.filter(([row]) => isSecond(row)).length / n;
          const about = { target, position, layer, train, test, control };
          figures.push({
            ...about,
            value,
            n,
            chance: Math.max(share, 1 - share),
            ...(interval && { interval }),
          });
        });
      const all = heldOutOdds(fitted, seen, place);
      if (!all) continue;
      tell(all, 'all views', null);
      const originals = heldOutOdds(
        fitted.filter(({ view }) => view === ORIGINAL),
        fitted,
        place,
      );
      if (originals && views.length > 1) tell(originals, 'originals', null);
      const noise = random.fork(`${position} ${layer}`);
      const shuffled = heldOutOdds(fitted, seen, place, (list) => noise.shuffle(list));
      if (shuffled) tell(shuffled, 'all views', 'shuffled');
      const unseeing = heldOutOdds(fittedBlind, fittedBlind, place);
      if (unseeing) tell(unseeing, 'all views', 'blind');
      if (position.endsWith(IN_PICTURE)) continue;
      const inner = innerOf(fitted, place);
      const held = [...all].map(
        ([row, odds]) => [row, { odds, shuffled: shuffled?.get(row) ?? null }] as const,
      );
      if (inner) read.push({ held: new Map(held), inner });
      const innerBlind = unseeing && innerOf(fittedBlind, place);
      if (innerBlind) readBlind.push({ held: unseeing, inner: innerBlind });
      const counted = [...all].filter(([row]) => isCounted(row));
      const value = mean(counted.map(([row, odds]) => (isSecond(row) === odds > 0 ? 1 : 0)))!;
      if (value > (best?.value ?? -1)) {
        const there = fitted.filter((row) => row.positions.includes(position));
        const { weights, bias } = fitAt(there, place, there.map(isSecond));
        best = { place: { position, layer, weights: [...weights].map(Math.fround), bias }, value };
      }
    }
  if (!best) return null;
  const chosen = readWhereBest(read, folds);
  const isRead = (row: ProbeRow, odds: number) => Number(isSecond(row) === odds > 0);
  const rights = [...chosen].map(([row, { odds }]) => ({ row, mine: isRead(row, odds) }));
  const unseen = new Map(
    [...readWhereBest(readBlind, folds)].map(([row, odds]) => [keyOf(row), isRead(row, odds)]),
  );
  const readings = whereBest(
    rights.filter(({ row }) => isCounted(row)),
    isSecond,
    unseen,
  );
  const answered = rights.flatMap(({ row, mine }) =>
    row.asks.includes(target) && row.right !== null ? [{ row, mine, other: Number(row.right) }] : [],
  );
  const oddsOf = (kind: 'odds' | 'shuffled') =>
    isKnown(readings) ? [...chosen].map(([row, read]) => [row, read[kind] ?? 0] as const) : [];
  const { knows, says } = differences(oddsOf('shuffled'), target, labels);
  return {
    target,
    labels,
    balanced: TURNED.includes(target) ? even !== null : null,
    figures,
    said: saidOf(seen, target),
    best: best.place,
    where: { ...readings, said: answered.length === 0 ? null : against(answered) },
    ...differences(oddsOf('odds'), target, labels),
    shuffled: { knows: knows.length, says: says.length },
  };
}

/** Compares the accuracy at the position selected on other rows with chance and with a model without the image. */
function whereBest(
  rights: readonly { row: ProbeRow; mine: number }[],
  isSecond: (row: ProbeRow) => boolean,
  unseen: ReadonlyMap<string, number>,
): Omit<WhereBest, 'said'> {
  const { value, n, interval } = shareWithInterval(
    rights.map(({ row, mine }) => ({ cluster: row.image, value: mine })),
  );
  const share = rights.filter(({ row }) => isSecond(row)).length / Math.max(1, n);
  const blind = rights.flatMap(({ row, mine }) => {
    const other = unseen.get(keyOf(row));
    return other === undefined ? [] : [{ row, mine, other }];
  });
  return {
    value,
    n,
    ...(interval && { interval }),
    chance: Math.max(share, 1 - share),
    controls: [{ control: 'blind', ...against(blind) }],
  };
}

function against(rows: readonly { row: ProbeRow; mine: number; other: number }[]) {
  const gaps = rows.map(({ row, mine, other }) => ({ cluster: row.image, value: mine - other }));
  const { value: difference, n, interval } = gapWithInterval(gaps);
  return { value: mean(rows.map(({ other }) => other)), n, difference, ...(interval && { interval }) };
}

/**
 * Randomly selects as many rows as possible with equal numbers of both labels, separately for unchanged images and for
 * each transform of images.
 * @returns keys of the selected rows; null with too few rows to fit a probe
 */
function balancedRows(
  rows: readonly ProbeRow[],
  isSecond: (row: ProbeRow) => boolean,
  random: Random,
): ReadonlySet<string> | null {
  const alike = groupBy(rows, ({ view }) => viewOf(view).pixels);
  const chosen = [...alike.values()].map((group) => {
    const keysOf = (second: boolean) => [
      ...new Set(group.filter((row) => isSecond(row) === second).map(keyOf)),
    ];
    const sides = [keysOf(false), keysOf(true)];
    const n = Math.min(...sides.map(({ length }) => length));
    return sides.flatMap((keys) => random.shuffle(keys).slice(0, n));
  });
  // With five parts, each training set contains four fifths of the rows.
  const isEnough = chosen.every(({ length }) => length >= 4 * MIN_ROWS);
  return isEnough ? new Set(chosen.flat()) : null;
}

interface ProbeSetup extends ProbePlace {
  folds: ReadonlyMap<string, number>;
  isSecond(row: ProbeRow): boolean;
}

/**
 * Returns the log-odds of the second label for every tested row, from probes trained on other images; null if a part
 * has too few training rows.
 */
function heldOutOdds(
  train: readonly ProbeRow[],
  test: readonly ProbeRow[],
  place: ProbeSetup,
  relabel: (labels: boolean[]) => boolean[] = (labels) => labels,
): Map<ProbeRow, number> | null {
  const has = ({ positions }: ProbeRow) => positions.includes(place.position);
  const odds = new Map<ProbeRow, number>();
  for (let fold = 0; fold < FOLDS; fold++) {
    const inFold = ({ image }: ProbeRow) => place.folds.get(image) === fold;
    const rows = train.filter((row) => has(row) && !inFold(row));
    const labels = relabel(rows.map((row) => place.isSecond(row)));
    const second = labels.filter(Boolean).length;
    if (Math.min(second, labels.length - second) < MIN_ROWS) return null;
    const fitted = fitAt(rows, place, labels);
    for (const row of test) if (has(row) && inFold(row)) odds.set(row, valueAt(fitted, stateAt(row, place)));
  }
  return odds;
}

const fitAt = (rows: readonly ProbeRow[], place: ProbePlace, labels: boolean[]): Linear =>
  fitLogistic(
    rows.map((row) => stateAt(row, place)),
    labels,
  );

function commonestTwo(labels: readonly (string | undefined)[]): [string, string] | null {
  const counts = countsOf(labels.filter((label) => label !== undefined));
  const [first, second] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return first && second && second[1] > MIN_ROWS ? ([first[0], second[0]].sort() as [string, string]) : null;
}

function saidOf(rows: readonly ProbeRow[], target: Target): ProbeResult['said'] {
  const asking = rows.filter(({ asks, right }) => asks.includes(target) && right !== null);
  return [...new Set(asking.map(({ view }) => view))].map((view) => {
    const inView = asking.filter((row) => row.view === view);
    const values = inView.map(({ image, right }) => ({ cluster: image, value: right ? 1 : 0 }));
    const { value, n, interval } = shareWithInterval(values);
    return { view, value, n, ...(interval && { interval }) };
  });
}

/** Returns the accuracy on two parts, as shares, of probes trained without these two parts and a third part. */
const innerOf = (rows: readonly ProbeRow[], place: ProbeSetup): number[] | null =>
  innerScores((left) => {
    const partOf = ({ image }: ProbeRow) => place.folds.get(image)!;
    const there = rows.filter(({ positions }) => positions.includes(place.position));
    const train = there.filter((row) => !left.includes(partOf(row)));
    const labels = train.map(place.isSecond);
    if (!labels.includes(true) || !labels.includes(false)) return null;
    const fitted = fitAt(train, place, labels);
    return (part) => {
      const tested = there.filter((row) => partOf(row) === part);
      const right = (row: ProbeRow) => place.isSecond(row) === valueAt(fitted, stateAt(row, place)) > 0;
      return tested.filter(right).length / Math.max(1, tested.length);
    };
  });

/** Returns rows on which a confident probe contradicts the answer, if the right answer depends on the target. */
function differences(
  odds: readonly (readonly [ProbeRow, number])[],
  target: Target,
  labels: readonly [string, string],
): Pick<ProbeResult, 'knows' | 'says'> {
  const sure = odds.flatMap(([row, value]) => {
    const certainty = 1 / (1 + Math.exp(-Math.abs(value)));
    if (certainty < CERTAIN || row.right === null || !row.asks.includes(target)) return [];
    const read = labels[value > 0 ? 1 : 0];
    const { id, view, reference, answer, right } = row;
    const isRead = read === row.labels[target];
    return [
      { right, isRead, row: { id, view, reference, answer, read, certainty: Number(certainty.toFixed(3)) } },
    ];
  });
  return {
    knows: sure.filter(({ right, isRead }) => isRead && !right).map(({ row }) => row),
    says: sure.filter(({ right, isRead }) => !isRead && right).map(({ row }) => row),
  };
}
