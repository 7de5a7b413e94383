import type { InsideRun, Insight } from '../../src/panels/inside/inside.contract.ts';
import { patchChart, patchTable, wholeText } from '../../src/core/reports/insight/patch.ts';
import { Button, Dropdown } from '../ui/controls.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import { Message, Problem } from '../ui/message.tsx';
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
} from './look-names.ts';
import { Looked } from './looked.tsx';
import { Probed } from './probed.tsx';

interface InsideViewProps {
  model: InsideModel;
}

/** The results that `chirality inspect attention`, `probe` and `patch` wrote to runs: what can be seen first, tables last. */
export function InsideView({ model }: InsideViewProps) {
  const { runs, problem } = model.state;
  if (problem !== null) return <Message title="Inside the model" text={problem} role="alert" />;
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
  const why = [listed, answer].find((one) => one.state === 'failed');
  return (
    <>
      <header>
        <h1>{runs.length > 1 ? 'Inside the models' : `Inside ${runs[0]!.name}`}</h1>
        <div class="tools">
          {results.length > 1 && (
            <Dropdown
              label="Result"
              value={titles[results.indexOf(result!)]!}
              set={(chosen) => model.update({ chosen })}
              options={titles}
            />
          )}
          {runs.map((run) => (
            <Button
              key={run.dir}
              primary={listed.state === 'answered' && results.length === 0}
              onClick={() => host.notify('lookInside', { dir: run.dir })}
            >
              Look Inside{runs.length > 1 && ` ${run.name}`}…
            </Button>
          ))}
        </div>
      </header>
      <main>
        {why?.state === 'failed' && <Problem why={why.why} />}
        {listed.state === 'answered' && results.length === 0 && <Nothing />}
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

/** What could be asked, where nothing was. */
const Nothing = () => (
  <div class="nothing">
    <p>Nobody has looked inside this model yet. “Look Inside…” asks a checkpoint, for the rows of a set:</p>
    <ul>
      <li>
        <strong>Where does it look?</strong> Its attention on original and mirror, layer by layer, and what
        its answers lose without the picture.
      </li>
      <li>
        <strong>What does it know?</strong> Facts that can be read off its hidden states, and rows that it
        knows but does not say.
      </li>
      <li>
        <strong>Where does the side pass to the answer?</strong> Its answers with hidden states of the
        mirrored picture.
      </li>
    </ul>
  </div>
);

/** The newest result; of several runs, the newest look at rows that another run was looked into, too. */
const firstOf = (results: readonly Result[]): Result | undefined =>
  results.find((one) =>
    results.some(
      (other) => other.run !== one.run && rowsKey(other) !== null && rowsKey(other) === rowsKey(one),
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
          {step !== null && `step ${step}, `}strategy {strategy}
        </span>
      </h2>
      {kind === 'set' && <Looked set={insight} open={open} {...{ result, results, runs, host }} />}
      {kind === 'probe' && <Probed results={insight.results} open={open} />}
      {kind === 'patch' && (
        <>
          <p>{wholeText(insight.figures)}</p>
          <Bars chart={patchChart(insight.figures)} />
          <FigureTable table={patchTable(insight.figures)} />
        </>
      )}
    </>
  );
}
