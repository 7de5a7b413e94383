import { groupBy } from '../evaluation/scored-row.ts';
import { shareWithInterval } from '../metrics/share.ts';
import { leanings } from './leanings.ts';
import type { AcuityAnswer } from './likelihood.ts';
import type { MapRecord, Share, TurnRecord } from './acuity-record.ts';

function shareOf(answers: readonly AcuityAnswer[]): Share {
  const values = answers.flatMap(({ claim, right, block }) =>
    claim === null ? [] : [{ cluster: block, value: Number(right) }],
  );
  const interval = values.length > 0 ? shareWithInterval(values).interval : undefined;
  const right = values.filter(({ value }) => value === 1).length;
  return { right, n: values.length, interval: interval ?? null };
}

const counts = (answers: readonly AcuityAnswer[]) => ({
  n: answers.length,
  unread: answers.filter(({ claim }) => claim === null).length,
});

/** Returns the accuracy by bearing. Bearings straight ahead and straight behind have no right answer. */
export const measureBearings = (answers: readonly AcuityAnswer[]): (Share & { degrees: number })[] =>
  [
    ...groupBy(
      answers.filter(({ x }) => x !== 0),
      ({ bearing }) => String(bearing),
    ).values(),
  ]
    .map((part) => ({ degrees: part[0]!.bearing ?? 0, ...shareOf(part) }))
    .sort((a, b) => a.degrees - b.degrees);

/**
 * Measures the accuracy after an imagined turn. An observer who answers with the visible side is right if the turn does
 * not change the side, and wrong if it does.
 * @param ways number of questions per scene
 */
export function measureTurn(
  answers: readonly AcuityAnswer[],
  ways: number,
): Pick<TurnRecord, 'angles' | 'all' | 'stays' | 'changes' | 'leanings' | 'n' | 'unread'> {
  const scenes = [...groupBy(answers, ({ block }) => block).values()];
  const angles = [...groupBy(answers, ({ x }) => String(x)).values()]
    .map((part) => ({ degrees: part[0]!.x, ...shareOf(part) }))
    .sort((a, b) => a.degrees - b.degrees);
  return {
    angles,
    all: shareOf(answers),
    stays: shareOf(answers.filter(({ changes }) => changes !== true)),
    changes: shareOf(answers.filter(({ changes }) => changes === true)),
    leanings: leanings(scenes.filter(({ length }) => length === ways).flat()),
    ...counts(answers),
  };
}

/** Returns the accuracy by image position, for each cell that contained object A in a scene. */
export function measureMap(
  answers: readonly AcuityAnswer[],
): Pick<MapRecord, 'cells' | 'all' | 'n' | 'unread'> {
  const cells = [...groupBy(answers, ({ cell }) => String(cell)).values()].flatMap((part) => {
    const [column, row] = part[0]!.cell ?? [];
    const { right, n } = shareOf(part);
    return column === undefined || row === undefined ? [] : [{ column, row, right, n }];
  });
  return {
    cells: cells.sort((a, b) => a.row - b.row || a.column - b.column),
    all: shareOf(answers),
    ...counts(answers),
  };
}
