import { bothRight, likeForLikeTexts } from '../../src/core/metrics/view-gaps.ts';
import { meterOf } from './meter-view.tsx';
import type { OpenRun } from './run-panel-state.ts';

/** The figures that a run's meter is from; null if it is from steps of training, or there is none. */
function measuredOf({ news }: OpenRun) {
  const meter = meterOf(news);
  const figures = news.evaluations.find(({ id }) => id === meter?.evaluation)?.figures;
  const set = figures && bothRight(figures)?.set;
  return figures && set !== undefined ? { figures, set } : null;
}

/** What a comparison says, like for like. Nothing if the runs were not asked the same set in both views. */
export function Finding({ runs }: { runs: readonly OpenRun[] }) {
  const measured = runs.map(measuredOf).filter((figures) => figures !== null);
  const [set, ...others] = new Set(measured.map(({ set }) => set));
  if (measured.length < runs.length || set === undefined || others.length > 0) return null;
  const texts = likeForLikeTexts(
    measured.map(({ figures }) => figures),
    set,
  );
  if (!texts) return null;
  return (
    <p class="finding">
      {texts.map((text, i) => (
        <span key={runs[i]!.dir}>
          {i > 0 && '; '}
          <strong>{runs[i]!.name}</strong> {text}
        </span>
      ))}
      .
    </p>
  );
}
