import type { Verdict as VerdictName } from '../../../src/core/answers/pair-verdict.ts';
import { VERDICT_WORDS } from '../../../src/core/reports/export/words.ts';

export const verdictLabel = (verdict: VerdictName | null): string =>
  verdict === null ? 'no mirror' : (VERDICT_WORDS[verdict]?.label ?? verdict);

/** Sign and word; where there is no room for the word, it is read aloud and stands in the tooltip. */
export function Verdict({ verdict }: { verdict: VerdictName | null }) {
  const label = verdictLabel(verdict);
  return (
    <span class="verdict" title={label}>
      <span class="sign" aria-hidden="true">
        {verdict === null ? '–' : (VERDICT_WORDS[verdict]?.sign ?? '?')}
      </span>
      <span class="word">{label}</span>
    </span>
  );
}
