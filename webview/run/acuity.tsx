import { withUnbrokenPercent, type Section } from '../../src/core/reports/document.ts';
import { DrawnChart } from '../ui/drawn-chart.tsx';
import { usePage, type OpenRun } from './panel-state.ts';
import { useAnswer } from '../ui/use-answers.ts';

/** All but the overview of several axes. */
const hasCharts = ({ charts }: Section): boolean => charts.length > 0;

/** How finely the model sees, and from habit answers, as it learns: what `evaluate.acuity` has measured. */
export function AcuityOverSteps({ run }: { run: OpenRun }) {
  const { host } = usePage();
  const { evaluations, state } = run.news;
  const key = `${evaluations.length} ${state?.phase === 'evaluating'}`;
  const answer = useAnswer(key, run.facts.program === undefined, () => host.call('acuity', { dir: run.dir }));
  if (answer.state === 'failed') return <p class="quiet">Acuity cannot be shown: {answer.why}</p>;
  if (answer.state !== 'answered' || !answer.value) return null;
  return (
    <section class="acuity" aria-labelledby="acuity-title">
      <h2 id="acuity-title">How finely it sees</h2>
      {answer.value.sections.filter(hasCharts).map(({ id, text, charts }) => (
        <div key={id}>
          <p>{withUnbrokenPercent(text[0]!)}</p>
          <div class="drawn">
            {charts
              .filter(({ kind }) => kind === 'line')
              .map((chart) => (
                <figure key={chart.id}>
                  <figcaption>
                    <h3 id={chart.id}>{chart.caption}</h3>
                  </figcaption>
                  <DrawnChart chart={chart} labelledBy={chart.id} />
                </figure>
              ))}
          </div>
        </div>
      ))}
    </section>
  );
}
