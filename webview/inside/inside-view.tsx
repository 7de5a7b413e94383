import type { InsideRun, Insight, Probed as ProbedSet } from '../../src/panels/inside/inside.contract.ts';
import { patchedFigure } from '../../src/core/reports/insight/patch-document.ts';
import { Button, Dropdown } from '../ui/controls.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import { Message, Problem } from '../ui/message-line.tsx';
import { useAnswer } from '../ui/hooks.ts';
import { Bars } from './through-layers.tsx';
import {
  rowsKey,
  TITLES,
  titlesOf,
  type Result,
  type Host,
  type InsideModel,
  type OpenRow,
  MOST_ROWS,
} from './look-names.ts';
import { Looked } from './looked.tsx';
import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { probeFigure } from '../../src/core/reports/insight/probe-document.ts';
import { LayerChart } from './layer-chart.tsx';

interface InsideViewProps {
  model: InsideModel;
}

/** Results of `chirality inspect attention`, `probe` and `patch`: a finding, a chart, and collapsed details. */
export function InsideView({ model }: InsideViewProps) {
  const { runs, problem } = model.state;
  if (problem !== null) return <Message title="Interpretability" text={problem} role="alert" />;
  return runs && <Results key={runs.map(({ dir }) => dir).join()} runs={runs} model={model} />;
}

function Results({ runs, model }: InsideViewProps & { runs: readonly InsideRun[] }) {
  const { host, state } = model;
  const dirs = runs.map(({ dir }) => dir);
  const listed = useAnswer(JSON.stringify([dirs, state.revision]), true, () =>
    Promise.all(
      runs.map(async (run) =>
        (await host.call('insights', { dir: run.dir })).map((entry): Result => ({ ...entry, run })),
      ),
    ),
  );
  const results = listed.state === 'answered' ? listed.value.flat() : [];
  const titles = titlesOf(results);
  const result = results[titles.indexOf(state.chosen)] ?? firstOf(results);
  const [dir, name] = [result?.run.dir ?? '', result?.name ?? ''];
  const answer = useAnswer(`${dir} ${name} ${state.revision}`, result !== undefined, () =>
    host.call('insight', { dir, name }),
  );
  const why = [listed, answer].find((loaded) => loaded.state === 'failed');
  return (
    <>
      <header>
        <h1>{runs.length > 1 ? 'Interpretability' : `Interpretability: ${runs[0]!.name}`}</h1>
        <div class="tools">
          {results.length > 1 && (
            <Dropdown
              label="Result"
              value={titles[results.indexOf(result!)]!}
              set={(chosen) => model.update({ chosen })}
              options={titles}
            />
          )}
          {results.length > 0 &&
            runs.map((run) => (
              <Button key={run.dir} onClick={() => host.notify('lookInside', { dir: run.dir, asks: true })}>
                Analyse{runs.length > 1 ? ` ${run.name}` : ' Model'}…
              </Button>
            ))}
        </div>
      </header>
      <main>
        {why?.state === 'failed' && <Problem why={why.why} />}
        {listed.state === 'answered' && results.length === 0 && <Nothing runs={runs} host={host} />}
        {result && answer.state === 'answered' && answer.value.name === name && (
          <Shown
            key={`${dir} ${name}`}
            insight={answer.value}
            open={(id) => host.notify('openRow', { dir, name, id })}
            {...{ result, results, runs, host }}
          />
        )}
      </main>
    </>
  );
}

/** Content of the panel without results. The default analysis requires no options. */
const Nothing = ({ runs, host }: { runs: readonly InsideRun[]; host: Host }) => (
  <div class="nothing">
    <p class="finding">Attention on the image and its mirror</p>
    <p>
      {runs.length > 1
        ? 'These models have no attention analysis yet.'
        : 'This model has no attention analysis yet.'}{' '}
      The default analysis runs the last checkpoint on the first evaluation set with the training prompt.
    </p>
    {runs.map(({ dir, name }) => (
      <div key={dir} class="controls">
        <Button primary onClick={() => host.notify('lookInside', { dir, asks: false })}>
          Analyse{runs.length > 1 ? ` ${name}` : ' Model'}
        </Button>
        <Button
          title="Select analysis, checkpoint, rows and prompting strategy"
          onClick={() => host.notify('lookInside', { dir, asks: true })}
        >
          Analyse with Options…
        </Button>
      </div>
    ))}
  </div>
);

/** Returns the newest result; for several runs, the newest result whose rows also occur in another run's result. */
const firstOf = (results: readonly Result[]): Result | undefined =>
  results.find((result) =>
    results.some(
      (other) => other.run !== result.run && rowsKey(other) !== null && rowsKey(other) === rowsKey(result),
    ),
  ) ?? results[0];

interface ShownProps {
  insight: Insight;
  result: Result;
  results: readonly Result[];
  runs: readonly InsideRun[];
  host: Host;
  open: OpenRow;
}

function Shown({ insight, result, results, runs, host, open }: ShownProps) {
  const { kind, step, strategy } = insight;
  return (
    <>
      <h2>
        {TITLES[kind]}
        <span class="quiet">
          {' '}
          {runs.length > 1 && `${result.run.name}: `}
          {step !== null && `step ${step}, `}prompting strategy {strategy}
        </span>
      </h2>
      {kind === 'set' && <Looked set={insight} open={open} {...{ result, results, runs, host }} />}
      {kind === 'probe' && <Probed results={insight.results} open={open} />}
      {kind === 'patch' && <Patched figures={insight.figures} />}
    </>
  );
}

function Patched({ figures }: { figures: Extract<Insight, { kind: 'patch' }>['figures'] }) {
  const { finding, whole, table, chart } = patchedFigure(figures);
  return (
    <>
      <p class="finding">{finding}</p>
      <Bars chart={chart} />
      <details>
        <summary>Values by layer</summary>
        <p>{whole}</p>
        <FigureTable table={table} />
      </details>
    </>
  );
}

/**
 * Properties that probes read from hidden states, by layer and next to controls, with the rows where probe and model
 * answer differ.
 */
function Probed({ results, open }: Pick<ProbedSet, 'results'> & { open: OpenRow }) {
  const [target, setTarget] = useState(results[0]?.target);
  const [chosen, choose] = useState<string | null>(null);
  const result = results.find((probed) => probed.target === target);
  if (!result) return <p class="instead flow">No fact has enough rows for a probe.</p>;
  const position = chosen ?? result.best.position;
  const figure = probeFigure(result, position, MOST_ROWS);
  return (
    <>
      <p class="finding">{figure.finding}</p>
      <div class="controls">
        <Dropdown
          label="Fact"
          value={result.target}
          set={(name) => {
            setTarget(name);
            choose(null);
          }}
          options={results.map((probed) => probed.target)}
        />
      </div>
      <Fragment key={result.target}>
        <p class="quiet">{figure.title}</p>
        <Dropdown label="Token position" value={position} set={choose} options={figure.positions} />
        <LayerChart chart={figure.chart} nameOf={figure.layerName} />
        <details>
          <summary>Values by layer</summary>
          {figure.text.map((text) => (
            <p key={text}>{text}</p>
          ))}
          <FigureTable table={figure.table} />
        </details>
      </Fragment>
      {figure.differences.length > 0 && (
        <details>
          <summary>Rows where probe and answer differ</summary>
          {figure.differences.map((table) => (
            <FigureTable key={table.id} table={table} open={open} />
          ))}
        </details>
      )}
    </>
  );
}
