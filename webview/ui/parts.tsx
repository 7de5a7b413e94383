import { h, type ComponentChildren, type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { judgedText } from '../../src/core/pairs/pair-words.ts';
import type { CheckResult } from '../../src/rows/sample/sample.ts';
import { useScrollStop } from './hooks.ts';

/** A list of names and values, without empty ones. */
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

/** An element that keys scroll where it is larger than its place, and that takes no focus elsewhere. */
export function Scrolls({ as, ...rest }: JSX.IntrinsicElements['div'] & { as: 'div' | 'dd' | 'main' }) {
  const box = useRef<HTMLElement>(null);
  useScrollStop(box);
  return h(as, { ...rest, ref: box });
}

/** A table's heads that only name their columns. */
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

/** A sign; its word is for screen readers, as next to the answer "left" it would read as another answer. */
export function CorrectOrWrong({ right }: { right: boolean | null }) {
  const { sign, word } = judgedText(right);
  return (
    <span class={right === null ? 'quiet' : `judged ${right ? 'right' : 'wrong'}`}>
      <span aria-hidden="true">{sign}</span> <span class={right === null ? undefined : 'unseen'}>{word}</span>
    </span>
  );
}

export const CHECK_SIGNS: Record<CheckResult, string> = { pass: '✓', fail: '✕', undecidable: '?' };
