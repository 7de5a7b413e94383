import type { MetricName, MetricsRow } from './metrics.ts';
import { MIRROR, ORIGINAL, viewLabel } from '../view-list.ts';

/** A pattern in the curves that usually means trouble, with advice on what to look at. */
export interface Alarm {
  kind: string;
  message: string;
  /** Whether the run's result is void while it holds. */
  isVoid?: true;
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

/** Adds a row to the history, which keeps the first ten and the last ten for `alarms`. */
export function addToHistory(history: MetricsRow[], row: MetricsRow): void {
  history.push(row);
  if (history.length > 2 * WINDOW) history.splice(WINDOW, 1);
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

/** Returns the alarms that hold after the last of these rows. All but `no-reward` need twenty steps. */
export function alarms(history: readonly MetricsRow[]): Alarm[] {
  const unrewarded = noReward(history);
  if (history.length < 2 * WINDOW) return unrewarded;
  const figures =
    (rows: readonly MetricsRow[]): Figure =>
    (name) =>
      rows.reduce((sum, row) => sum + (row[name] ?? NaN), 0) / rows.length;
  const now = figures(history.slice(-WINDOW));
  const first = figures(history.slice(0, WINDOW));
  const fired = [...RULES, ...viewRules(history.at(-1)!)].filter((rule) => rule.fires(now, first));
  return [...unrewarded, ...fired.map(({ kind, message }) => ({ kind, message }))];
}

/** An alarm of a whole run. */
export interface PlacedAlarm extends Alarm {
  /** The first of the ten steps over which it first held. */
  since: number;
}

/** The newest steps, whose figures may still be written. */
const UNSETTLED = 10;

/** What is known of a run's alarms after some of its steps. */
interface Known {
  history: MetricsRow[];
  byKind: Map<string, PlacedAlarm>;
}

/**
 * The alarms of a run of any trainer, each where it first held, while the run grows. Steps without a reward, as of
 * evaluations, do not count. What is known of steps that have not changed is kept.
 */
export class RunAlarms {
  private settled: readonly MetricsRow[] = [];
  private known: Known = { history: [], byKind: new Map() };

  /** @param rows the run's figures, by step, ascending */
  through(rows: readonly MetricsRow[]): PlacedAlarm[] {
    if (!this.settled.every((row, i) => rows[i] !== undefined && areEqual(row, rows[i]))) {
      this.settled = [];
      this.known = { history: [], byKind: new Map() };
    }
    const from = this.settled.length;
    const to = Math.max(from, rows.length - UNSETTLED);
    goOn(this.known, rows.slice(from, to));
    this.settled = rows.slice(0, to);
    const { history, byKind } = this.known;
    const now = { history: [...history], byKind: new Map(byKind) };
    goOn(now, rows.slice(to));
    return [...now.byKind.values()];
  }
}

function goOn({ history, byKind }: Known, rows: readonly MetricsRow[]): void {
  for (const row of rows) {
    if (typeof row.reward !== 'number') continue;
    addToHistory(history, row);
    for (const alarm of alarms(history))
      if (!byKind.has(alarm.kind))
        byKind.set(alarm.kind, { ...alarm, since: (history.at(-WINDOW) ?? history[0]!).step });
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

/** Accuracy of one set and view at an evaluation, 0–1. */
export interface EvaluationPoint {
  set: string;
  view: string;
  accuracy: number;
}

/**
 * Compares the first and the latest evaluation: alarms if accuracy rises on originals but falls on mirrors or polarity
 * flips.
 */
export function evaluationAlarms(
  first: readonly EvaluationPoint[],
  latest: readonly EvaluationPoint[],
): Alarm[] {
  const change = (set: string, view: string) => {
    const stepOf = (points: readonly EvaluationPoint[]) =>
      points.find((p) => p.set === set && p.view === view)?.accuracy ?? NaN;
    return stepOf(latest) - stepOf(first);
  };
  return latest
    .filter(({ set, view }) => view !== ORIGINAL && change(set, ORIGINAL) > 0.01 && change(set, view) < -0.01)
    .map(({ set, view }) => ({
      kind: `falling-on-${view}`,
      message: `On "${set}" accuracy rises on the originals and falls on the ${viewLabel(view)}: a shortcut is being learnt.`,
    }));
}
