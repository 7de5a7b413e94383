import { useLayoutEffect } from 'preact/hooks';
import { thousands } from '../../src/base/format.ts';
import { oneLine } from '../../src/base/escape.ts';
import type { AcuityState, Measuring } from '../../src/panels/acuity/acuity.contract.ts';
import type { Section } from '../../src/core/reports/document.ts';
import { Boundary, Message, Problem } from '../ui/message-line.tsx';
import { Button, Checkbox, ProgressRing } from '../ui/controls.tsx';
import { DrawnChart } from '../ui/drawn-chart.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import { Scrolls } from '../ui/parts.tsx';
import type { AcuityModel } from './acuity-model.ts';
import { Myself } from './myself.tsx';
import { Trials } from './trials.tsx';

interface AcuityViewProps {
  model: AcuityModel;
}

export function AcuityView({ model }: AcuityViewProps) {
  const { state, myself, problem, measuring } = model.state;
  return (
    <>
      <Problem why={problem} />
      {!myself &&
        measuring.map((underWay) => <UnderWay key={underWay.id} measurement={underWay} model={model} />)}
      {myself ? <Myself myself={myself} model={model} /> : state && <Results state={state} model={model} />}
    </>
  );
}

/** Measurement in progress, with the curve from its answers so far. */
function UnderWay({
  measurement: { id, model: name, line },
  model,
}: AcuityViewProps & { measurement: Measuring }) {
  return (
    <div class="under-way flow">
      <ProgressRing label="Measuring" />
      <span role="status">
        Measuring <bdi>{oneLine(name, 80)}</bdi>
        {line !== '' && <span class="quiet"> · {oneLine(line, 120)}</span>}
      </span>
      <Button onClick={() => model.host.notify('end', { id })}>Stop Measurement</Button>
    </div>
  );
}

function Results({ model, state }: AcuityViewProps & { state: AcuityState }) {
  const { opened } = model.state;
  const subject = state.kind === 'shown' ? state.view.axis : null;
  // Scroll to the top when the page shows another axis.
  useLayoutEffect(() => window.scrollTo(0, 0), [subject]);
  if (state.kind === 'reading')
    return (
      <Message title="Acuity" text="Looking for measurements…">
        <ProgressRing label="Reading" />
      </Message>
    );
  if (state.kind === 'failed') return <Message title="Cannot show acuity" text={state.why} role="alert" />;
  const { view, choices } = state;
  const section = view.document?.sections.find(({ title }) => title === view.axis);
  if (view.axes.length === 0) return <Nothing model={model} problems={view.problems} />;
  return (
    <>
      <header>
        <div class="tools" role="group" aria-label="Stimulus">
          {view.axes.map((axis) => (
            <button
              key={axis}
              type="button"
              class="tab"
              aria-pressed={axis === view.axis}
              onClick={() => model.choose({ axis })}
            >
              {axis}
            </button>
          ))}
        </div>
        <div class="tools">
          <MeasureMyself model={model} />
          <MeasureModel model={model} />
        </div>
      </header>
      <Scrolls as="main" aria-label="Acuity">
        <h1 class="unseen">Acuity</h1>
        {view.problems.map((text) => (
          <Problem key={text} why={text} />
        ))}
        {section && <Sentences section={section} />}
        {view.results.length > 0 && (
          <fieldset class="who">
            <legend class="unseen">Shown results</legend>
            {view.results.map(({ key, model: name, isPerson, answered, total }) => (
              <Checkbox
                key={key}
                checked={!choices.hidden.includes(key)}
                set={(shown) =>
                  model.choose({
                    hidden: shown
                      ? choices.hidden.filter((hidden) => hidden !== key)
                      : [...choices.hidden, key],
                  })
                }
              >
                {name}
                {isPerson && <span class="quiet"> person</span>}
                {answered < total && (
                  <span class="quiet">{` ${thousands(answered)} of ${thousands(total)}`}</span>
                )}
              </Checkbox>
            ))}
          </fieldset>
        )}
        <Boundary shown={view}>
          <div class="charts">
            {section?.charts.map((chart) => (
              <figure key={chart.id}>
                <h2 id={`${chart.id}-caption`}>{chart.caption}</h2>
                <DrawnChart chart={chart} labelledBy={`${chart.id}-caption`} open={model.open} />
                {chart.notes.map((note) => (
                  <p key={note} class="quiet">
                    {note}
                  </p>
                ))}
              </figure>
            ))}
          </div>
          {opened && <Trials opened={opened} view={view} model={model} />}
          {section?.tables.map((table) => (
            <FigureTable key={table.id} table={table} />
          ))}
          {!section && <p class="quiet">All results are hidden.</p>}
        </Boundary>
      </Scrolls>
    </>
  );
}

const Sentences = ({ section: { text } }: { section: Section }) => (
  <div class="sentences">
    {text.map((sentence) => (
      <p key={sentence} class="finding">
        {sentence}
      </p>
    ))}
  </div>
);

const MeasureModel = ({ model }: AcuityViewProps) => (
  <Button primary onClick={() => model.host.notify('measure', null)}>
    Measure Model Acuity…
  </Button>
);
const MeasureMyself = ({ model }: AcuityViewProps) => (
  <Button onClick={() => model.update({ myself: { kind: 'start' } })}>Measure My Acuity</Button>
);

/** Definition of acuity and first steps, shown if there are no measurements. */
const Nothing = ({ model, problems }: AcuityViewProps & { problems: readonly string[] }) => (
  <Message title="Acuity">
    {problems.map((text) => (
      <Problem key={text} why={text} />
    ))}
    <p>
      Acuity is the smallest difference between two objects that a model can detect (its discrimination
      threshold). Chirality measures acuity, response bias and lapse rate on synthetic scenes. You can measure
      your own acuity in two minutes with the arrow keys.
    </p>
    <div class="tools">
      <MeasureModel model={model} />
      <MeasureMyself model={model} />
    </div>
  </Message>
);
