import { useState } from 'preact/hooks';
import type { Insight } from '../../src/core/protocol/insights.ts';
import { Dropdown } from '../ui/controls.tsx';
import { Looked } from './looked.tsx';
import type { Host, OpenRow, OpenRun } from './panel-state.ts';
import { Patched } from './patched.tsx';
import { Probed } from './probed.tsx';
import { ThroughLayers } from './through-layers.tsx';
import { useAnswer } from './use-answers.ts';

const TITLES: Record<Insight['kind'], string> = {
  set: 'Where it looks',
  probe: 'What it knows',
  patch: 'Where the side passes to the answer',
};

const titleOf = (name: string): string => {
  const kind = name.slice(0, name.indexOf('-')) as Insight['kind'];
  return `${TITLES[kind]}: ${name.slice(kind.length + 1)}`;
};

/** The results that `chirality insight`, `probe` and `patch` wrote to the run. Hidden if there are none. */
export function Inside({ run, revision, host }: { run: OpenRun; revision: number; host: Host }) {
  const [chosen, choose] = useState('');
  const { dir } = run;
  const names = useAnswer(`${dir} ${revision}`, true, () => host.call('insights', { dir }));
  const all = names.state === 'answered' ? names.value : [];
  const name = all.includes(chosen) ? chosen : (all[0] ?? '');
  const answer = useAnswer(`${dir} ${name}`, name !== '', () => host.call('insight', { dir, name }));
  const why = [names, answer].find((one) => one.state === 'failed');
  return (
    <section class="section inside" aria-label="Inside the model" hidden={all.length === 0 && !why}>
      <h2>Inside the model</h2>
      {all.length > 1 && (
        <Dropdown label="Result" value={name} set={choose} options={all.map((one) => [one, titleOf(one)])} />
      )}
      {why?.state === 'failed' && (
        <p class="notice bad" role="alert">
          {why.why}
        </p>
      )}
      {answer.state === 'answered' && answer.value.name === name && (
        <Shown
          key={name}
          insight={answer.value}
          open={(id) => host.notify('openInsightRow', { dir, name, id })}
        />
      )}
    </section>
  );
}

/** The newest look over a set of each run by layer, to compare runs, such as before and after training. */
export function InsideRuns({ runs, revision, host }: { runs: OpenRun[]; revision: number; host: Host }) {
  const dirs = runs.map(({ dir }) => dir);
  const names = useAnswer(JSON.stringify([dirs, revision]), true, () =>
    Promise.all(
      runs.map(async ({ dir, name: run }) => {
        const [name] = (await host.call('insights', { dir })).filter((one) => one.startsWith('set-'));
        return name === undefined ? [] : [{ dir, run, name }];
      }),
    ),
  );
  const newest = names.state === 'answered' ? names.value.flat() : [];
  const answer = useAnswer(JSON.stringify(newest), newest.length > 1, () =>
    Promise.all(
      newest.map(async ({ dir, run, name }) => {
        const set = await host.call('insight', { dir, name });
        return set.kind === 'set' ? [{ run, set }] : [];
      }),
    ),
  );
  const failed = [names, answer].find((one) => one.state === 'failed');
  const sets = newest.length > 1 && answer.state === 'answered' ? answer.value.flat() : [];
  return (
    <section class="section inside" aria-label="Inside the models" hidden={sets.length < 2 && !failed}>
      <h2>Inside the models</h2>
      {failed?.state === 'failed' && (
        <p class="notice bad" role="alert">
          {failed.why}
        </p>
      )}
      {sets.length > 1 && (
        <>
          <p class="quiet">
            {sets.map(({ run, set }) => `${run}: ${set.name.slice('set-'.length)}`).join('; ')}.
            {new Set(sets.map(({ set }) => set.file)).size > 1 && ' The rows are not the same.'}
          </p>
          <ThroughLayers sets={sets} among="all" />
        </>
      )}
    </section>
  );
}

function Shown({ insight, open }: { insight: Insight; open: OpenRow }) {
  const { kind, step, strategy } = insight;
  return (
    <>
      <h3>{TITLES[kind]}</h3>
      <p class="quiet">
        Strategy {strategy}
        {step !== null && `, step ${step}`}.
      </p>
      {kind === 'set' && <Looked set={insight} open={open} />}
      {kind === 'probe' && <Probed results={insight.results} open={open} />}
      {kind === 'patch' && <Patched figures={insight.figures} />}
    </>
  );
}
