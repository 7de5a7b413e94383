import type { Verdict as VerdictName } from '../../../src/core/answers/pair-verdict.ts';

/** A sign beside the word: the original at the left, the mirror at the right, full where most answers are right. */
const WORDS: Record<VerdictName, { sign: string; label: string }> = {
  consistent: { sign: '●●', label: 'consistent' },
  only_original: { sign: '●○', label: 'only the original' },
  only_mirror: { sign: '○●', label: 'only the mirror' },
  neither: { sign: '○○', label: 'neither' },
};

export const verdictLabel = (verdict: VerdictName | null): string =>
  verdict === null ? 'no mirror' : (WORDS[verdict]?.label ?? verdict);

/** Sign and word; where there is no room for the word, it is read aloud and stands in the tooltip. */
export function Verdict({ verdict }: { verdict: VerdictName | null }) {
  const label = verdictLabel(verdict);
  return (
    <span class="verdict" title={label}>
      <span class="sign" aria-hidden="true">
        {verdict === null ? '–' : (WORDS[verdict]?.sign ?? '?')}
      </span>
      <span class="word">{label}</span>
    </span>
  );
}
