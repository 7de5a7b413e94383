import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadRun } from '../../../../src/core/config/load.ts';
import { measuredRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import { summarise } from '../../../../src/core/metrics/evaluation-results.ts';
import { EvaluationHistory } from '../../../../src/core/metrics/evaluation-alarms.ts';
import { History } from '../../../../src/core/rewards/alarms.ts';
import { runSteps, type Loop } from '../../../../src/lab/rollouts/step-metrics.ts';
import { hackingIn } from '../../../../src/lab/runs/history.ts';
import { lockFolder } from '../../../../src/lab/runs/folder-lock.ts';
import { ActiveRun, createRun } from '../../../../src/lab/runs/make-run.ts';
import { stateSummary } from '../../../../src/lab/operations/list-runs.action.ts';
import { readState } from '../../../../src/lab/runs/state.ts';
import { rowOf } from '../../../support/evaluation.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { BASE, ScriptedTrainer, type Script } from './scripted-training.ts';

/** An evaluation of 60 questions, whose opposites are right as often as given. */
const evaluated = (polarity: number) =>
  summarise(
    (['original', 'polarity'] as const).flatMap((view) =>
      Array.from({ length: 60 }, (_, i) => {
        const completion = i < 60 * (view === 'original' ? 0.9 : polarity) ? 'yes' : 'no';
        return measuredRow(
          rowOf({ id: `q${i}`, task: 'yesno', answer: 'yes', view, set: 'val', completion }),
        );
      }),
    ),
  );

let made = 0;

/** Sixty steps of a run, each with these figures, with an evaluation every ten steps. */
async function run(
  figuresAt: (step: number) => Record<string, number>,
  polarityAt: (step: number) => number,
) {
  const folder = join(folderOfTests('signatures'), String(made++));
  const data = { train: 'rows.jsonl', root: folder };
  const change = { steps: 60, evaluate: { every: 10 }, checkpoint: { every: 0 } };
  const { config } = loadRun(stringify({ ...BASE, data, ...change }), 'test', () => null);
  const dir = await createRun(join(folder, 'runs'), 'run', config!);
  const active = await ActiveRun.open(await lockFolder(dir), { step: 0, steps: 60 });
  const loop: Loop = {
    config: config!,
    run: active,
    trainer: new ScriptedTrainer({} as Script),
    state: { step: 0, cursor: 0, tokens: 0, best: null },
    history: new History(),
    evaluated: new EvaluationHistory(),
    evaluate: (step) => Promise.resolve(evaluated(polarityAt(step))),
    onStart: () => undefined,
    onStep: () => Promise.resolve(),
  };
  await runSteps(loop, (step) => Promise.resolve({ metrics: figuresAt(step) }));
  await active.close('finished', ['Done.', active.trouble].filter(Boolean).join(' '));
  const lines = (await readFile(join(dir, 'events.jsonl'), 'utf8')).split('\n').filter(Boolean);
  const events = lines.map(
    (line) => JSON.parse(line) as { step: number; message: string; data: { alarm: string } },
  );
  return { dir, events, state: (await readState(dir))! };
}

test('a run with reward hacking: reports the hacking in events, state and lists', async () => {
  const { dir, events, state } = await run(
    (step) => ({ reward: 0.92 + step / 1200, accuracy: 0.58 - step / 125, kl: 0.26 + step / 43 }),
    () => 0.9,
  );
  const [event, ...others] = events.filter(({ data }) => data.alarm === 'reward-hacking');
  expect(others).toEqual([]);
  expect(event!.step).toBeLessThan(60);
  expect(event!.message).toMatch(/^Reward hacking: since step \d+, the reward rises/);
  // The state has the newest figures.
  expect(state.message).toMatch(/^Done\. Reward hacking: since step \d+, .* to 1[0-9]\.\d%\. KL rises/);
  expect(stateSummary(state)).toMatchObject({ signature: 'reward hacking' });
  expect(await hackingIn(dir)).toMatchObject({ message: state.message.replace('Done. ', '') });
});

test('a run that overfits to the wording: reports the start, and clears the alarm at the end', async () => {
  const figures = () => ({ reward: 0.5, accuracy: 0.5 });
  const { events, state } = await run(figures, (step) => (step < 30 ? 0.85 : 0.1));
  expect(events.map(({ step, data }) => [step, data.alarm])).toEqual([[30, 'linguistic-overfitting']]);
  expect(events[0]!.message).toContain(
    'on "val", since step 30, 90.0% of originals are answered correctly and 10.0%',
  );
  expect(stateSummary(state)).toMatchObject({ signature: 'linguistic overfitting' });
  const healed = await run(figures, (step) => (step === 30 ? 0.1 : 0.85));
  expect(healed.events).toHaveLength(1);
  expect(healed.state).toMatchObject({ message: 'Done.' });
  expect(stateSummary(healed.state).signature).toBeUndefined();
});
