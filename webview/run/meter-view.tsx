import { percent, thousands, percentText, percentsText } from '../../src/base/format.ts';
import { pairAccuracy, stepsText } from '../../src/base/labels.ts';
import { endsOf } from '../../src/core/metrics/metric.ts';
import { meterOfResults, meterOfSteps, newestMeter, RECENT } from '../../src/core/run-data/meter.ts';
import type { RunUpdate } from '../../src/panels/run/run.contract.ts';
import { bothRight } from '../../src/core/metrics/view-gaps.ts';
import { viewLabel } from '../../src/rows/view-list.ts';
import { floorText } from '../../src/core/metrics/floor.ts';
import { usePage, type OpenRun } from './run-panel-state.ts';
import { usePlaceInTime } from './x-axis.ts';

/** Returns the newest pair metrics from a run's evaluations and last steps; null without evaluated pairs. */
export function meterOf({
  evaluations,
  recent,
  end,
  rows,
  foldedSteps,
}: RunUpdate): ReturnType<typeof newestMeter> {
  const told = evaluations.map(({ id, place, figures }) => meterOfResults(figures, place.step, id));
  // Folded curves keep two rows for each group of steps.
  const steps = Math.min(RECENT, rows) * (foldedSteps > 1 ? foldedSteps / 2 : 1);
  return newestMeter([meterOfSteps([{ ...recent, step: end.step }], steps), ...told]);
}

/** Returns whether all evaluations of the run use its training rows, which does not prove that the model sees. */
function learntFrom({ facts: { config } }: OpenRun): boolean {
  const train = config.find(({ path }) => path === 'data.train')?.value;
  const sets = config.filter(({ path }) => path.startsWith('data.eval.'));
  return sets.length > 0 && sets.every(({ value }) => value === train);
}

/**
 * Pair metrics as one bar that grows from its middle: to the left for originals, and to the right for mirrors or the
 * other evaluated view. If a model sees, the bar is symmetric. If there is a view gap, the bar loses its colour, and a
 * text reports the gap. A click opens the pairs with only one correct view.
 */
export function Meter({ run }: { run: OpenRun }) {
  const { choices, compared, host } = usePage();
  const { evaluations } = run.news;
  const place = usePlaceInTime(evaluations.map(({ place }) => place[choices.x]));
  const then = place === null ? undefined : evaluations[place];
  const earlier = then && meterOfResults(then.figures, then.place.step, then.id);
  const meter = earlier ?? meterOf(run.news);
  if (!meter) return null;
  const { evaluation } = meter;
  const [original, other, both] = [endsOf(meter.original)!, endsOf(meter.other)!, endsOf(meter.both)!];
  const measured = evaluations.find(({ id }) => id === evaluation);
  const figure = measured && bothRight(measured.figures);
  // Bars over the whole width would look like a result, so draw no bars.
  const isJudged = both[1] - both[0] < 1;
  return (
    <button
      type="button"
      class={`meter flow${meter.diverges ? ' diverging' : ''}`}
      title={`${evaluation === null ? 'Share of pairs with both views correct in the last training steps. A view is correct if most of its completions are correct.' : `Share of pairs with both views correct in evaluation ${evaluation}.`}${figure?.floor ? ` Image-free bound: ${floorText(figure.floor)}. The report lists the bound of each kind of question.` : ''}${meter.diverges ? ' The accuracies on the two views differ by 10 points or more (p < 0.05).' : ''} Select the value to show pairs with only one correct view.`}
      onClick={() => host.notify('act', { action: 'showDiverging', dir: run.dir })}
    >
      {compared && <strong class="name">{run.name}</strong>}
      <strong>
        {/* Show the source of the values, because charts show the accuracy of completions in training. */}
        <span class="quiet">
          {meter.steps === undefined
            ? 'evaluation'
            : `training, ${stepsText(meter.steps)}, by majority of completions`}
          {evaluation !== null && Number.isFinite(meter.step) && ` at step ${thousands(meter.step)}`}:{' '}
        </span>
        {isJudged ? `${pairAccuracy(meter)} ${percentsText(both)}` : 'no pair scored'}
        {isJudged && figure?.interval && (
          <span class="quiet"> [{figure.interval.map(percent).join(', ')}]</span>
        )}
        {figure && (
          <span class="quiet">
            {learntFrom(run)
              ? ` of ${thousands(figure.n)} pairs from the training data`
              : ` of ${thousands(figure.n)} pairs`}
            {isJudged && figure.not_judged !== undefined && `, ${thousands(figure.not_judged)} not scored`}
            {figure.floor && `, image-free bound of all questions ${percentText(figure.floor.words)}`}
          </span>
        )}
      </strong>
      {isJudged && (
        <>
          <span class="side">← originals {percentsText(original)}</span>
          <span
            class="bar"
            aria-hidden="true"
            style={{
              '--original': original[0],
              '--other': other[0],
              '--most-original': original[1],
              '--most-other': other[1],
            }}
          />
          <span>
            {viewLabel(meter.view)} {percentsText(other)}
            {meter.diverges && ': view gap'} →
          </span>
        </>
      )}
    </button>
  );
}
