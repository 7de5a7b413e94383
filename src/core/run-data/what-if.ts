import type { TracedPair, TrainedPair } from './trace.ts';
import type { ViewId } from '../../rows/view-list.ts';
import { assessmentOf } from '../config/derived.ts';
import { type Effect, SAME_ADVANTAGE } from '../rewards/advantages.ts';
import { assess, type Assessment } from '../rewards/assess.ts';
import { parseChanges, settingsFor, valueOf, withChanges, type WhatIfConfig } from './what-if-settings.ts';

/** Change in the gradient of one completion: sign flipped, zeroed, or activated. */
export type SignChange = 'reversed' | 'silenced' | 'woken';

interface BeforeAfter {
  before: number;
  after: number;
}

/** Summary of the changes in the advantages of a run under other settings. */
export interface WhatIfReport {
  steps: number;
  pairs: number;
  completions: number;
  /** Number of completions whose gradient flips its sign, becomes zero, or becomes nonzero. */
  signs: Record<SignChange, number>;
  /** Number of groups, with one group per view of a pair; `kept` is the number of groups that are trained on. */
  groups: number;
  kept: BeforeAfter;
  /** Number of coupled pairs; `effects` counts these pairs by the effect of the penalty on their advantages (R3). */
  coupled: BeforeAfter;
  effects: Record<Effect, BeforeAfter>;
  penalised: Record<ViewId, BeforeAfter>;
}

const none = (): BeforeAfter => ({ before: 0, after: 0 });

const emptyReport = (): WhatIfReport => ({
  steps: 0,
  pairs: 0,
  completions: 0,
  signs: { reversed: 0, silenced: 0, woken: 0 },
  groups: 0,
  kept: none(),
  coupled: none(),
  effects: { none: none(), scaled: none(), inverted: none(), erased: none() },
  penalised: { original: none(), mirror: none() },
});

/** Computes the changes in the advantages of several steps under other settings. */
export async function whatIfReport(
  steps: AsyncIterable<readonly TracedPair[]>,
  settings: Assessment,
): Promise<WhatIfReport> {
  const report = emptyReport();
  for await (const before of steps) addStep(report, before, assess(before, settings));
  return report;
}

/** Adds one step to a report. @param after recomputed pairs, in the order of `before` */
function addStep(report: WhatIfReport, before: readonly TracedPair[], after: readonly TracedPair[]): void {
  report.steps += 1;
  before.forEach((old, p) => {
    const now = after[p]!;
    report.pairs += 1;
    report.groups += old.views.length;
    for (const [when, pair] of [['before', old] as const, ['after', now] as const]) {
      if (pair.kept !== false) report.kept[when] += pair.views.length;
      if (pair.delta !== null) report.coupled[when] += 1;
      if (pair.effect) report.effects[pair.effect][when] += 1;
      if (pair.penalised !== null) (report.penalised[pair.penalised] ??= none())[when] += 1;
    }
    for (const change of signChanges(old, now).flat()) {
      report.completions += 1;
      if (change) report.signs[change] += 1;
    }
  });
}

/**
 * Returns, for each view and completion, whether the gradient flipped its sign, became zero or became nonzero. A
 * dropped pair has no gradient.
 */
export function signChanges(before: TracedPair, after: TracedPair): (SignChange | null)[][] {
  return before.views.map(({ group }, v) =>
    group.map((completion, g) => {
      const old = signOf(before.kept === false ? 0 : completion.advantage);
      const now = signOf(after.kept === false ? 0 : after.views[v]!.group[g]!.advantage);
      if (completion.advantage === null || old === now) return null;
      return now === 0 ? 'silenced' : old === 0 ? 'woken' : 'reversed';
    }),
  );
}

const signOf = (advantage: number | null): number =>
  advantage === null ? 0 : Math.abs(advantage) <= SAME_ADVANTAGE ? 0 : Math.sign(advantage);

type ChangedSettings = Record<string, { before: number | string; after: number | string }>;

/**
 * Returns the settings of a run with changes, such as `eta=2,scope=pair`.
 * @param step any traced step, which determines the available rewards
 * @throws WhatIfError if the changes are invalid
 */
export function otherSettings(
  config: WhatIfConfig,
  step: readonly TracedPair[],
  text: string,
): { settings: Assessment; changed: ChangedSettings } {
  const settings = settingsFor(config, Object.keys(step[0]?.views[0]?.group[0]?.rewards ?? {}));
  const changes = parseChanges(text, settings);
  const other = withChanges(config, changes, settings);
  const changed = settings
    .filter(({ name }) => changes[name] !== undefined)
    .map((setting) => [setting.name, { before: setting.inRun, after: valueOf(other, setting) }] as const);
  return { settings: assessmentOf(other), changed: Object.fromEntries(changed) };
}

/** Assesses a pair with another config, together with all pairs of its step; null if the step lacks the pair. */
export function pairAfter(
  traced: TrainedPair,
  step: readonly TracedPair[],
  config: WhatIfConfig,
): TrainedPair | null {
  const now = assess(step, assessmentOf(config)).find(({ pair }) => pair === traced.pair);
  if (!now) return null;
  return {
    ...now,
    kind: traced.kind,
    views: traced.views.map((view, v) => ({
      ...view,
      group: view.group.map((completion, g) => {
        const { penalty, reward, advantage } = now.views[v]!.group[g]!;
        return { ...completion, penalty, reward, advantage };
      }),
    })),
  };
}

/** Returns the share of a step's advantages that flip their sign, become zero or nonzero under another config. */
export function changedShare(step: readonly TracedPair[], config: WhatIfConfig): number {
  const signs = assess(step, assessmentOf(config)).flatMap((now, i) => signChanges(step[i]!, now).flat());
  return signs.length === 0 ? 0 : signs.filter((sign) => sign !== null).length / signs.length;
}
