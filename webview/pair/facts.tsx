import { checkLabel } from '../../src/core/labels.ts';
import type { PairRow } from '../../src/core/protocol/pair.ts';
import type { MirrorStatus, MirrorVariant, Sample } from '../../src/core/spatial/sample.ts';
import { isTrusted } from '../../src/core/spatial/variant.ts';
import { CHECK_SIGNS } from '../ui/correct-or-wrong.tsx';

/** The sign and word of each status, so that colour is never the only sign. */
export const STATUS_WORDS: Record<MirrorStatus, { sign: string; label: string; meaning: string }> = {
  flipped: { sign: '⇄', label: 'flipped', meaning: 'The words were changed for the mirrored picture.' },
  invariant: {
    sign: '=',
    label: 'invariant',
    meaning: 'The words hold in the mirrored picture as they are.',
  },
  needs_llm: {
    sign: '?',
    label: 'undecided',
    meaning: 'The rules are not sure: a language model or a person must decide.',
  },
  discard: { sign: '✕', label: 'discarded', meaning: 'This row has no mirror.' },
};

const ROUTES = { rules: 'rules', llm: 'a language model', human: 'a person' };
const CATEGORIES = { left_right: 'left and right', box: 'boxes', unaffected: 'unaffected by the flip' };

export function StatusBadge({ status }: { status: MirrorStatus }) {
  const { sign, label } = STATUS_WORDS[status];
  return (
    <span class={`badge ${status}`}>
      <span aria-hidden="true">{sign}</span> {label}
    </span>
  );
}

/** How the mirror was made, and whether it is used. */
export function Facts(props: { sample: Sample; mirror: MirrorVariant; from: PairRow['mirrorFrom'] }) {
  const { sample, mirror, from } = props;
  // A mirror by a person or another program may lack fields that ours have.
  const { status, route, rules = [], checks = {}, category, reason, assumes, review } = mirror;
  return (
    <section class="facts">
      <h3>About this mirror</h3>
      <p>
        {STATUS_WORDS[status].meaning} {reason}
      </p>
      <dl>
        <Fact name="Used">{isTrusted(mirror) ? 'for training and evaluation' : 'no'}</Fact>
        <Fact name="Made by">
          {ROUTES[route] ?? route}
          {from === 'rules' && ', just now: the file holds no mirror of this row'}
        </Fact>
        {category && <Fact name="Kind">{CATEGORIES[category] ?? category}</Fact>}
        {assumes && <Fact name="Assumes">{assumes}</Fact>}
        {review && (
          <Fact name="Review">
            {[review.state, review.by && `by ${review.by}`, review.at, review.note]
              .filter(Boolean)
              .join(', ')}
          </Fact>
        )}
        {rules.length > 0 && (
          <Fact name="Rules">
            <ul class="chips">
              {rules.map((rule) => (
                <li>
                  <code>{rule}</code>
                </li>
              ))}
            </ul>
          </Fact>
        )}
        {Object.keys(checks).length > 0 && (
          <Fact name="Checks">
            <ul class="chips">
              {Object.entries(checks).map(([name, result]) => (
                <li class={result} title={name}>
                  <span aria-hidden="true">{CHECK_SIGNS[result]}</span> {checkLabel(name)}{' '}
                  <span class={result === 'pass' ? 'unseen' : ''}>{result}</span>
                </li>
              ))}
            </ul>
          </Fact>
        )}
        <Fact name="Row">{[sample.id, sample.task, sample.source].filter(Boolean).join(' · ')}</Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
