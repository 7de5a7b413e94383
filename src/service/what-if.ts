import { assessmentOf } from '../core/config/derived.ts';
import type { Call } from '../core/protocol/channel.ts';
import type { TracePanelService } from '../core/protocol/trace-panel.ts';
import { withoutTexts } from '../core/run-data/what-if/recompute.ts';
import { settingsFor, withChanges } from '../core/run-data/what-if/settings.ts';
import { readRunConfig } from '../lab/runs/run.ts';
import { readTraces } from '../lab/runs/trace.ts';
import { whatIfRun } from '../lab/runs/what-if.ts';

/** What-if for the Trace panel: steps for its own computing, and whole runs. */
export const whatIf: Omit<TracePanelService, 'traceRow'> = {
  async whatIfConfig({ run }) {
    const config = await readRunConfig(run);
    if (config.recipe !== 'grpo') return null;
    const { rewards, coupling, advantages, dynamic_sampling, loss } = config;
    return { rewards, coupling, advantages, dynamic_sampling, loss };
  },

  async whatIfStep({ run, step }) {
    return withoutTexts(await readTraces(run, step));
  },

  async whatIfRun({ run, changes }, call: Call<number>) {
    const config = await readRunConfig(run);
    if (config.recipe !== 'grpo') throw new Error('Only GRPO runs have rewards to compute with.');
    const settings = settingsFor(Object.keys(config.rewards));
    return whatIfRun(run, assessmentOf(withChanges(config, changes, settings)), call);
  },
};
