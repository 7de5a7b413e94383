import { isReasoningOnly, shownState } from '../../src/core/annotation/review.ts';
import { checkText, routeLabel, stateLabel } from '../../src/base/labels.ts';
import type { PairRow } from '../../src/panels/pair/pair.contract.ts';
import type { Variant } from '../../src/rows/sample/sample.ts';
import { isTrusted } from '../../src/rows/sample/variant.ts';
import { MIRROR, POLARITY, viewOf } from '../../src/rows/view-list.ts';
import { CHECK_SIGNS, Facts, STATE_SIGNS } from '../ui/parts.tsx';
import type { Side } from '../ui/pair-sides.ts';

const STATUS_MEANINGS: Record<Variant['status'], string> = {
  flipped: 'The rules changed the text for this view.',
  invariant: 'The text is valid in this view without changes.',
  needs_llm: 'The rules abstain. A language model or a reviewer must decide.',
  discard: 'This view does not apply to the row.',
  needs_info: 'The answer to the opposite question is missing.',
  not_applicable: 'This question has no opposite.',
};

/** Meanings of the states that a review adds. A pending review leaves the meaning of the status. */
const REVIEW_MEANINGS: Readonly<Record<string, string>> = {
  accepted: 'A reviewer accepted this text.',
  edited: 'A reviewer edited and accepted this text.',
  overruled: 'A reviewer accepted this text despite a failed check.',
  discarded: 'A reviewer discarded this text.',
  older: 'A reviewer decided on an older text. Review the current text.',
};

const CATEGORIES = { left_right: 'left and right', box: 'boxes', unaffected: 'unaffected by mirroring' };

/** Returns what holds for a view: the reviewer's decision, otherwise the status that the program set. */
export function standingOf({ sample, mirrorFrom }: PairRow, { view, variant }: Side): string {
  const isReviewed = view === POLARITY || (view === MIRROR && mirrorFrom === 'file');
  return isReviewed ? shownState(sample!, view, variant!) : variant!.status;
}

/** Returns whether training and evaluation use a view: trusted, and without a review of its current text. */
export const isUsed = (row: PairRow, side: Side): boolean =>
  isTrusted(side.variant!) && !['pending', 'older'].includes(standingOf(row, side));

export const StateBadge = ({ state }: { state: string }) => (
  <span class="badge">
    <span aria-hidden="true">{STATE_SIGNS[state]}</span> {stateLabel(state)}
  </span>
);

/** Origin of a row's view, and whether training and evaluation use the view. */
export function AboutView({ row, side }: { row: PairRow; side: Side }) {
  const { view } = side;
  const sample = row.sample!;
  const variant = side.variant!;
  const decision = REVIEW_MEANINGS[standingOf(row, side)];
  // A view from a reviewer or another program can lack some of Chirality's fields.
  const { status, route, rules = [], checks = {}, category, reason, assumes, review, effect, code } = variant;
  return (
    <section class="facts stack">
      <h3>About {view === MIRROR ? 'this mirror' : `“${viewOf(view).label}”`}</h3>
      <p>
        {decision ??
          (status === 'flipped' && isReasoningOnly(sample, variant)
            ? 'The rules changed only the reasoning for this view.'
            : STATUS_MEANINGS[status])}{' '}
        {decision === undefined && reason}
      </p>
      <Facts
        facts={[
          ['Use', isUsed(row, side) ? 'training and evaluation' : 'none'],
          [
            'Rewritten by',
            `${routeLabel(route)}${view === MIRROR && row.mirrorFrom === 'rules' ? ' (not stored in the file)' : ''}`,
          ],
          ['Reference answer', effect && (effect === 'stays' ? 'unchanged' : 'changed')],
          ['Code', code && <code>{code}</code>],
          ['Kind', category && (CATEGORIES[category] ?? category)],
          ['Assumes', assumes],
          [
            'Review',
            review &&
              [stateLabel(review.state), review.by && `by ${review.by}`, review.at, review.note]
                .filter(Boolean)
                .join(', '),
          ],
          [
            'Rules',
            rules.length > 0 && (
              <ul class="chips">
                {rules.map((rule) => (
                  <li>
                    <code>{rule}</code>
                  </li>
                ))}
              </ul>
            ),
          ],
          [
            'Checks',
            Object.keys(checks).length > 0 && (
              <ul class="chips">
                {Object.entries(checks).map(([name, result]) => (
                  <li class={result} title={name}>
                    <span aria-hidden="true">{CHECK_SIGNS[result]}</span> {checkText(name, result)}
                  </li>
                ))}
              </ul>
            ),
          ],
          ['Row', [sample.id, sample.task, sample.source].filter(Boolean).join(' · ')],
        ]}
      />
    </section>
  );
}
