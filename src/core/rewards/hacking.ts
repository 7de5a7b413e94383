import { fixed, percentText } from '../../base/format.ts';
import type { MetricsRow } from './metrics-row.ts';

/** Steps of a stretch at first, and the number of stretches at which two become one. */
const [STEPS, STRETCHES] = [5, 64];
/** The least fall of accuracy that is told, and how many standard errors a fall and a rise exceed. */
const [FALL, FALL_ERRORS, RISE_ERRORS] = [0.1, 5, 2];
/** Accuracy has begun to fall where it has lost this part of the whole fall for good. */
const BEGUN = 0.2;

type Figure = 'reward' | 'accuracy' | 'kl';

/** Sums over consecutive steps. */
interface Stretch extends Record<Figure, number> {
  from: number;
  n: number;
}

/** Where a reward rises and the answers become wrong. */
export interface Hacking {
  /** The step at which accuracy began to fall. */
  since: number;
  message: string;
}

/**
 * The course of a run's reward and accuracy, in at most 64 stretches of equal length however long the run is, and
 * whether the policy hacks the reward: the reward of the newest steps is higher than in an earlier part of the run, and
 * accuracy is lower by a tenth or more, both beyond what the spread from step to step explains. All pairs of parts
 * count, of ten steps or more, so a run that learns first and hacks later is found as well.
 */
export class RewardCourse {
  private known = {
    stretches: [] as Stretch[],
    /** Steps of a whole stretch. */
    steps: STEPS,
    last: null as Record<Figure, number> | null,
    /** Sums of squared differences between successive steps, which no trend inflates much, and their number. */
    jumps: { reward: 0, accuracy: 0, n: 0 },
    hacking: null as Hacking | null,
  };

  /** Returns the same course, to which rows are added without changing this one. */
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

  /** What holds after the last whole stretch; null if nothing does. */
  hacking(): Hacking | null {
    return this.known.hacking;
  }

  add(row: MetricsRow): void {
    const accuracy = accuracyOf(row);
    const { reward, kl } = row;
    if (typeof reward !== 'number' || accuracy === null) return;
    const { stretches, last, jumps, steps } = this.known;
    // A step that trained nothing has the distance of the one before.
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
      // The standard error of a difference of two means of as many steps; steps differ by twice their variance.
      const error = (figure: 'reward' | 'accuracy') => Math.sqrt(jumps[figure] / jumps.n / (size * steps));
      // The best of many parts is above its own mean, by about three standard errors.
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

/** The share of right answers of a step, also of a trainer that has it as a part of the reward; null if unknown. */
function accuracyOf(row: MetricsRow): number | null {
  if (typeof row.accuracy === 'number') return row.accuracy;
  const part = Object.keys(row).find((name) => /^rewards\/\w*(accuracy|correct)\w*\/mean$/.test(name));
  return part === undefined ? null : (row[part as `rewards/${string}/mean`] ?? null);
}

function messageOf(before: Record<Figure, number>, now: Record<Figure, number>, since: number): Hacking {
  const kl = now.kl > before.kl ? ` KL rises from ${fixed(before.kl, 2)} to ${fixed(now.kl, 2)}.` : '';
  return {
    since,
    message: `Reward hacking: since step ${since}, the reward rises from ${fixed(before.reward, 2)} to ${fixed(now.reward, 2)} while accuracy falls from ${percentText(before.accuracy)} to ${percentText(now.accuracy)}.${kl} The policy earns reward without being right. Stop the run, inspect the rewarded answers (\`chirality trace\`), raise the weight of rewards.accuracy, and restart from a checkpoint before step ${since}.`,
  };
}
