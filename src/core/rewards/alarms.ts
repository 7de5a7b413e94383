import { RewardCourse, type Hacking } from './hacking.ts';
import type { MetricName, MetricsRow } from './metrics.ts';
import { MIRROR, viewLabel } from '../view-list.ts';

/** A pattern in the curves that usually means trouble, with advice on what to look at. */
export interface Alarm {
  kind: string;
  message: string;
  /** Whether the run's result is void while it holds. */
  isVoid?: true;
  /** The step at which a signature of failure began, which lists of runs and reports name. */
  since?: number;
}

const WINDOW = 10;

type Figure = (name: MetricName) => number;

interface Rule {
  kind: string;
  /**
   * `now` and `first` return means over the last and the first ten steps. A missing figure is NaN, so nothing fires.
   */
  fires: (now: Figure, first: Figure) => boolean;
  message: string;
}

const RULES: Rule[] = [
  {
    kind: 'reward-collapse',
    fires: (now) => now('frac_reward_zero_std') >= 0.9,
    message:
      'Nine of ten groups have no spread: there is almost nothing to learn from. Look at the reasons (all right, all wrong) and at dynamic_sampling (A-29).',
  },
  {
    kind: 'no-spread',
    // Where nobody counts the groups without spread.
    fires: (now) =>
      !(now('frac_reward_zero_std') >= 0) && (now('group_reward_std') < 1e-6 || now('reward_std') < 1e-6),
    message: 'All completions of a group get the same reward: there is nothing to learn from.',
  },
  {
    kind: 'all-cut',
    fires: (now) => now('completions/clipped_ratio') >= 0.9,
    message:
      'Nine of ten completions reach the longest length and are cut off, most likely before their answer: allow more tokens.',
  },
  {
    kind: 'kl-explodes',
    fires: (now, first) => now('kl') >= 1 && now('kl') >= 10 * first('kl'),
    message:
      'The distance to the reference policy is ten times what it was at the start: the policy leaves what it could do. Lower the learning rate, or raise β.',
  },
  {
    kind: 'kl-dominated',
    fires: (now) => now('kl_share') >= 0.9,
    message:
      'Nine tenths of the pull on the weights come from the reference penalty. Rewards have vanished, or β is too high (A-26).',
  },
  {
    kind: 'flat-reward',
    fires: (now, first) =>
      now('reward') <= first('reward') + 0.01 &&
      now('group_reward_std') < 0.5 * first('group_reward_std') &&
      !(now('by_group/frac_all_good') >= 0.95),
    message:
      'The reward is no higher than at the start, and groups have lost half of their spread: completions grow alike without growing better (A-45).',
  },
  {
    kind: 'all-right',
    fires: (now) => now('by_group/frac_all_good') >= 0.95,
    message: 'Nearly every group is right throughout: the rows are too easy for this model.',
  },
  {
    kind: 'all-wrong',
    fires: (now) => now('by_group/frac_all_bad') >= 0.95,
    message:
      'Nearly every group is wrong throughout: GRPO sharpens what a model can do and does not create it. Train with SFT first, or take easier rows.',
  },
  {
    kind: 'falling-length',
    fires: (now, first) => now('completions/mean_length') < 0.5 * first('completions/mean_length'),
    message: 'Completions are less than half as long as at the start: the reasoning may be collapsing.',
  },
  {
    kind: 'format-only',
    fires: (now, first) =>
      now('rewards/format/mean') >= 0.98 &&
      first('rewards/format/mean') < 0.9 &&
      now('accuracy') <= first('accuracy') + 0.01,
    message:
      'The format is learnt and the answers are not: the format reward is saturated while accuracy stays where it was.',
  },
  {
    kind: 'answer-collapse',
    fires: (now) => now('answers/top_share') >= 0.9 && now('answers/reference_top_share') < 0.7,
    message: 'Nine of ten completions give one and the same answer while the references differ (A-44).',
  },
  {
    kind: 'shortcut',
    fires: (now, first) =>
      now('accuracy') > first('accuracy') + 0.05 && now('accuracy_mirror') < first('accuracy_mirror') - 0.05,
    message:
      'Accuracy rises on the originals and falls on their mirrors: the model learns a side, not space.',
  },
];

/** What alarms need of a run's steps so far: the first ten, the last ten, and the course of reward and accuracy. */
export class History {
  readonly rows: MetricsRow[] = [];
  private course = new RewardCourse();

  static of(rows: readonly MetricsRow[]): History {
    const history = new History();
    for (const row of rows) history.add(row);
    return history;
  }

  /** Returns the same history, to which rows are added without changing this one. */
  copy(): History {
    const copy = new History();
    copy.rows.push(...this.rows);
    copy.course = this.course.copy();
    return copy;
  }

  add(row: MetricsRow): void {
    this.rows.push(row);
    if (this.rows.length > 2 * WINDOW) this.rows.splice(WINDOW, 1);
    this.course.add(row);
  }

  /** @see RewardCourse.hacking */
  hacking(): Hacking | null {
    return this.course.hacking();
  }
}

/** Whether all completions of a step earned the same reward, although not all were right. */
const isUnrewarded = (row: MetricsRow): boolean =>
  row.frac_reward_zero_std === 1 && row.reward_std === 0 && (row['by_group/frac_all_good'] ?? 1) < 1;

/**
 * The alarm of a run whose first two steps, and its newest one, had nothing to learn from: GRPO cannot begin from there.
 * Unlike the others, it does not wait for twenty steps.
 */
function noReward(history: readonly MetricsRow[]): Alarm[] {
  const [first, second] = history;
  const steps = [first, second, history.at(-1)];
  if (!second || !steps.every((row) => isUnrewarded(row!))) return [];
  return [
    {
      kind: 'no-reward',
      isVoid: true,
      message:
        'All completions of the first two steps earned the same reward, so the model does not learn. GRPO improves what a model can already do: set init to a checkpoint of an SFT run, choose a pretrained model, or take easier rows.',
    },
  ];
}

/** Returns the alarms that hold after the last step. All but `no-reward` need twenty steps. */
export function alarms(history: History): Alarm[] {
  const { rows } = history;
  const unrewarded = noReward(rows);
  const hacking = history.hacking();
  if (rows.length < 2 * WINDOW) return unrewarded;
  const figures =
    (some: readonly MetricsRow[]): Figure =>
    (name) =>
      some.reduce((sum, row) => sum + (row[name] ?? NaN), 0) / some.length;
  const now = figures(rows.slice(-WINDOW));
  const first = figures(rows.slice(0, WINDOW));
  const fired = [...RULES, ...viewRules(rows.at(-1)!)].filter((rule) => rule.fires(now, first));
  return [
    ...unrewarded,
    ...(hacking ? [{ kind: 'reward-hacking', ...hacking }] : []),
    ...fired.map(({ kind, message }) => ({ kind, message })),
  ];
}

/** An alarm of a whole run. */
export interface PlacedAlarm extends Alarm {
  /** The first of the ten steps over which it first held, or the step at which it began. */
  since: number;
}

/** The newest steps, whose figures may still be written. */
const UNSETTLED = 10;

/** What is known of a run's alarms after some of its steps. */
interface Known {
  history: History;
  byKind: Map<string, PlacedAlarm>;
}

/**
 * The alarms of a run of any trainer, each where it first held, while the run grows. Steps without a reward, as of
 * evaluations, do not count. What is known of steps that have not changed is kept.
 */
export class RunAlarms {
  private settled: readonly MetricsRow[] = [];
  private known: Known = { history: new History(), byKind: new Map() };

  /** @param rows the run's figures, by step, ascending */
  through(rows: readonly MetricsRow[]): PlacedAlarm[] {
    if (!this.settled.every((row, i) => rows[i] !== undefined && areEqual(row, rows[i]))) {
      this.settled = [];
      this.known = { history: new History(), byKind: new Map() };
    }
    const from = this.settled.length;
    const to = Math.max(from, rows.length - UNSETTLED);
    goOn(this.known, rows.slice(from, to));
    this.settled = rows.slice(0, to);
    const { history, byKind } = this.known;
    const now = { history: history.copy(), byKind: new Map(byKind) };
    goOn(now, rows.slice(to));
    return [...now.byKind.values()];
  }
}

function goOn({ history, byKind }: Known, rows: readonly MetricsRow[]): void {
  for (const row of rows) {
    if (typeof row.reward !== 'number') continue;
    history.add(row);
    for (const alarm of alarms(history)) {
      const since = (history.rows.at(-WINDOW) ?? history.rows[0]!).step;
      const isNew = !byKind.has(alarm.kind);
      // A signature has the figures of the newest step at which it held.
      if (isNew || alarm.since !== undefined) byKind.set(alarm.kind, { since, ...alarm });
    }
  }
}

function areEqual(one: MetricsRow, other: MetricsRow): boolean {
  const names = Object.keys(one) as MetricName[];
  return (
    names.length === Object.keys(other).length && names.every((name) => Object.is(one[name], other[name]))
  );
}

/** A rule for each partner that has figures of its own, as `shortcut` is for the mirror. */
function viewRules(row: MetricsRow): Rule[] {
  return Object.keys(row).flatMap((name) => {
    const view = /^views\/(.+)\/accuracy$/.exec(name)?.[1];
    if (view === undefined || view === MIRROR) return [];
    return {
      kind: `shortcut-${view}`,
      fires: (now: Figure, first: Figure) =>
        now('accuracy') > first('accuracy') + 0.05 &&
        now(`views/${view}/accuracy`) < first(`views/${view}/accuracy`) - 0.05,
      message: `Accuracy rises on the originals and falls on the ${viewLabel(view)}: the model learns a side, not space.`,
    };
  });
}
