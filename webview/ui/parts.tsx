import { h, type ComponentChildren, type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { judgedText } from '../../src/core/pairs/pair-words.ts';
import { useScrollStop } from './hooks.ts';

/** List of names and values. Omits empty values. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="fact-list">
      {facts
        .filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false)
        .map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
    </dl>
  );
}

/** Element that keys can scroll if it is larger than its container. An element that fits takes no focus. */
export function Scrolls({ as, ...rest }: JSX.IntrinsicElements['div'] & { as: 'div' | 'dd' | 'main' }) {
  const box = useRef<HTMLElement>(null);
  useScrollStop(box);
  return h(as, { ...rest, ref: box });
}

/** Column heads of a table, which contain only column names. */
export const Heads = ({ columns }: { columns: readonly string[] }) => (
  <thead>
    <tr>
      {columns.map((head) => (
        <th key={head} scope="col">
          {head}
        </th>
      ))}
    </tr>
  </thead>
);

/** Sign for a score. Only screen readers get the word, because a visible word would look like an answer. */
export function CorrectOrWrong({ right }: { right: boolean | null }) {
  const { sign, word } = judgedText(right);
  return (
    <span class={right === null ? 'quiet' : `judged ${right ? 'right' : 'wrong'}`}>
      <span aria-hidden="true">{sign}</span> <span class={right === null ? undefined : 'unseen'}>{word}</span>
    </span>
  );
}

/** Sign for each review state, and for each status of an undecided rewrite, so that colour is not the only cue. */
export const STATE_SIGNS: Readonly<Record<string, string>> = {
  accepted: '✓',
  edited: '✎',
  discarded: '✕',
  discard: '✕',
  not_applicable: '✕',
  pending: '?',
  older: '↻',
  overruled: '!',
  needs_llm: '?',
  needs_info: '∅',
  flipped: '⇄',
  invariant: '=',
};

export const CHECK_SIGNS = { pass: '✓', fail: '✕', undecidable: '?' };
