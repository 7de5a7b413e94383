import { thousands } from '../../src/base/format.ts';
import { oneLine } from '../../src/base/escape.ts';
import { doubtText, labelReviewOf, labelState } from '../../src/rows/sample/label-review.ts';
import { choiceIndex } from '../../src/rows/sample/choices.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { Button } from '../ui/controls.tsx';
import type { Usable } from './annotate-panel-state.ts';
import { usePage } from './annotate-model.ts';

/** The review of a label that is or was doubted: reasons, reviewers' answers, and possible decisions. */
export function LabelReview({ usable }: { usable: Usable }) {
  const { panel, readOnly, actions } = usePage();
  const { sample } = usable;
  const review = labelReviewOf(sample);
  const doubt = review?.doubt ?? panel.open?.doubt;
  if (!review && !doubt) return null;
  const state = labelState(sample);
  const isOpen = state === 'suspect' || state === 'none';
  const why = doubt ? doubtText(doubt) : null;
  const likely = doubt?.likely === undefined ? null : likelyAnswer(sample, doubt.likely);
  return (
    <section class="review stack" aria-label="Label review">
      <p>
        <span aria-hidden="true">{isOpen ? '?' : '✓'}</span>{' '}
        {isOpen ? 'Is the answer right?' : state === 'kept' ? 'Label confirmed' : 'Label corrected'}
        {isOpen && why !== null && (
          <span class="quiet">
            {' '}
            {doubt?.rank === undefined
              ? 'Likely error'
              : `Rank ${thousands(doubt.rank)} of likely label errors`}
            : {oneLine(why, 160)}.
          </span>
        )}
      </p>
      {review && (
        <ul class="people" aria-label="Label history">
          <li>
            original: <strong>{oneLine(review.given, 200)}</strong>
          </li>
          {review.verdicts.map(({ by = '', at, answer }) => (
            <li key={at}>
              {oneLine(by || 'unknown reviewer', 60)}: <strong>{oneLine(answer, 200)}</strong>
              <span class="quiet">{oneLine(at.slice(0, 10), 10)}</span>
            </li>
          ))}
        </ul>
      )}
      {isOpen && (
        <div class="tools">
          <Button k="c" disabled={readOnly} onClick={() => actions.confirmLabel(usable)}>
            Confirm {oneLine(sample.answer, 30)}
          </Button>
          {likely !== null && likely !== sample.answer && (
            <Button disabled={readOnly} onClick={() => actions.confirmLabel(usable, likely)}>
              Correct to {oneLine(likely, 30)}
            </Button>
          )}
          {state === 'none' && (
            <Button k="s" disabled={readOnly} onClick={() => actions.doubtLabel(usable)}>
              Send to Review
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

/** The likely answer in the form of the row's own: one of its choices, if it has any. Null if it is none of these. */
function likelyAnswer({ choices, answer }: Sample, likely: string): string | null {
  if (choices && choices.length > 0) {
    const index = choiceIndex(likely, choices);
    if (index === null) return null;
    return choiceIndex(answer, choices) !== null && choices.includes(answer) ? choices[index]! : likely;
  }
  // A sentence is corrected by hand.
  if (/\s/.test(answer.trim())) return null;
  return /^[A-Z]/.test(answer) ? likely[0]!.toUpperCase() + likely.slice(1) : likely;
}
