import type { CheckResult } from '../../src/core/spatial/sample.ts';

/** A shape and a word, so that colour is never the only sign. Not "right": that may be the answer beside it. */
export function CorrectOrWrong({ right }: { right: boolean }) {
  return (
    <span class={`judged ${right ? 'right' : 'wrong'}`}>
      <span aria-hidden="true">{right ? '✓' : '✗'}</span> {right ? 'correct' : 'wrong'}
    </span>
  );
}

export const CHECK_SIGNS: Record<CheckResult, string> = { pass: '✓', fail: '✕', undecidable: '?' };
