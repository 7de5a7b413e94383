import { judgedText } from '../../src/core/reports/export/words.ts';
import type { CheckResult } from '../../src/core/sample/sample.ts';

/** A sign and a word, so that colour is never the only sign. */
export function CorrectOrWrong({ right }: { right: boolean | null }) {
  const { sign, word } = judgedText(right);
  return (
    <span class={right === null ? 'quiet' : `judged ${right ? 'right' : 'wrong'}`}>
      <span aria-hidden="true">{sign}</span> <span class="spelled-out">{word}</span>
    </span>
  );
}

export const CHECK_SIGNS: Record<CheckResult, string> = { pass: '✓', fail: '✕', undecidable: '?' };
