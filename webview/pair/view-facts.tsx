import { checkLabel, stateLabel } from '../../src/base/labels.ts';
import type { PairRow } from '../../src/panels/pair/pair.contract.ts';
import type { Variant } from '../../src/rows/sample/sample.ts';
import { isTrusted } from '../../src/rows/sample/variant.ts';
import { MIRROR, viewOf } from '../../src/rows/view-list.ts';
import { CHECK_SIGNS, Facts } from '../ui/parts.tsx';
import type { Side } from '../ui/pair-sides.ts';

/** Sign and meaning for each status, so that colour is not the only cue. */
const STATUS_WORDS: Record<Variant['status'], { sign: string; meaning: string }> = {
  flipped: { sign: '⇄', meaning: 'The rules changed the text for this view.' },
  invariant: { sign: '=', meaning: 'The text is valid in this view without changes.' },
  needs_llm: {
    sign: '?',
    meaning: 'The rules abstain. A language model or a reviewer must decide.',
  },
  discard: { sign: '✕', meaning: 'This view does not apply to the row.' },
  needs_info: { sign: '∅', meaning: 'The answer to the opposite question is missing.' },
  not_applicable: { sign: '–', meaning: 'This question has no opposite.' },
};

const ROUTES = { rules: 'rules', llm: 'language model', human: 'reviewer' };
const CATEGORIES = { left_right: 'left and right', box: 'boxes', unaffected: 'unaffected by mirroring' };

export function StatusBadge({ status }: { status: Variant['status'] }) {
  return (
    <span class={`badge ${status}`}>
      <span aria-hidden="true">{STATUS_WORDS[status].sign}</span> {stateLabel(status)}
    </span>
  );
}

/** Origin of a row's view, and whether training and evaluation use the view. */
export function AboutView({ side, from }: { side: Side; from: PairRow['mirrorFrom'] }) {
  const { sample, view } = side;
  const variant = side.variant!;
  // A view from a reviewer or another program can lack some of Chirality's fields.
  const { status, route, rules = [], checks = {}, category, reason, assumes, review, effect, code } = variant;
  return (
    <section class="facts stack">
      <h3>About {view === MIRROR ? 'this mirror' : `“${viewOf(view).label}”`}</h3>
      <p>
        {STATUS_WORDS[status].meaning} {reason}
      </p>
      <Facts
        facts={[
          ['Use', isTrusted(variant) ? 'training and evaluation' : 'none'],
          ['Rewritten by', `${ROUTES[route] ?? route}${from === 'rules' ? ' (not stored in the file)' : ''}`],
          ['Reference answer', effect && (effect === 'stays' ? 'unchanged' : 'changed')],
          ['Code', code && <code>{code}</code>],
          ['Kind', category && (CATEGORIES[category] ?? category)],
          ['Assumes', assumes],
          [
            'Review',
            review &&
              [review.state, review.by && `by ${review.by}`, review.at, review.note]
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
                    <span aria-hidden="true">{CHECK_SIGNS[result]}</span> {checkLabel(name)}{' '}
                    <span class={result === 'pass' ? 'unseen' : ''}>{result}</span>
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
