import type { TracedPair } from '../../core/run-data/trace.ts';
import { otherSettings as settingsWith } from '../../core/run-data/what-if.ts';
import { WhatIfError } from '../../core/run-data/what-if-settings.ts';
import type { RunSteps } from './run-steps.ts';

/**
 * A run's settings with others in their place, given as `eta=2,scope=pair`.
 * @param step any traced step, which says what rewards there are
 * @throws WhatIfError
 */
export async function otherSettings(run: RunSteps, step: readonly TracedPair[], text: string) {
  const config = await run.whatIfConfig();
  if (!config) throw new WhatIfError(await run.whyNoWhatIf());
  return settingsWith(config, step, text);
}
