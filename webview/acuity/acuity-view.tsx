import type { Channel } from '../../src/core/protocol/channel.ts';
import type { AcuityHost, AcuityState } from '../../src/core/protocol/acuity-panel.ts';
import { useLayoutEffect } from 'preact/hooks';
import { thousands } from '../../src/core/labels.ts';
import { withUnbrokenPercent, type Section } from '../../src/core/reports/document.ts';
import { Boundary } from '../ui/message.tsx';
import { Button, Checkbox, ProgressRing } from '../ui/controls.tsx';
import { DrawnChart } from '../ui/drawn-chart.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import type { Actions, PageState } from './main.tsx';
import { Myself } from './myself.tsx';
import { Trials } from './trials.tsx';

interface Props {
  page: PageState;
  host: Channel<AcuityHost>;
  actions: Actions;
}

export function AcuityView({ page, host, actions }: Props) {
  const { state, own, problem } = page;
  return (
    <>
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {own ? (
        <Myself own={own} host={host} actions={actions} />
      ) : (
        state && <Results {...{ page, state, host, actions }} />
      )}
    </>
  );
}

function Results({ page, state, host, actions }: Props & { state: AcuityState }) {
  const subject = state.kind === 'shown' ? state.view.axis : null;
  // Another axis begins with its sentence, however far down the last one was read.
  useLayoutEffect(() => window.scrollTo(0, 0), [subject]);
  if (state.kind === 'reading')
    return (
      <main class="message">
        <h1>Acuity</h1>
        <p>Looking for measurements…</p>
        <ProgressRing label="Reading" />
      </main>
    );
  if (state.kind === 'failed')
    return (
      <main class="message">
        <h1>Acuity cannot be shown</h1>
        <p role="alert">{state.why}</p>
      </main>
    );
  const { view, choices } = state;
  const section = view.document?.sections.find(({ title }) => title === view.axis);
  if (view.axes.length === 0) return <Nothing host={host} actions={actions} problems={view.problems} />;
  return (
    <>
      <header>
        <div class="tools" role="group" aria-label="What differs">
          {view.axes.map((axis) => (
            <button
              key={axis}
              type="button"
              class="tab"
              aria-pressed={axis === view.axis}
              onClick={() => actions.choose({ axis })}
            >
              {axis}
            </button>
          ))}
        </div>
        <div class="tools">
          <Button onClick={() => actions.update({ own: { kind: 'start' } })}>Measure Myself</Button>
          <Button primary onClick={() => host.notify('measure', null)}>
            Measure a Model…
          </Button>
        </div>
      </header>
      <main tabIndex={0} aria-label="Acuity">
        <h1 class="unseen">Acuity</h1>
        {view.problems.map((text) => (
          <p key={text} class="problem" role="alert">
            {text}
          </p>
        ))}
        {section && <Sentences section={section} />}
        {view.results.length > 0 && (
          <fieldset class="who">
            <legend class="unseen">Who is shown</legend>
            {view.results.map(({ key, model, isPerson, answered, total }) => (
              <Checkbox
                key={key}
                checked={!choices.hidden.includes(key)}
                set={(shown) =>
                  actions.choose({
                    hidden: shown ? choices.hidden.filter((one) => one !== key) : [...choices.hidden, key],
                  })
                }
              >
                {model}
                {isPerson && <span class="quiet"> person</span>}
                {answered < total && (
                  <span class="quiet">
                    {' '}
                    {thousands(answered)} of {thousands(total)}
                  </span>
                )}
              </Checkbox>
            ))}
          </fieldset>
        )}
        <Boundary of={view}>
          <div class="charts">
            {section?.charts.map((chart) => (
              <figure key={chart.id}>
                <h2 id={`${chart.id}-caption`}>{chart.caption}</h2>
                <DrawnChart chart={chart} labelledBy={`${chart.id}-caption`} open={actions.open} />
              </figure>
            ))}
          </div>
          {page.opened && (
            <Trials
              opened={page.opened}
              results={view.results}
              axis={view.axis}
              host={host}
              actions={actions}
            />
          )}
          {section?.tables.map((table) => (
            <FigureTable key={table.id} table={table} />
          ))}
          {!section && <p class="quiet">All results are hidden.</p>}
        </Boundary>
      </main>
    </>
  );
}

/** What the figures mean. */
const Sentences = ({ section: { text } }: { section: Section }) => (
  <div class="sentences">
    {text.map((sentence) => (
      <p key={sentence} class="finding">
        {withUnbrokenPercent(sentence)}
      </p>
    ))}
  </div>
);

/** Shown if nothing was measured: what it is, and what to do. */
const Nothing = ({
  host,
  actions,
  problems,
}: Pick<Props, 'host' | 'actions'> & { problems: readonly string[] }) => (
  <main class="message">
    <h1>How finely does a model see?</h1>
    {problems.map((text) => (
      <p key={text} class="problem" role="alert">
        {text}
      </p>
    ))}
    <p>
      Scenes with one controlled difference show the smallest one that a model can tell, which way it leans
      when it cannot, and how often it misses a plain one. Two minutes with the arrow keys show the same of
      you.
    </p>
    <div class="tools">
      <Button primary onClick={() => host.notify('measure', null)}>
        Measure a Model…
      </Button>
      <Button onClick={() => actions.update({ own: { kind: 'start' } })}>Measure Myself</Button>
    </div>
  </main>
);
