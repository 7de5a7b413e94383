import { useState } from 'preact/hooks';
import { visible } from '../../src/base/escape.ts';
import { Button } from '../ui/controls.tsx';
import { useAnswer } from '../ui/hooks.ts';
import type { TraceModel } from './trace-model.ts';
import type { Changes, Setting } from '../../src/core/run-data/what-if-settings.ts';

interface ActionsProps {
  model: TraceModel;
  busy: boolean;
  wholeRun: () => void;
}

/** Buttons for the changed settings: their effect on the whole run, and new runs with these settings. */
export function Actions({ model, busy, wholeRun }: ActionsProps) {
  const { changes, subject, opened } = model.state;
  const changed = Object.keys(changes).length > 0;
  const { run } = subject!;
  const set = changesAsEntries(changes, model.settings);
  const answer = useAnswer(run, true, () => model.host.call('whatIfCheckpoints', { run }));
  const checkpoints = answer.state === 'answered' ? answer.value : [];
  const [chosen, choose] = useState<number | null>(null);
  const shown = opened!.id.step;
  const from = chosen ?? checkpoints.findLast((step) => step <= shown) ?? null;
  return (
    <div class="what-if-actions">
      {changed && <Chips model={model} entries={set} />}
      <Button disabled={!changed} onClick={() => model.update({ changes: {} })}>
        Reset
      </Button>
      <Button
        disabled={!changed || busy}
        title="Show the effect of the settings on all traced steps"
        onClick={wholeRun}
      >
        Apply to Whole Run
      </Button>
      <Button
        primary
        disabled={!changed}
        title="Write and open a run config with these settings"
        onClick={() => model.host.notify('startWith', { run, set })}
      >
        Start Run with These Settings…
      </Button>
      <div class="fork-line">
        {checkpoints.length > 0 && (
          <Line
            steps={checkpoints}
            chosen={from}
            choose={choose}
            runSteps={Math.max(shown, checkpoints.at(-1)!)}
          />
        )}
        <Button
          disabled={from === null}
          title={
            from === null
              ? 'No checkpoint at or before this step'
              : `Continue from the checkpoint of step ${from} with these settings`
          }
          onClick={() => model.host.notify('fork', { run, step: from ?? shown, set })}
        >
          {from === null ? 'Fork…' : `Fork from Step ${from}…`}
        </Button>
      </div>
    </div>
  );
}

/** Returns the changed settings as arguments of `fork`, such as `coupling.eta=2`. */
const changesAsEntries = (changes: Changes, settings: readonly Setting[]): string[] =>
  settings.flatMap(({ name, path }) => {
    const value = changes[name];
    return value === undefined ? [] : [`${path.join('.')}=${value}`];
  });

/** Changed settings. The user can reset each setting. */
function Chips({ model, entries }: { model: TraceModel; entries: readonly string[] }) {
  const { changes } = model.state;
  const without = (name: string) =>
    Object.fromEntries(Object.entries(changes).filter(([field]) => field !== name));
  return (
    <ul class="chips" aria-label="Changed settings">
      {Object.keys(changes).map((name, i) => (
        <li key={name}>
          <bdi>{visible(entries[i] ?? name)}</bdi>
          <button
            type="button"
            aria-label={`Reset ${name}`}
            onClick={() => model.update({ changes: without(name) })}
          >
            ✕
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Checkpoints in the order of their steps, along a line that stands for the run. */
function Line(props: {
  steps: readonly number[];
  chosen: number | null;
  choose: (step: number) => void;
  runSteps: number;
}) {
  const { steps, chosen, choose, runSteps } = props;
  return (
    <div class="fork-from">
      <span id="fork-from">Checkpoint to fork from</span>
      <div class="checkpoints" role="radiogroup" aria-labelledby="fork-from">
        {steps.map((step) => (
          <label key={step} style={{ '--at': runSteps === 0 ? 0 : step / runSteps }} title={`Step ${step}`}>
            <input
              type="radio"
              name="checkpoint"
              aria-label={`Step ${step}`}
              checked={step === chosen}
              onChange={() => choose(step)}
            />
            {[steps[0], steps.at(-1), chosen].includes(step) && <span aria-hidden="true">{step}</span>}
          </label>
        ))}
      </div>
    </div>
  );
}
