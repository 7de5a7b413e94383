import type { RunNews } from '../../src/core/protocol/run-panel.ts';

/** One of the questions that should be asked of every run, with its answer for this one. */
export interface Check {
  id: string;
  title: string;
  /** `watch`: something to look into. */
  verdict: 'good' | 'watch';
  message: string;
}

const percent = (share: number) =>
  share > 0 && share < 0.005 ? 'under 1 %' : `${Math.round(100 * share)} %`;

/**
 * Quick checks in words, from the means over the last ten steps: collapse, β, the coupling's effect, truncation, one
 * view against the other. Only those whose figures the run has; none before ten steps.
 */
export function quickChecks({ recent, rows }: Pick<RunNews, 'recent' | 'rows'>): Check[] {
  if (rows < 10) return [];
  const checks: Check[] = [];
  const check = (id: string, title: string, bad: boolean, watch: string, good: string) =>
    checks.push({ id, title, verdict: bad ? 'watch' : 'good', message: bad ? watch : good });

  const zero = recent.frac_reward_zero_std;
  if (zero !== undefined) {
    const reasons = `all right ${percent(recent['by_group/frac_all_good'] ?? 0)}, all wrong ${percent(recent['by_group/frac_all_bad'] ?? 0)}`;
    check(
      'collapse',
      'Is there something to learn from?',
      zero >= 0.7,
      `${percent(zero)} of the groups have no spread (${reasons}): their advantages are zero. Take harder or easier rows, or switch dynamic_sampling on.`,
      `${percent(1 - zero)} of the groups have spread.`,
    );
  }
  const pull = recent.kl_share;
  if (pull !== undefined) {
    check(
      'beta',
      'Is β too large?',
      pull >= 0.5,
      `${percent(pull)} of the pull on the weights comes from the reference: the policy moves back more than it learns. Lower loss.beta, or see why rewards vanish.`,
      `The reference has ${percent(pull)} of the pull on the weights.`,
    );
  }
  const none = recent['spatial/effect_none'];
  if (none !== undefined) {
    const inverted = (recent['spatial/effect_inverted'] ?? 0) + (recent['spatial/effect_erased'] ?? 0);
    check(
      'coupling',
      'Does the penalty do anything?',
      none >= 0.9 || inverted >= 0.2,
      none >= 0.9
        ? `In ${percent(none)} of the pairs normalising takes the penalty out again: the run is close to plain GRPO on both views (R3).`
        : `In ${percent(inverted)} of the pairs the penalty inverts or erases the order: better completions count as worse (R3). Lower coupling.eta.`,
      `It changes the advantages of ${percent(1 - none)} of the pairs, and inverts or erases ${percent(inverted)}.`,
    );
  }
  const cut = recent['completions/clipped_ratio'];
  if (cut !== undefined) {
    check(
      'truncated',
      'Are completions cut off?',
      cut >= 0.1,
      `${percent(cut)} reach the longest length and lose their answer. Raise sampling.max_tokens.`,
      `${percent(cut)} are.`,
    );
  }
  const [original, mirror] = [recent.accuracy, recent.accuracy_mirror];
  if (original !== undefined && mirror !== undefined) {
    const gap = original - mirror;
    check(
      'views',
      'Are both views answered equally well?',
      Math.abs(gap) >= 0.1,
      `Originals ${percent(original)}, mirrors ${percent(mirror)}: one side is known better than the other.`,
      `Originals ${percent(original)}, mirrors ${percent(mirror)}.`,
    );
  }
  return checks;
}
