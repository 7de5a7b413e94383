import { assessmentOf } from '../../core/config/derived.ts';
import type { Assessment } from '../../core/rewards/assess.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import {
  parseChanges,
  settingsFor,
  valueOf,
  WhatIfError,
  withChanges,
  type Setting,
} from '../../core/run-data/what-if-settings.ts';
import type { RunSteps } from './steps.ts';

/** Settings that differ from those of a run, with both values. */
export type ChangedSettings = Record<string, { before: number | string; after: number | string }>;

/**
 * A run's settings with others in their place, given as `eta=2,scope=pair`.
 * @param step any traced step, which says what rewards there are
 * @throws WhatIfError
 */
export async function otherSettings(
  run: RunSteps,
  step: readonly TracedPair[],
  text: string,
): Promise<{ settings: Assessment; changed: ChangedSettings }> {
  const config = await run.whatIfConfig();
  if (!config) throw new WhatIfError(await run.whyNoWhatIf());
  const settings: Setting[] = settingsFor(
    Object.keys(step[0]?.views[0]?.group[0]?.rewards ?? {}),
    config.coupling.mode,
  );
  const changes = parseChanges(text, settings);
  const other = withChanges(config, changes, settings);
  const changed = settings
    .filter(({ name }) => changes[name] !== undefined)
    .map((setting) => [setting.name, { before: valueOf(config, setting), after: valueOf(other, setting) }]);
  return { settings: assessmentOf(other), changed: Object.fromEntries(changed) as ChangedSettings };
}
