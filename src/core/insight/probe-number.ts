import { mean, sum } from '../../base/numbers.ts';
import { jackknife, ratio } from '../metrics/statistics.ts';
import type { Random } from '../../base/random.ts';
import { ORIGINAL } from '../../rows/view-list.ts';
import type { NumberFigure, NumberResult, WhereBest } from './insight-files.ts';
import {
  FOLDS,
  foldsOf,
  IN_PICTURE,
  innerScores,
  keyOf,
  readWhereBest,
  stateAt,
  type NumberTarget,
  type ProbePlace,
  type ProbeRow,
  type ReadPlace,
} from './probe-row.ts';
import { fitRidge, valueAt } from './linear.ts';

/** Candidate penalties for standardised features. One penalty is selected on a part of the training rows. */
const PENALTIES = [0.01, 0.1, 1];

const MIN_ROWS = 25;

/** Fits probes for a number at every position and layer, by cross-validation over images; null with too few rows. */
export function probeNumber(
  rows: readonly ProbeRow[],
  target: NumberTarget,
  random: Random,
): NumberResult | null {
  const measured = rows.filter((row) => row.numbers[target] !== undefined);
  const [seen, blind] = [measured.filter((row) => !row.blind), measured.filter((row) => row.blind)];
  if (new Set(seen.map((row) => row.numbers[target])).size < 2) return null;
  const folds = foldsOf(measured, random.fork('folds'));
  const views = [...new Set(seen.map(({ view }) => view))];
  const originals = seen.filter(({ view }) => view === ORIGINAL);
  const figures: NumberFigure[] = [];
  let best: ProbePlace | null = null;
  let most = -Infinity;
  const read: ReadPlace<ReadValue>[] = [];
  const readBlind: ReadPlace<ReadValue>[] = [];
  const heldBy = (found: readonly ReadValue[]) => new Map(found.map((value) => [value.row, value]));
  for (const position of new Set(seen.flatMap(({ positions }) => positions)))
    for (let layer = 0; layer < seen[0]!.hidden.layers; layer++) {
      const place = { position, layer };
      const state = (row: ProbeRow) => (row.positions.includes(position) ? stateAt(row, place) : null);
      const noise = random.fork(`${position} ${layer}`);
      const tell = (
        found: readonly ReadValue[] | null,
        train: NumberFigure['train'],
        control: NumberFigure['control'],
      ) => {
        for (const test of ['all views' as const, ...(views.length > 1 ? views : [])]) {
          const tested = (found ?? []).filter(({ row }) => test === 'all views' || row.view === test);
          if (tested.length > 0)
            figures.push({ ...place, target, train, test, control, ...measure(tested, target) });
        }
      };
      const all = heldOutValues(seen, seen, target, folds, state);
      if (!all) continue;
      tell(all, 'all views', null);
      if (views.length > 1) tell(heldOutValues(originals, seen, target, folds, state), 'originals', null);
      const shuffled = (list: number[]) => noise.shuffle(list);
      tell(heldOutValues(seen, seen, target, folds, state, shuffled), 'all views', 'shuffled');
      const unseeing = heldOutValues(blind, blind, target, folds, state);
      tell(unseeing, 'all views', 'blind');
      if (target === 'depth')
        tell(heldOutValues(seen, seen, target, folds, rowAlone), 'all views', 'row alone');
      if (position.endsWith(IN_PICTURE)) continue;
      const inner = innerOf(seen, target, folds, state);
      if (inner) read.push({ held: heldBy(all), inner });
      const innerBlind = unseeing && innerOf(blind, target, folds, state);
      if (innerBlind) readBlind.push({ held: heldBy(unseeing), inner: innerBlind });
      const { value } = measure(all, target);
      if (value !== null && value > most) [best, most] = [place, value];
    }
  if (!best) return null;
  const chosen = [...readWhereBest(read, folds).values()];
  const control = (control: WhereBest['controls'][number]['control'], found: Iterable<ReadValue>) => ({
    control,
    ...against(chosen, [...found], target),
  });
  const { value, n, interval } = measure(chosen, target);
  const alone = target === 'depth' ? heldOutValues(seen, seen, target, folds, rowAlone) : null;
  const there = seen.filter(({ positions }) => positions.includes(best.position));
  const { penalty, weights, bias } = fitChosen(
    there.map(({ image }) => folds.get(image)!),
    there.map((row) => stateAt(row, best)),
    there.map((row) => row.numbers[target]!),
  );
  return {
    target,
    labels: null,
    figures,
    best: { ...best, penalty, weights: [...weights].map(Math.fround), bias },
    where: {
      value,
      n,
      ...(interval && { interval }),
      chance: 0,
      controls: [
        control('blind', readWhereBest(readBlind, folds).values()),
        ...(alone ? [control('row alone', alone)] : []),
      ],
      said: null,
    },
  };
}

/** Returns the negative squared errors on two parts, of probes trained without these two parts and a third part. */
const innerOf = (
  rows: readonly ProbeRow[],
  target: NumberTarget,
  folds: ReadonlyMap<string, number>,
  featuresOf: (row: ProbeRow) => Float32Array | null,
): number[] | null =>
  innerScores((left) => {
    const there = rows.flatMap((row) => {
      const x = featuresOf(row);
      return x ? [{ x, y: row.numbers[target]!, part: folds.get(row.image)! }] : [];
    });
    const train = there.filter(({ part }) => !left.includes(part));
    if (train.length < MIN_ROWS / 2) return null;
    const fitted = fitChosen(
      train.map(({ part }) => part),
      train.map(({ x }) => x),
      train.map(({ y }) => y),
    );
    return (part) =>
      -(
        mean(
          there.flatMap((point) => (point.part === part ? (valueAt(fitted, point.x) - point.y) ** 2 : [])),
        ) ?? Infinity
      );
  });

/** Compares the probe with a control on the same rows, by the additional variance that the probe explains. */
function against(mine: readonly ReadValue[], others: readonly ReadValue[], target: NumberTarget) {
  const byRow = new Map(others.map((other) => [keyOf(other.row), other]));
  const pairs = mine.flatMap((read) => {
    const other = byRow.get(keyOf(read.row));
    return other ? [{ read, other }] : [];
  });
  const errorOf = ({ row, read }: ReadValue) => (read - row.numbers[target]!) ** 2;
  const sums = pairs.map(({ read, other }) => ({
    cluster: read.row.image,
    sums: [errorOf(other) - errorOf(read), (read.mean - read.row.numbers[target]!) ** 2],
  }));
  const { value: difference, interval } = jackknife(sums, ratio);
  const { value } = measure(
    pairs.map(({ other }) => other),
    target,
  );
  return { value, n: pairs.length, difference, ...(interval && { interval }) };
}

interface ReadValue {
  row: ProbeRow;
  read: number;
  mean: number;
}

/** Returns the values predicted by probes trained on other images; null if a part has too few training rows. */
function heldOutValues(
  train: readonly ProbeRow[],
  test: readonly ProbeRow[],
  target: NumberTarget,
  folds: ReadonlyMap<string, number>,
  featuresOf: (row: ProbeRow) => Float32Array | null,
  relabel: (values: number[]) => number[] = (values) => values,
): ReadValue[] | null {
  const readings: ReadValue[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const rows = train.filter((row) => featuresOf(row) && folds.get(row.image) !== fold);
    if (rows.length < MIN_ROWS) return null;
    const values = relabel(rows.map((row) => row.numbers[target]!));
    const fitted = fitChosen(
      rows.map(({ image }) => folds.get(image)!),
      rows.map((row) => featuresOf(row)!),
      values,
    );
    const mean = sum(values) / values.length;
    for (const row of test) {
      const x = featuresOf(row);
      if (x && folds.get(row.image) === fold) readings.push({ row, read: valueAt(fitted, x), mean });
    }
  }
  return readings;
}

/** Fits a probe with the penalty that performs best on one of the parts after training on the others. */
function fitChosen(parts: readonly number[], x: readonly Float32Array[], values: readonly number[]) {
  const last = parts.reduce((most, part) => Math.max(most, part), 0);
  const pick = <T>(list: readonly T[], inLast: boolean) =>
    list.filter((_, i) => (parts[i] === last) === inLast);
  const [tested, right] = [pick(x, true), pick(values, true)];
  const errors = PENALTIES.map((penalty) => {
    const fitted = fitRidge(pick(x, false), pick(values, false), penalty);
    return tested.reduce((sum, row, i) => sum + (valueAt(fitted, row) - right[i]!) ** 2, 0);
  });
  const penalty = PENALTIES[errors.indexOf(Math.min(...errors))]!;
  return { ...fitRidge(x, values, penalty), penalty };
}

/** Returns the vertical position of the object. Every object with a known depth has one. */
const rowAlone = ({ numbers }: ProbeRow): Float32Array | null =>
  numbers.row === undefined ? null : Float32Array.of(numbers.row);

function measure(
  readings: readonly ReadValue[],
  target: NumberTarget,
): Pick<NumberFigure, 'value' | 'interval' | 'rounded' | 'n'> {
  const sums = readings.map(({ row, read, mean }) => {
    const right = row.numbers[target]!;
    return { cluster: row.image, sums: [(read - right) ** 2, (mean - right) ** 2] };
  });
  const explained = ([error, spread]: readonly number[]) => (spread! > 0 ? 1 - error! / spread! : null);
  const { value, interval } = jackknife(sums, explained);
  const rounded = readings.filter(({ row, read }) => Math.round(read) === row.numbers[target]).length;
  return {
    value,
    ...(interval && { interval: [interval[0], Math.min(1, interval[1])] as [number, number] }),
    rounded: target === 'count' ? rounded / readings.length : null,
    n: readings.length,
  };
}
