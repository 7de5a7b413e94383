import { fixed, several, thousands } from '../../src/base/format.ts';
import { phaseLabel } from '../../src/base/labels.ts';
import type { ShownRun } from '../../src/panels/run/run.contract.ts';
import { oneLine } from '../../src/base/escape.ts';
import { isFailedStatus } from '../../src/core/run-data/run-status.ts';
import { Button } from '../ui/controls.tsx';
import { useNarrow, useAnswer } from '../ui/hooks.ts';
import { Boundary, Message } from '../ui/message-line.tsx';
import { InterpretationLine } from '../ui/interpretation-line.tsx';
import { Charts } from './charts.tsx';
import { ChecksAndEvents } from './events.tsx';
import { Meter, meterOf } from './meter-view.tsx';
import { configDifferences, Differences, Settings } from './run-settings.tsx';
import { Status } from './status.tsx';
import { WatchedPairs } from './watched-pairs.tsx';
import { Toolbar } from './run-toolbar.tsx';
import { configAt, isOpen, usePage, widthOf, type OpenRun } from './run-panel-state.ts';
import type { Section } from '../../src/core/reports/document.ts';
import { DrawnChart } from '../ui/drawn-chart.tsx';
import type { InsightEntry } from '../../src/panels/inside/inside.contract.ts';
import { bothRight, likeForLikeTexts } from '../../src/core/metrics/view-gaps.ts';

export function RunView({ runs }: { runs: ShownRun[] | null }) {
  const { choices, revision, compared, host } = usePage();
  const width = widthOf(useNarrow());
  if (!runs) return null;
  if (runs.length === 0) return <Message title="No run" text="Run “Chirality: Open Run” to select a run." />;
  const open = runs.filter(isOpen);
  const drawn = open.filter(({ news }) => news.rows > 0 || news.evaluations.length > 0);
  const showsConfig = configAt(choices, open.length).includes(width);
  return (
    <>
      <header>
        <div class="runs stack">
          {runs.map((run) => (
            <Status key={run.dir} run={run} index={isOpen(run) ? drawn.indexOf(run) : -1} />
          ))}
        </div>
        {open.length > 0 && <Toolbar runs={open} drawn={drawn.length > 0} />}
      </header>
      <div class={`columns parts${open.length === 1 && showsConfig ? ' beside' : ''}`}>
        {open.length === 1 && showsConfig && (
          <aside aria-label="Config">
            <Settings
              run={open[0]!}
              open={() => host.notify('act', { action: 'openConfig', dir: open[0]!.dir })}
            />
          </aside>
        )}
        <main>
          {runs.map((run) => (
            <Notice key={run.dir} run={run} />
          ))}
          {open.map((run) => (
            <Read key={run.dir} run={run} />
          ))}
          {drawn.length > 1 && <Finding runs={drawn} />}
          <div class="meters">
            {drawn.map((run) => (
              <Meter key={run.dir} run={run} />
            ))}
          </div>
          {open.length > 1 && showsConfig && <Differences runs={open} />}
          {!compared && drawn[0] && <WatchedPairs key={drawn[0].dir} run={drawn[0]} />}
          <OtherRules runs={drawn} />
          {drawn.length > 1 && choices.mean && <MeanNote runs={drawn} />}
          <Boundary shown={revision}>
            {drawn.length > 0 && (
              <Charts runs={drawn}>
                {drawn.map((run, index) => (
                  <ChecksAndEvents key={run.dir} run={run} index={index} />
                ))}
              </Charts>
            )}
          </Boundary>
          {!compared && drawn[0] && <AcuityOverSteps key={`acuity ${drawn[0].dir}`} run={drawn[0]} />}
          {open.map((run) => (
            <NotKnown key={run.dir} run={run} />
          ))}
          {open.length > 0 && <InsideLine key={open.map(({ dir }) => dir).join()} runs={open} />}
        </main>
      </div>
    </>
  );
}

/** Warning that evaluation curves join values from different versions of the rules, which can shift the curves. */
function OtherRules({ runs }: { runs: OpenRun[] }) {
  const { compared } = usePage();
  const points = runs.flatMap(({ dir, name, news }) =>
    news.evaluations.map((evaluation) => ({ ...evaluation, dir, name })),
  );
  const latest = Math.max(...points.map(({ rules }) => rules ?? 0));
  const old = points.filter(({ rules }) => rules !== null && rules < latest);
  if (old.length === 0) return null;
  const named = old
    .slice(0, 3)
    .map(({ name, place }) => `${compared ? `${name}, ` : ''}step ${thousands(place.step)}`);
  const more = old.length > named.length ? ` and ${old.length - named.length} more` : '';
  return (
    <p class="notice" role="status">
      {`Older rules scored the answers of ${several(old.length, 'evaluation')} (${named.join('; ')}${more}). The curve can jump at these steps without a change of the model. To rescore the answers, run `}
      <code>chirality eval rescore {[...new Set(old.map(({ dir }) => `"${dir}"/eval/*`))].join(' ')}</code>
    </p>
  );
}

/** Note on the curves that average runs. Runs with other configs are no repetitions of each other. */
function MeanNote({ runs }: { runs: OpenRun[] }) {
  const paths = configDifferences(runs).map(({ path }) => path);
  const some = paths.slice(0, 3).join(', ') + (paths.length > 3 ? ` and ${paths.length - 3} more` : '');
  return (
    <p class="notice" role="status">
      {`The curves show the mean of ${several(runs.length, 'run')}: ${runs.map(({ name }) => name).join(', ')}. Each mean covers the runs with a value at its step. `}
      {paths.length > 0 &&
        `The configs of these runs differ in ${several(paths.length, 'setting')}: ${some}.`}
    </p>
  );
}

/** User's mapping of an external run, shown above all curves because the mapping determines which answers are right. */
function Read({ run }: { run: OpenRun }) {
  const { compared, host } = usePage();
  const { interpretation, recent } = run.news;
  if (run.facts.program === undefined || !interpretation) return null;
  const { what: source, right } = interpretation;
  const mean = recent[`rewards/${right}/mean`];
  return (
    <section class="read" aria-label={`Mapping of ${run.name}`}>
      {compared && <strong>{run.name}</strong>}
      <InterpretationLine
        interpretation={interpretation}
        interpret={(what) => host.notify('interpret', { what, dir: run.dir })}
      />
      {source === 'run' && right === null && <span class="quiet">Correctness of completions unknown</span>}
      {mean !== undefined && (
        <span>
          {`${oneLine(right!, 60)}, mean of the last steps: `}
          <strong>{fixed(mean, 3)}</strong>
        </span>
      )}
    </section>
  );
}

/** Facts that are missing from the files of an external run. */
function NotKnown({ run }: { run: OpenRun }) {
  const { compared } = usePage();
  const { state } = run.news;
  if (!state || run.facts.program === undefined) return null;
  const lines = state.message.split('\n').filter((line) => line !== '');
  if (lines.length === 0) return null;
  return (
    <details class="notice" open={!compared}>
      <summary>{compared && `${run.name}: `}Information missing from this run</summary>
      <ul>
        {lines.map((line) => (
          <li key={line}>{oneLine(line, 300)}</li>
        ))}
      </ul>
    </details>
  );
}

/** Message about a state that matters more than curves: the run is loading, missing, failed, lost or empty. */
function Notice({ run }: { run: ShownRun }) {
  const { compared, host } = usePage();
  const name = compared ? `${run.name}: ` : '';
  if (run.kind === 'missing')
    return (
      <p class="notice bad" role="alert">
        {name}
        {run.why}
      </p>
    );
  if (run.kind === 'run' && hasFailed(run)) {
    const { status, message } = run.news.state!;
    return (
      <div class="notice bad" role="alert">
        <p>
          <strong>
            {name}
            {status === 'lost'
              ? 'This run was lost, because its process ended unexpectedly. '
              : status === 'failed'
                ? 'This run failed. '
                : ''}
          </strong>
          {message}
        </p>
        <span class="tools">
          {isAboutMissing(message ?? '') && (
            <Button primary onClick={() => host.notify('act', { action: 'locateImages', dir: run.dir })}>
              Locate Images…
            </Button>
          )}
          <Button onClick={() => host.notify('act', { action: 'openLog', dir: run.dir })}>Open Log</Button>
        </span>
      </div>
    );
  }
  if (run.kind === 'run' && run.news.state?.unrewarded)
    return (
      <p class="notice bad" role="alert">
        {name}
        <strong>No training signal. </strong>
        {run.news.state.message}
      </p>
    );
  if (run.kind === 'run' && run.news.state?.signature)
    return (
      <p class="notice bad" role="alert">
        {name}
        {run.news.state.message}
      </p>
    );
  const text = progressText(run);
  return text === null ? null : (
    <p class="notice" role="status">
      {name}
      {text}
    </p>
  );
}

/** Whether the message of a failed run is about images that do not exist. */
const isAboutMissing = (message: string): boolean =>
  /Image file .+ does not exist|missing image|image missing/.test(message);

const hasFailed = ({ facts, news: { state } }: OpenRun): boolean =>
  state !== null &&
  facts.program === undefined &&
  (isFailedStatus(state.status) || state.status === 'unknown');

/** Returns a text about the progress of a run or of its displayed part; null if the curves show the progress. */
function progressText(run: Exclude<ShownRun, { kind: 'missing' }>): string | null {
  if (run.kind === 'loading')
    return `Reading the run…${run.share > 0 ? ` ${Math.round(100 * run.share)}%` : ''}`;
  const { state, rows, readShare, foldedSteps } = run.news;
  if (readShare !== null)
    return `Reading steps: ${Math.floor(100 * readShare)}% done. The curves show ${thousands(rows)} steps so far, including the newest.`;
  if (foldedSteps > 1)
    return `This run is too long to keep all values in memory. The curves show the lowest and highest value of every ${foldedSteps} steps.`;
  if (rows > 0) return null;
  return `No finished steps yet${state?.phase ? ` (${phaseLabel(state.phase)})` : ''}. Curves appear after the first step.`;
}

/** Returns whether a section has charts. The overview of several axes has none. */
const hasCharts = ({ charts }: Section): boolean => charts.length > 0;

/** Charts of acuity and response bias during training, as measured by `evaluate.acuity`. */
function AcuityOverSteps({ run }: { run: OpenRun }) {
  const { host } = usePage();
  const { evaluations, state } = run.news;
  const key = `${evaluations.length} ${state?.phase === 'evaluating'}`;
  const answer = useAnswer(key, run.facts.program === undefined, () => host.call('acuity', { dir: run.dir }));
  if (answer.state === 'failed') return <p class="quiet">Cannot show acuity: {answer.why}</p>;
  if (answer.state !== 'answered' || !answer.value) return null;
  return (
    <section class="acuity" aria-labelledby="acuity-title">
      <h2 id="acuity-title">Acuity</h2>
      {answer.value.sections.filter(hasCharts).map(({ id, text, charts }) => (
        <div key={id}>
          <p>{text[0]!}</p>
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

const QUESTIONS: Record<InsightEntry['kind'], string> = {
  set: 'attention',
  probe: 'probes',
  patch: 'patching',
};

/** Line that links to the interpretability results; null without results. */
function InsideLine({ runs }: { runs: readonly OpenRun[] }) {
  const { revision, host } = usePage();
  const listed = useAnswer(`${revision}`, true, () =>
    Promise.all(runs.map(({ dir }) => host.call('insights', { dir }))),
  );
  if (listed.state === 'failed')
    return <p class="quiet">Cannot show interpretability results: {listed.why}</p>;
  const results = listed.state === 'answered' ? listed.value.flat() : [];
  if (results.length === 0) return null;
  const kinds = (Object.keys(QUESTIONS) as InsightEntry['kind'][]).filter((kind) =>
    results.some((result) => result.kind === kind),
  );
  return (
    <p class="inside">
      <button type="button" class="link" onClick={() => host.notify('openInside', null)}>
        Interpretability
      </button>
      : {kinds.map((kind) => QUESTIONS[kind]).join(', ')}
    </p>
  );
}

/** Returns the results behind a run's pair metrics; null if they are missing or come from training steps. */
function measuredOf({ news }: OpenRun) {
  const meter = meterOf(news);
  const figures = news.evaluations.find(({ id }) => id === meter?.evaluation)?.figures;
  const set = figures && bothRight(figures)?.set;
  return figures && set !== undefined ? { figures, set } : null;
}

/** Finding of a like-for-like comparison. Empty unless all runs have results for the same set in both views. */
function Finding({ runs }: { runs: readonly OpenRun[] }) {
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
