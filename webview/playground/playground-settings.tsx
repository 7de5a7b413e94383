import { useState } from 'preact/hooks';
import { visible } from '../../src/base/escape.ts';
import type { PlaySampling, PlayStrategy } from '../../src/panels/playground/playground.contract.ts';
import { Button } from '../ui/controls.tsx';
import type { PlaygroundModel } from './playground-model.ts';

export function Settings({ model }: { model: PlaygroundModel }) {
  const { host, strategy, sampling } = model.state;
  const { models, strategies } = host!;
  const about = strategy === null ? AS_TRAINED : strategies.find(({ name }) => name === strategy)?.about;
  const { leftOut } = model;
  const [opened, setOpened] = useState(false);
  const isLeftOut = (id: string) => leftOut.some((left) => left.id === id);
  return (
    <section class="settings" aria-label="Models and sampling">
      <div class="models flow">
        <ul aria-label="Models">
          {models.map(({ id, label, detail }) => (
            <li
              class={isLeftOut(id) ? 'left-out' : undefined}
              title={`${visible(detail)}${isLeftOut(id) ? `. ${TEXT_ONLY}` : ''}`}
            >
              <bdi>{visible(label)}</bdi>
              <button
                type="button"
                aria-label={`Remove ${visible(label)}`}
                onClick={() => model.host.notify('removeModel', { id })}
              >
                ✕
              </button>
            </li>
          ))}
        </ul>
        <Button k="a" title="Add model" onClick={() => void model.host.call('addModel', null)}>
          Add Model…
        </Button>
        {leftOut.length > 0 && (
          <p class="quiet">
            Skipped: {leftOut.map(({ label }) => visible(label)).join(', ')}. {TEXT_ONLY}
          </p>
        )}
      </div>
      <details
        class="how"
        open={opened || undefined}
        onToggle={({ currentTarget }) => setOpened(currentTarget.open)}
      >
        <summary>
          {[
            `Prompt: ${strategy === null ? 'default' : visible(model.labelOf(strategy))}`,
            `samples: ${sampling.n}`,
            `temperature: ${sampling.temperature}`,
          ].join(' · ')}
        </summary>
        <div class="how-fields">
          <label>
            <span>Prompting strategy</span>
            <select
              value={strategy ?? ''}
              aria-describedby="strategy-about"
              onChange={({ currentTarget }) => model.update({ strategy: currentTarget.value || null })}
            >
              <option value="">training prompt (direct prompt for other models)</option>
              {strategy !== null && !strategies.some(({ name }) => name === strategy) && (
                <option value={strategy}>{visible(model.labelOf(strategy))} (no longer exists)</option>
              )}
              <Ways name="Built-in" listed={strategies.filter(({ isOfUser }) => !isOfUser)} />
              <Ways name="In this folder" listed={strategies.filter(({ isOfUser }) => isOfUser)} />
            </select>
          </label>
          <Amount model={model} name="n" label="Samples" min={1} max={64} step={1} />
          <Amount model={model} name="temperature" label="Temperature" min={0} max={2} step={0.1} />
          {sampling.temperature > 0 && (
            <Amount model={model} name="seed" label="Seed" min={0} max={2 ** 31} step={1} />
          )}
        </div>
        <p id="strategy-about" class="quiet">
          {about}
        </p>
      </details>
      {!model.sandbox && <Go model={model} />}
    </section>
  );
}

function Go({ model }: { model: PlaygroundModel }) {
  const { lack } = model;
  return (
    <div class="go flow">
      <span id="lack" class="quiet" role="status">
        {!model.isAsking && lack}
      </span>
      {model.isAsking ? (
        <Button k="x" primary title="Cancel" onClick={() => model.cancel()}>
          Cancel
        </Button>
      ) : (
        <Button
          k="Ctrl+Enter"
          primary
          aria-disabled={lack !== null}
          title={lack ?? 'Ask Models'}
          onClick={() => void model.askAll()}
        >
          Ask Models
        </Button>
      )}
    </div>
  );
}

/** List options for the strategies of one kind; empty without strategies. */
function Ways({ name, listed }: { name: string; listed: PlayStrategy[] }) {
  if (listed.length === 0) return null;
  return (
    <optgroup label={name}>
      {listed.map(({ name: value, label, about, problem }) => (
        <option value={value} title={visible(problem ?? about)} disabled={problem !== undefined}>
          {visible(label)}
          {problem !== undefined && ' (invalid)'}
        </option>
      ))}
    </optgroup>
  );
}

const TEXT_ONLY = 'VS Code language models accept only text. Use a strategy without images, such as blind.';
const AS_TRAINED = 'Runs use their training prompt. All other models use the direct prompt.';

function Amount(props: {
  model: PlaygroundModel;
  name: Field;
  label: string;
  min: number;
  max: number;
  step: number;
}) {
  const { model, name, label, ...limits } = props;
  return (
    <label>
      <span>{label}</span>
      <input
        type="number"
        {...limits}
        value={model.state.sampling[name]}
        onChange={({ currentTarget }) => {
          const { valueAsNumber, validity } = currentTarget;
          if (validity.valid && !Number.isNaN(valueAsNumber))
            model.update({ sampling: changed(model.state.sampling, name, valueAsNumber) });
          else currentTarget.value = String(model.state.sampling[name]);
        }}
      />
    </label>
  );
}

type Field = 'n' | 'temperature' | 'seed';

/** Changes a setting. Greedy completions are identical, so several completions require a temperature above 0. */
function changed(sampling: PlaySampling, name: Field, value: number): PlaySampling {
  const next = { ...sampling, [name]: value };
  if (next.n === 1 || next.temperature > 0) return next;
  return name === 'n' ? { ...next, temperature: 0.7 } : { ...next, n: 1 };
}
