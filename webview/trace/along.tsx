import { VERDICT_WORDS } from '../../src/core/reports/export/words.ts';
import type { Opened, TraceModel } from './model.ts';

/** The same sample through the run: a slider over the steps that drew it. */
export function Along({ model, opened }: { model: TraceModel; opened: Opened }) {
  const { along, id } = opened;
  if (along.length < 2) return null;
  const at = along.findIndex(({ step, pair }) => step === id.step && pair === id.pair);
  const go = (to: number) => {
    const seen = along[to];
    if (seen) void model.open({ step: seen.step, pair: seen.pair });
  };
  return (
    <section class="along">
      <label for="along">This sample through the run</label>
      <input
        id="along"
        type="range"
        min={0}
        max={along.length - 1}
        step={1}
        value={Math.max(at, 0)}
        aria-valuetext={`step ${id.step}`}
        onInput={({ currentTarget }) => go(Number(currentTarget.value))}
      />
      <span class="figures">
        step {id.step}, {at + 1} of {along.length}
      </span>
      <ol>
        {along.map(({ step, verdict, accuracy }, i) => (
          <li class={i === at ? 'here' : ''}>
            <button
              type="button"
              aria-current={i === at ? 'step' : undefined}
              title={`Step ${step}: ${Math.round(100 * accuracy)} % right`}
              onClick={() => go(i)}
            >
              <span class="share" style={{ '--share': accuracy }} />
              <span class="unseen">
                Step {step}, {verdict ? VERDICT_WORDS[verdict].label : ''} {Math.round(100 * accuracy)} %
                right
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
