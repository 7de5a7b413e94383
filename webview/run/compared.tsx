import { percentsText } from '../../src/core/format.ts';
import { endsOf } from '../../src/core/metrics/metric.ts';
import {
  byDistance,
  isBeyondChance,
  kindsIn,
  viewGap,
  type ViewGap,
} from '../../src/core/metrics/view-gaps.ts';
import { bothRight } from '../../src/core/run-data/meter.ts';
import { meterOf } from './meter.tsx';
import type { OpenRun } from './run-panel-state.ts';

/** The figures that a run's meter is from; null if it is from steps of training, or there is none. */
function measuredOf({ news }: OpenRun) {
  const meter = meterOf(news);
  const figures = news.evaluations.find(({ id }) => id === meter?.evaluation)?.figures;
  const set = figures && bothRight(figures)?.set;
  return figures && set !== undefined ? { figures, set } : null;
}

/**
 * What the comparison says, like for like: the kind of question whose mirrors a run answers most unequally, and how every
 * run answers that kind. Nothing if they were not asked the same set in both views.
 */
export function Finding({ runs }: { runs: readonly OpenRun[] }) {
  const measured = runs.map(measuredOf);
  const sets = new Set(measured.map((of) => of?.set));
  const [set] = sets;
  if (sets.size !== 1 || set === undefined) return null;
  const gapsOf = (slice: ViewGap['slice']) => measured.map((of) => viewGap(of!.figures, set, slice));
  const kinds = kindsIn(
    measured.flatMap((of) => of!.figures),
    set,
  );
  const widest = [null, ...kinds]
    .flatMap((slice) => gapsOf(slice).filter((gap) => gap !== null))
    .filter(isBeyondChance)
    .sort(byDistance)[0];
  const slice = widest?.slice ?? null;
  const told = runs.flatMap(({ dir, name }, i) => {
    const gap = gapsOf(slice)[i];
    return gap ? [{ dir, name, original: endsOf(gap.original)!, mirror: endsOf(gap.mirror)! }] : [];
  });
  if (told.length !== runs.length) return null;
  return (
    <p class="finding">
      {told.map(({ dir, name, original, mirror }, i) => (
        <span key={dir}>
          {i > 0 && '; '}
          <strong>{name}</strong> {i === 0 ? 'gets ' : ''}
          {percentsText(original)}
          {i === 0 && (slice ? ` of ${slice.value} questions right` : ' of originals right')} and{' '}
          {percentsText(mirror)}
          {i === 0 && ' of their mirrors'}
        </span>
      ))}
      .
    </p>
  );
}
