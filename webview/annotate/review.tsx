import { useEffect, useRef } from 'preact/hooks';
import { decide } from '../../src/core/annotation/puts.ts';
import { reviewState } from '../../src/core/annotation/review.ts';
import { oneLine } from '../../src/core/reports/export/visible.ts';
import { isCopy } from '../../src/core/spatial/variant.ts';
import { Checks } from './attempts.tsx';
import { nameOf, signOf } from './form-state.ts';
import type { Actions, PanelState, Usable } from './panel-state.ts';
import { viewOf } from '../../src/core/spatial/views/list.ts';

/** A person's decision on the row's form under review; the next row to look at follows, except where it is refused. */
export function decideOn(
  usable: Usable,
  state: 'accepted' | 'discarded',
  { put, step, update }: Actions,
  note?: string,
): void {
  try {
    put(
      decide(usable, state, new Date().toISOString(), note),
      `${state === 'accepted' ? 'Accept' : 'Discard'} ${nameOf(usable.form)}`,
    );
  } catch (error) {
    return update({ news: (error as Error).message });
  }
  step(1);
}

/** Why there is nothing to accept; null where there is. */
function refusalOf(usable: Usable): string | null {
  try {
    decide(usable, 'accepted', '');
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

export function Review({ usable, panel, actions }: { usable: Usable; panel: PanelState; actions: Actions }) {
  const { sample, form, variant } = usable;
  const stored = sample.variants?.[form] !== undefined;
  const { sign, label } = signOf(form, (stored && reviewState(sample, form, variant)) || variant.status);
  const readOnly = panel.state!.readOnly;
  const { reason, review, checks, rules } = variant;
  const refusal = refusalOf(usable);
  const assumes = variant.assumes && ASSUMPTIONS[variant.assumes];
  return (
    <section class="review" aria-label={`Review of the ${nameOf(form)}`}>
      <p>
        <span aria-hidden="true">{sign}</span> {label}
        {!stored && !refusal && (
          <span class="quiet">, by the rules just now; accepting writes it into the row</span>
        )}
        {review?.note && <span class="quiet"> · {oneLine(review.note, 500)}</span>}
      </p>
      {sign === '?' && viewOf(form).mayRepeat && !refusal && isCopy(sample, variant) && (
        <p>The {nameOf(form)} repeats the original: accept it only where nothing flips.</p>
      )}
      {refusal && <p>{oneLine(refusal, 500)}</p>}
      {reason && <p class="quiet">{oneLine(reason, 1000)}</p>}
      {assumes && <p class="quiet">{assumes}</p>}
      {Array.isArray(rules) && rules.length > 0 && (
        <p class="quiet">Rules: {oneLine(rules.join(', '), 500)}</p>
      )}
      <Checks checks={checks ?? {}} />
      {panel.rejecting ? (
        <Reason
          done={(note) => {
            actions.update({ rejecting: false });
            if (note !== null) decideOn(usable, 'discarded', actions, note);
          }}
        />
      ) : (
        <div class="tools">
          <button
            type="button"
            disabled={readOnly || refusal !== null}
            onClick={() => decideOn(usable, 'accepted', actions)}
          >
            Accept <kbd aria-hidden="true">Enter</kbd>
          </button>
          <button
            type="button"
            disabled={readOnly}
            aria-pressed={panel.editingForm}
            onClick={() => actions.update({ editingForm: !panel.editingForm })}
          >
            Edit <kbd aria-hidden="true">w</kbd>
          </button>
          <button type="button" disabled={readOnly} onClick={() => decideOn(usable, 'discarded', actions)}>
            Discard <kbd aria-hidden="true">x</kbd>
          </button>
          <button type="button" disabled={readOnly} onClick={() => actions.update({ rejecting: true })}>
            Reject… <kbd aria-hidden="true">r</kbd>
          </button>
          <button type="button" onClick={() => actions.step(1)}>
            Skip <kbd aria-hidden="true">Space</kbd>
          </button>
        </div>
      )}
    </section>
  );
}

/** What the opposite of a question leaves open (docs/polarity.md). */
const ASSUMPTIONS: Record<string, string> = {
  no_tie: 'Assumes that there is no tie.',
  contrary: 'Assumes that one of the two opposites is true.',
};

function Reason({ done }: { done: (note: string | null) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <form
      class="reason"
      onSubmit={(event) => {
        event.preventDefault();
        done(input.current!.value.trim());
      }}
      onKeyDown={(event) => event.key === 'Escape' && done(null)}
    >
      <input ref={input} aria-label="Why it is rejected" placeholder="Why? (can stay empty)" />
      <button type="submit">
        Reject <kbd aria-hidden="true">Enter</kbd>
      </button>
      <button type="button" onClick={() => done(null)}>
        Cancel <kbd aria-hidden="true">Escape</kbd>
      </button>
    </form>
  );
}
