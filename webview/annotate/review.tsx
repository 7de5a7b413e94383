import { useEffect, useRef } from 'preact/hooks';
import { decide } from '../../src/core/annotation/puts.ts';
import { signOf } from './mirror-state.ts';
import type { Actions, Usable, View } from './view.ts';

/** A person's decision on the row's mirror; the next row to look at follows. */
export function decideOn(
  { sample, mirror }: Usable,
  state: 'accepted' | 'discarded',
  { put, step }: Actions,
  note?: string,
): void {
  put(
    decide(sample, mirror, state, new Date().toISOString(), note),
    `${state === 'accepted' ? 'Accept' : 'Discard'} mirror`,
  );
  step(1);
}

export function Review({ usable, view, actions }: { usable: Usable; view: View; actions: Actions }) {
  const { sample, mirror } = usable;
  const state = sample.variants?.mirror?.review?.state ?? mirror.status;
  const { sign, label } = signOf(state);
  const stored = sample.variants?.mirror !== undefined;
  const readOnly = view.state!.readOnly;
  return (
    <section class="review" aria-label="Mirror">
      <p>
        <span aria-hidden="true">{sign}</span> {label}
        {!stored && <span class="quiet">, by the rules just now; accepting writes it into the row</span>}
        {mirror.review?.note && <span class="quiet"> · {mirror.review.note}</span>}
      </p>
      {mirror.reason && <p class="quiet">{mirror.reason}</p>}
      {view.rejecting ? (
        <Reason
          done={(note) => {
            actions.update({ rejecting: false });
            if (note !== null) decideOn(usable, 'discarded', actions, note);
          }}
        />
      ) : (
        <div class="tools">
          <button type="button" disabled={readOnly} onClick={() => decideOn(usable, 'accepted', actions)}>
            Accept <kbd aria-hidden="true">Enter</kbd>
          </button>
          <button
            type="button"
            disabled={readOnly}
            aria-pressed={view.editingMirror}
            onClick={() => actions.update({ editingMirror: !view.editingMirror })}
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

function Reason({ done }: { done: (note: string | null) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <form
      class="relation"
      onSubmit={(event) => {
        event.preventDefault();
        done(input.current!.value.trim());
      }}
      onKeyDown={(event) => event.key === 'Escape' && done(null)}
    >
      <input ref={input} aria-label="Why it is rejected" placeholder="Why? Enter rejects, Escape does not" />
      <button type="submit">Reject</button>
    </form>
  );
}
