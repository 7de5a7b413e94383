import type { Verdict } from '../../core/answers/pair-verdict.ts';
import { OUTCOMES, outcomeOf, type Outcome } from '../../core/metrics/outcome.ts';
import type { Column } from '../../core/query/compile.ts';
import type { PairTable } from '../../core/run-data/trace-table.ts';
import { type Partners, type Wall, WALL_GROUPS, WALL_STATES, type WallState } from './wall.contract.ts';

const OF_VERDICT: Record<Verdict, WallState> = {
  consistent: 'both',
  only_original: 'first',
  only_mirror: 'second',
  only_view: 'second',
  neither: 'neither',
};
const OF_OUTCOME: Record<Outcome, WallState> = {
  both: 'both',
  only_first: 'first',
  only_second: 'second',
  neither: 'neither',
  not_judged: 'unknown',
};

export function partnersIn(table: PairTable): Partners {
  const [views, verdict] = ['views', 'verdict'].map((name) => textAt(table.column(name)));
  let partners: Partners = null;
  for (let row = 0; row < table.length; row++) {
    if (views!(row) === 'pair') partners = 'mirrors';
    else if (verdict!(row) !== null) return 'views';
  }
  return partners;
}

/** @param sorted field that sorts the rows of the table. If the field is in `WALL_GROUPS`, it also groups the pairs. */
export function wallOf(
  table: PairTable,
  rows: Uint32Array,
  sorted: string | undefined,
  compared: boolean,
): Wall {
  const group = WALL_GROUPS.find((field) => field === sorted) ?? null;
  const stateAt = compared ? byOutcome(table) : byVerdict(table, partnersIn(table) !== null);
  const value = group === null ? () => null : textAt(table.column(group));
  const groups: Wall['groups'] = [];
  for (const row of rows) {
    const ofRow = value(row);
    const last = groups.at(-1);
    if (last?.value === ofRow) last.count += 1;
    else groups.push({ value: ofRow, count: 1 });
  }
  const numbersAt = (name: string) => {
    const { values } = table.column(name) as Column & { type: 'number' };
    return Float64Array.from(rows, (row) => values[row]!);
  };
  return {
    steps: numbersAt('step'),
    pairs: numbersAt('pair'),
    states: Uint8Array.from(rows, (row) => WALL_STATES.indexOf(stateAt(row))),
    groups,
  };
}

/** @param onlyPairs whether a single row has the state `unknown` even if it is scored */
function byVerdict(table: PairTable, onlyPairs: boolean): (row: number) => WallState {
  const verdict = textAt(table.column('verdict'));
  const [least, most] = (['accuracy', 'accuracy_most'] as const).map(
    (name) => (table.column(name) as Column & { type: 'number' }).values,
  );
  return (row) => {
    const word = verdict(row);
    if (word !== null) return OF_VERDICT[word as Verdict] ?? 'unknown';
    if (onlyPairs) return 'unknown';
    if (least![row]! > 0.5) return 'both';
    return most![row]! <= 0.5 ? 'neither' : 'unknown';
  };
}

function byOutcome(table: PairTable): (row: number) => WallState {
  const outcome = textAt(table.column('outcome'));
  return (row) => OF_OUTCOME[outcome(row) as Outcome] ?? 'unknown';
}

const textAt =
  (column: Column) =>
  (row: number): string | null =>
    column.type === 'text' ? (column.words[column.codes[row]!] ?? null) : null;

/**
 * Returns a column of the first table with the outcome of each of its pairs in two evaluations.
 * @param renamed names that the sets of the second table have in the first table, if they differ
 */
export function outcomeColumn(
  first: PairTable,
  second: PairTable,
  renamed: ReadonlyMap<string, string>,
): Column {
  const rightIn = (table: PairTable) => {
    const state = byVerdict(table, false);
    return (row: number) => ({
      low: Number(state(row) === 'both'),
      high: Number(['both', 'unknown'].includes(state(row))),
    });
  };
  const others = new Map<string, number>();
  const keyIn = (table: PairTable, names?: ReadonlyMap<string, string>) => {
    const [set, sample, views] = ['set', 'sample', 'views'].map((name) => textAt(table.column(name)));
    const nameAt = (row: number) => names?.get(set!(row) ?? '') ?? set!(row);
    return (row: number) => JSON.stringify([nameAt(row), sample!(row), views!(row)]);
  };
  const secondKey = keyIn(second, renamed);
  for (let row = 0; row < second.length; row++) others.set(secondKey(row), row);
  const [firstKey, firstRight, secondRight] = [keyIn(first), rightIn(first), rightIn(second)];
  const codes = new Int32Array(first.length).fill(-1);
  for (let row = 0; row < first.length; row++) {
    const other = others.get(firstKey(row));
    if (other === undefined) continue;
    codes[row] = OUTCOMES.indexOf(outcomeOf(firstRight(row), secondRight(other)));
  }
  return { type: 'text', codes, words: OUTCOMES };
}
