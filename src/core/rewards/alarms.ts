import { mean } from '../../base/numbers.ts';
import { deviation } from './advantages.ts';
import { RewardCourse, type Hacking } from './hacking.ts';
import type { MetricName, MetricsRow } from './metrics-row.ts';
import { MIRROR, viewLabel } from '../../rows/view-list.ts';

/** Pattern in the metrics of a run that usually indicates a problem, with advice to the user. */
export interface Alarm {
  kind: string;
  message: string;
  /** Whether the active alarm means that the result of the run is invalid. */
  isVoid?: true;
  /** Step at which a failure signature began, for reports and lists of runs. */
  since?: number;
  /** Number of steps over which metrics are averaged before the rule is tested. */
  window?: number;
}

/** Number of steps for means, at the start and at the end. Steps that lack the metric do not count. */
const WINDOW = 10;
/** Number of steps for medians, and minimum number of steps at the start that a comparison needs. */
const SHORT = 3;
/** Minimum change from the start, in standard errors, so that random variation between steps never counts. */
const ERRORS = 3;

type Figure = (name: MetricName) => number;

/** Metrics of a run up to the newest step. A missing metric is NaN, with which no rule fires. */
interface Figures {
  /** Means over the newest ten steps, and over the first ten steps, that have the metric. */
  now: Figure;
  first: Figure;
  /** Median of the newest three steps that have the metric. */
  lately: Figure;
  /** Minimum of the first ten steps that have the metric. */
  least: Figure;
  /** Change of the mean since the start; 0 if random variation between steps can explain the change. */
  changes: Figure;
  /** Whether the mean has significantly fallen below half of its start value. */
  halves: (name: MetricName) => boolean;
}

interface Rule {
  kind: string;
  /** Number of steps with the metric, after a change, within which the rule fires; by default, ten. */
  window?: number;
  /** Minimum number of steps at the start that the rule needs for a comparison; by default, none. */
  start?: number;
  fires: (figures: Figures) => boolean;
  /** Message of the alarm, without the number of steps and without the final full stop. */
  message: string;
}

/** Rules of the alarms that depend only on the values of metrics. */
export const RULES: readonly Rule[] = [
  {
    kind: 'reward-collapse',
    fires: ({ now }) => now('frac_reward_zero_std') >= 0.9,
    message:
      'In at least 90% of groups, all completions earn the same reward, so the model learns almost nothing. Check whether these groups are all correct or all wrong, and consider dynamic_sampling (A-29 in docs/papers.md)',
  },
  {
    kind: 'no-spread',
    // Applies to logs that lack the share of zero-variance groups.
    fires: ({ now }) =>
      !(now('frac_reward_zero_std') >= 0) && (now('group_reward_std') < 1e-6 || now('reward_std') < 1e-6),
    message: 'All completions of each group earn the same reward, so the model learns nothing',
  },
  {
    kind: 'all-cut',
    fires: ({ now }) => now('completions/clipped_ratio') >= 0.9,
    message:
      'At least 90% of completions are truncated at the token limit, most likely before their answer. Raise sampling.max_tokens',
  },
  {
    kind: 'kl-explodes',
    window: SHORT,
    fires: ({ lately, least }) => lately('kl') >= 1 && lately('kl') >= 10 * least('kl'),
    message:
      'KL to the reference model is at least 1 and ten times the value at the start, so the policy moves far from the reference model. Lower the learning rate, or raise β',
  },
  {
    kind: 'kl-dominated',
    fires: ({ now }) => now('kl_share') >= 0.9,
    message:
      'At least 90% of the gradient comes from the KL term, so rewards have almost no effect. Check whether rewards have vanished, or lower β (A-26 in docs/papers.md)',
  },
  {
    kind: 'flat-reward',
    start: WINDOW,
    fires: ({ now, first, halves }) =>
      now('reward') <= first('reward') + 0.01 &&
      halves('group_reward_std') &&
      !(now('by_group/frac_all_good') >= 0.95),
    message:
      'The reward has not risen since the start, and the reward std within groups has halved, so completions become alike without becoming better (A-45 in docs/papers.md)',
  },
  {
    kind: 'all-right',
    fires: ({ now }) => now('by_group/frac_all_good') >= 0.95,
    message:
      'In at least 95% of groups, all completions are correct, so the rows are too easy for this model',
  },
  {
    kind: 'all-wrong',
    fires: ({ now }) => now('by_group/frac_all_bad') >= 0.95,
    message:
      'In at least 95% of groups, all completions are wrong, so GRPO has no correct answers to reinforce. Train with SFT first, or use easier rows',
  },
  {
    kind: 'falling-length',
    start: SHORT,
    fires: ({ halves }) => halves('completions/mean_length'),
    message: 'Completions are less than half as long as at the start, so reasoning might be missing',
  },
  {
    kind: 'format-only',
    start: WINDOW,
    fires: ({ now, first }) =>
      now('rewards/format/mean') >= 0.98 &&
      first('rewards/format/mean') < 0.9 &&
      now('accuracy') <= first('accuracy') + 0.01,
    message:
      'The format reward is saturated, but accuracy has not risen since the start, so the model learns the format instead of the answers',
  },
  {
    kind: 'answer-collapse',
    fires: ({ now }) => now('answers/top_share') >= 0.9 && now('answers/reference_top_share') < 0.7,
    message:
      'At least 90% of completions give the same answer, although the reference answers differ (A-44 in docs/papers.md)',
  },
  {
    kind: 'shortcut',
    start: SHORT,
    fires: ({ changes }) => changes('accuracy') > 0.05 && changes('accuracy_mirror') < -0.05,
    message:
      'Accuracy rises on the originals and falls on their mirrors, so the model learns a shortcut instead of the relation',
  },
];

/** First ten and newest ten values of a metric. Steps that lack the metric do not count. */
class Values {
  private readonly first: number[];
  private readonly last: number[];

  constructor(
    private n = 0,
    first: readonly number[] = [],
    last: readonly number[] = [],
  ) {
    this.first = [...first];
    this.last = [...last];
  }

  copy = (): Values => new Values(this.n, this.first, this.last);

  add(value: number): void {
    this.n += 1;
    if (this.first.length < WINDOW) this.first.push(value);
    this.last.push(value);
    if (this.last.length > WINDOW) this.last.shift();
  }

  now = (): number => (this.n < WINDOW ? NaN : mean(this.last)!);
  least = (): number => Math.min(...this.first);
  lately = (): number =>
    this.n < SHORT ? NaN : this.last.slice(-SHORT).sort((a, b) => a - b)[Math.floor(SHORT / 2)]!;

  /** Returns the values at the start, excluding values that are also among the newest ones. */
  private beginning(least: number): number[] {
    const number = Math.min(WINDOW, this.n - WINDOW);
    return number < least ? [] : this.first.slice(0, number);
  }

  atStart = (least: number): number => mean(this.beginning(least)) ?? NaN;

  /** Returns the minimum change that is significant: the standard error of now − share · start, times `ERRORS`. */
  private noise(least: number, share: number): number {
    const [old, now] = [this.beginning(least), this.last];
    const squares = (values: readonly number[]) => deviation(values, 0) ** 2 * values.length;
    const variance = (squares(old) + squares(now)) / (old.length + now.length - 2);
    return ERRORS * Math.sqrt(variance * (share ** 2 / old.length + 1 / now.length));
  }

  change(least: number): number {
    const change = this.now() - this.atStart(least);
    return Math.abs(change) > this.noise(least, 1) ? change : change * 0;
  }

  halves = (least: number): boolean => this.now() < 0.5 * this.atStart(least) - this.noise(least, 0.5);
}

/** History of a run's steps for alarms: the first ten and the last ten steps, and the course of reward and accuracy. */
export class History {
  readonly rows: MetricsRow[] = [];
  private values = new Map<string, Values>();
  private course = new RewardCourse();

  static of(rows: readonly MetricsRow[]): History {
    const history = new History();
    for (const row of rows) history.add(row);
    return history;
  }

  /** Returns the alarms that are active after the last step. */
  alarms(): Alarm[] {
    return alarms(this);
  }

  /** Returns a copy of the history. Rows that are added to the copy do not change the original. */
  copy(): History {
    const copy = new History();
    copy.rows.push(...this.rows);
    copy.values = new Map([...this.values].map(([name, values]) => [name, values.copy()]));
    copy.course = this.course.copy();
    return copy;
  }

  add(row: MetricsRow): void {
    this.rows.push(row);
    if (this.rows.length > 2 * WINDOW) this.rows.splice(WINDOW, 1);
    for (const [name, value] of Object.entries(row)) {
      if (value === null) continue;
      if (!this.values.has(name)) this.values.set(name, new Values());
      this.values.get(name)!.add(value);
    }
    this.course.add(row);
  }

  /** Returns the names of all metrics in the history. */
  names = (): Iterable<string> => this.values.keys();

  /** @param least minimum number of steps at the start that a comparison needs */
  figures(least: number): Figures {
    const valuesOf = (name: MetricName) => this.values.get(name);
    return {
      now: (name) => valuesOf(name)?.now() ?? NaN,
      first: (name) => valuesOf(name)?.atStart(least) ?? NaN,
      lately: (name) => valuesOf(name)?.lately() ?? NaN,
      least: (name) => valuesOf(name)?.least() ?? NaN,
      changes: (name) => valuesOf(name)?.change(least) ?? NaN,
      halves: (name) => valuesOf(name)?.halves(least) ?? false,
    };
  }

  /** Returns the start of reward hacking, if any. @see RewardCourse.hacking */
  hacking(): Hacking | null {
    return this.course.hacking();
  }
}

/** Whether all completions in a step earned the same reward, although some were wrong. */
const isUnrewarded = (row: MetricsRow): boolean =>
  row.frac_reward_zero_std === 1 && row.reward_std === 0 && (row['by_group/frac_all_good'] ?? 1) < 1;

/**
 * Returns the alarm of a run that GRPO cannot learn from: the rewards have zero variance in its first two steps and its
 * newest step. Unlike other alarms, this alarm does not wait for twenty steps.
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
        'All completions of the first two steps earned the same reward, so the model does not learn. Set init to a checkpoint of an SFT run, choose a pretrained model, or use easier rows.',
    },
  ];
}

/**
 * Returns the alarms that are active after the last step. Each alarm fires within its own window, which its message
 * contains, after the metrics passed the limit. Steps without the metric do not count.
 */
export function alarms(history: History): Alarm[] {
  const hacking = history.hacking();
  const fired = [...RULES, ...viewRules(history.names())].filter(({ fires, start = 1 }) =>
    fires(history.figures(start)),
  );
  return [
    ...noReward(history.rows),
    ...(hacking ? [{ kind: 'reward-hacking', ...hacking }] : []),
    ...fired.map(({ kind, message, window = WINDOW, start }) => ({
      kind,
      window,
      message: `${message}. Based on the ${windowText(window, start)}.`,
    })),
  ];
}

const windowText = (window: number, start?: number): string =>
  window === WINDOW
    ? `mean of the last ten steps${start === undefined ? '' : ', compared with up to ten at the start'}`
    : 'median of the last three steps, compared with the minimum of the first ten';

export interface PlacedAlarm extends Alarm {
  /** First step of the window in which the alarm first fired, or step at which the failure signature began. */
  since: number;
}

/** Number of newest steps of a growing run whose metrics can still change. */
const UNSETTLED = 10;

/** Alarms of a run up to a certain step. */
interface Known {
  history: History;
  byKind: Map<string, PlacedAlarm>;
}

/**
 * Alarms of a growing run of any trainer, each with the step at which the alarm first fired. Steps without a reward,
 * such as evaluations, do not count. Results for unchanged steps are cached.
 */
export class RunAlarms {
  private settled: readonly MetricsRow[] = [];
  private known: Known = { history: new History(), byKind: new Map() };

  /** Returns the alarms of the run. @param rows metrics of the run, sorted by step */
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
      const { window = WINDOW } = alarm;
      const since = (history.rows.at(-window) ?? history.rows[0]!).step;
      const isNew = !byKind.has(alarm.kind);
      // The message of a failure signature contains the metrics of the newest step at which the alarm fired.
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

/** Returns a rule for each partner view with separate metrics, like the rule `shortcut` for the mirror. */
function viewRules(names: Iterable<string>): Rule[] {
  return [...names].flatMap((name) => {
    const view = /^views\/(.+)\/accuracy$/.exec(name)?.[1];
    if (view === undefined || view === MIRROR) return [];
    return {
      kind: `shortcut-${view}`,
      start: SHORT,
      fires: ({ changes }: Figures) =>
        changes('accuracy') > 0.05 && changes(`views/${view}/accuracy`) < -0.05,
      message: `Accuracy rises on the originals and falls on the ${viewLabel(view)}, so the model learns a shortcut instead of the relation`,
    };
  });
}
