import { useState } from 'preact/hooks';
import type { Insight } from '../../src/core/protocol/insights.ts';
import { patchChart, patchTable, wholeText } from '../../src/core/reports/insight/patch.ts';
import { Dropdown } from '../ui/controls.tsx';
import { DrawnChart } from '../ui/drawn-chart.tsx';
import { FigureTable } from '../ui/figure-table.tsx';
import { rowsKey, TITLES, titlesOf, type Result } from './look-names.ts';
import { Looked } from './looked.tsx';
import type { Host, OpenRow, OpenRun } from './panel-state.ts';
import { Probed } from './probed.tsx';
import { useAnswer } from './use-answers.ts';

interface Props {
  runs: readonly OpenRun[];
  revision: number;
  host: Host;
}

/** The results that `chirality insight`, `probe` and `patch` wrote to the runs. Hidden if there are none. */
export function Inside({ runs, revision, host }: Props) {
  const [chosen, choose] = useState('');
  const dirs = runs.map(({ dir }) => dir);
  const listed = useAnswer(JSON.stringify([dirs, revision]), true, () =>
    Promise.all(
      runs.map(async (run) =>
        (await host.call('insights', { dir: run.dir })).map((entry): Result => ({ ...entry, run })),
      ),
    ),
  );
  const results = listed.state === 'answered' ? listed.value.flat() : [];
  const titles = titlesOf(results);
  const result = results[titles.indexOf(chosen)] ?? firstOf(results);
  const [dir, name] = [result?.run.dir ?? '', result?.name ?? ''];
  const answer = useAnswer(`${dir} ${name}`, result !== undefined, () => host.call('insight', { dir, name }));
  const why = [listed, answer].find((one) => one.state === 'failed');
  const label = runs.length > 1 ? 'Inside the models' : 'Inside the model';
  return (
    <section class="section inside" aria-label={label} hidden={results.length === 0 && !why}>
      <h2>{label}</h2>
      {results.length > 1 && (
        <Dropdown
          label="Result"
          value={titles[results.indexOf(result!)]!}
          set={choose}
          options={titles.map((title) => [title, title])}
        />
      )}
      {why?.state === 'failed' && (
        <p class="notice bad" role="alert">
          {why.why}
        </p>
      )}
      {result && answer.state === 'answered' && answer.value.name === name && (
        <Shown
          key={`${dir} ${name}`}
          insight={answer.value}
          open={(id) => host.notify('openInsightRow', { dir, name, id })}
          {...{ result, results, runs, host }}
        />
      )}
    </section>
  );
}

/** The newest result; of several runs, the newest look at rows that another run was looked into, too. */
const firstOf = (results: readonly Result[]): Result | undefined =>
  results.find((one) =>
    results.some(
      (other) => other.run !== one.run && rowsKey(other) !== null && rowsKey(other) === rowsKey(one),
    ),
  ) ?? results[0];

interface ShownProps extends Omit<Props, 'revision'> {
  insight: Insight;
  result: Result;
  results: readonly Result[];
  open: OpenRow;
}

function Shown({ insight, result, results, runs, host, open }: ShownProps) {
  const { kind, step, strategy } = insight;
  return (
    <>
      <h3>{TITLES[kind]}</h3>
      <p class="quiet">
        {runs.length > 1 && `${result.run.name}: `}
        {step !== null && `step ${step}, `}strategy {strategy}
      </p>
      {kind === 'set' && <Looked set={insight} open={open} {...{ result, results, runs, host }} />}
      {kind === 'probe' && <Probed results={insight.results} open={open} />}
      {kind === 'patch' && (
        <>
          <p>{wholeText(insight.figures)}</p>
          <Moved figures={insight.figures} />
          <FigureTable table={patchTable(insight.figures)} />
        </>
      )}
    </>
  );
}

/** What each answer depends on, as bars. */
function Moved({ figures }: { figures: Parameters<typeof patchChart>[0] }) {
  const chart = patchChart(figures);
  if (!chart) return null;
  return (
    <figure class="moved">
      <h4 id="moved-caption">{chart.caption}</h4>
      <DrawnChart chart={chart} labelledBy="moved-caption" />
    </figure>
  );
}
