import { fixed, percentText } from '../../base/format.ts';
import type { MetricsRow } from './metrics-row.ts';

/** Initial number of steps per segment, and maximum number of segments; beyond it, adjacent segments are merged. */
const [STEPS, STRETCHES] = [5, 64];
/** Minimum fall of accuracy, and minimum fall of accuracy and rise of reward in standard errors. */
const [FALL, FALL_ERRORS, RISE_ERRORS] = [0.1, 5, 2];
/** Share of the total fall of accuracy that must be lost permanently before the fall counts as started. */
const BEGUN = 0.2;

type Figure = 'reward' | 'accuracy' | 'kl';

/** Sums of the metrics over a segment of consecutive steps. */
interface Stretch extends Record<Figure, number> {
  from: number;
  n: number;
}

/** Period in which the reward rises while the accuracy falls. */
export interface Hacking {
  /** Step at which the accuracy began to fall. */
  since: number;
  message: string;
}

/**
 * Course of a run's reward and accuracy in at most 64 segments of equal length, which detects reward hacking. In the
 * newest steps, the reward must be higher than in an earlier part, and accuracy lower by at least a tenth, both beyond
 * random variation. All pairs of parts with ten steps or more count, so hacking after learning is also detected.
 */
export class RewardCourse {
  private known = {
    stretches: [] as Stretch[],
    /** Number of steps that a full segment covers. */
    steps: STEPS,
    last: null as Record<Figure, number> | null,
    /** Sums of squared differences between successive steps, which trends hardly change, and number of differences. */
    jumps: { reward: 0, accuracy: 0, n: 0 },
    hacking: null as Hacking | null,
  };

  /** Returns a copy of the course. Rows that are added to the copy do not change the original. */
  copy(): RewardCourse {
    const copy = new RewardCourse();
    const { stretches, jumps } = this.known;
    copy.known = {
      ...this.known,
      stretches: stretches.map((stretch) => ({ ...stretch })),
      jumps: { ...jumps },
    };
    return copy;
  }

  /** Returns the reward hacking after the last full segment; null if none is detected. */
  hacking(): Hacking | null {
    return this.known.hacking;
  }

  add(row: MetricsRow): void {
    const accuracy = accuracyOf(row);
    const { reward, kl } = row;
    if (typeof reward !== 'number' || accuracy === null) return;
    const { stretches, last, jumps, steps } = this.known;
    // For a step without training, the KL is that of the previous step.
    const figures = { reward, accuracy, kl: kl ?? last?.kl ?? NaN };
    if (last) {
      jumps.reward += (reward - last.reward) ** 2;
      jumps.accuracy += (accuracy - last.accuracy) ** 2;
      jumps.n += 1;
    }
    this.known.last = figures;
    const open = stretches.at(-1);
    if (!open || open.n === steps) stretches.push({ from: row.step, n: 1, ...figures });
    else addTo(open, { n: 1, ...figures });
    if (stretches.at(-1)!.n < steps) return;
    this.known.hacking = this.find();
    if (stretches.length === STRETCHES) this.halve();
  }

  private halve(): void {
    this.known.stretches = this.known.stretches.filter((stretch, i, all) => {
      if (i % 2 === 0) addTo(stretch, all[i + 1]!);
      return i % 2 === 0;
    });
    this.known.steps *= 2;
  }

  private find(): Hacking | null {
    const { stretches: all, jumps, steps } = this.known;
    for (let size = 2; 2 * size <= all.length; size *= 2) {
      const now = meanOf(all.slice(-size));
      const parts = all.slice(0, 1 - 2 * size).map((_, at) => meanOf(all.slice(at, at + size)));
      const best = parts.reduce((most, part) => (part.accuracy > most.accuracy ? part : most));
      const fall = best.accuracy - now.accuracy;
      const rise = now.reward - best.reward;
      // Standard error of the difference between two parts' means. Squared differences average twice the variance.
      const error = (figure: 'reward' | 'accuracy') => Math.sqrt(jumps[figure] / jumps.n / (size * steps));
      // The best of many parts exceeds its own true mean by about three standard errors of the accuracy.
      const falls = fall >= Math.max(FALL + 3 * error('accuracy'), FALL_ERRORS * error('accuracy'));
      if (!falls || rise <= RISE_ERRORS * error('reward') || rise <= 0) continue;
      const high = parts.findLastIndex(({ accuracy }) => accuracy >= best.accuracy - BEGUN * fall);
      return messageOf(best, now, all[high + Math.ceil(0.75 * size)]!.from);
    }
    return null;
  }
}

function addTo(stretch: Stretch, more: Omit<Stretch, 'from'>): void {
  for (const figure of ['n', 'reward', 'accuracy', 'kl'] as const) stretch[figure] += more[figure];
}

function meanOf(stretches: readonly Stretch[]): Record<Figure, number> {
  const sums = { from: 0, n: 0, reward: 0, accuracy: 0, kl: 0 };
  for (const stretch of stretches) addTo(sums, stretch);
  const { n, reward, accuracy, kl } = sums;
  return { reward: reward / n, accuracy: accuracy / n, kl: kl / n };
}

/** Returns the accuracy of a step, possibly from an accuracy reward of another trainer; null if unknown. */
function accuracyOf(row: MetricsRow): number | null {
  if (typeof row.accuracy === 'number') return row.accuracy;
  const part = Object.keys(row).find((name) => /^rewards\/\w*(accuracy|correct)\w*\/mean$/.test(name));
  return part === undefined ? null : (row[part as `rewards/${string}/mean`] ?? null);
}

function messageOf(before: Record<Figure, number>, now: Record<Figure, number>, since: number): Hacking {
  const kl = now.kl > before.kl ? ` KL rises from ${fixed(before.kl, 2)} to ${fixed(now.kl, 2)}.` : '';
  return {
    since,
    message: `Reward hacking: since step ${since}, the reward rises from ${fixed(before.reward, 2)} to ${fixed(now.reward, 2)} while accuracy falls from ${percentText(before.accuracy)} to ${percentText(now.accuracy)}.${kl} The policy earns reward with wrong answers. Stop the run, inspect the rewarded answers (\`chirality trace\`), raise the weight of rewards.accuracy, and restart from a checkpoint before step ${since}.`,
  };
}
