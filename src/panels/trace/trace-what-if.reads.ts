import { isAbsolute, relative, sep } from 'node:path';
import type { HostOf } from '../calls.contract.ts';
import type { ForkSetting, ForkSummary, whatIfReads } from './trace.contract.ts';
import { mayBeForeign } from '../../lab/foreign/known.ts';
import { assessmentOf } from '../../core/config/derived.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import { settingsFor, withChanges } from '../../core/run-data/what-if-settings.ts';
import { listCheckpoints } from '../../lab/runs/checkpoints.ts';
import { whatIfRun } from '../../lab/runs/trace-files.ts';
import { stepsOf } from '../../lab/traces/run-steps.ts';
import { changedConfig, changesText, configDifferences, readChanges } from '../../core/config/changed.ts';
import { namedPaths, withValue, type Tree } from '../../core/config/tree.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { problemText, yamlText } from '../../core/config/config-source.ts';
import { planFork } from '../../lab/runs/fork.ts';
import { readRunConfig } from '../../lab/runs/make-run.ts';

/** Calls for what-if analyses in the Trace panel: data of single steps, which the panel analyses, and whole runs. */
export const whatIf: HostOf<typeof whatIfReads> = {
  whatIfConfig: ({ run }) => stepsOf(run).whatIfConfig(),

  whyNoWhatIf: ({ run }) => stepsOf(run).whyNoWhatIf(),

  whatIfCheckpoints: ({ run }) => listCheckpoints(run),

  async whatIfStep({ run, step }) {
    return withoutTexts(await stepsOf(run).pairs(step));
  },

  async whatIfRun({ run, changes }, call) {
    const steps = stepsOf(run);
    const config = await steps.whatIfConfig();
    if (!config) throw new Error('What-if analysis requires the rewards of a GRPO run.');
    return whatIfRun(steps, assessmentOf(withChanges(config, changes, settingsFor(config))), call);
  },
};

/** Returns a step without the texts of its pairs, which `assess` does not need, to reduce the size of the answer. */
function withoutTexts(step: readonly TracedPair[]): TracedPair[] {
  return step.map((pair) => ({
    ...pair,
    views: pair.views.map((view) => ({
      ...view,
      question: '',
      answer: '',
      images: [],
      group: view.group.map((completion) => ({
        ...completion,
        answer_text: null,
        segments: completion.segments.map(({ stage, stop_reason }) => ({ stage, stop_reason, text: '' })),
        rewards: Object.fromEntries(
          Object.entries(completion.rewards).map(([name, { value }]) => [name, { value, why: '' }]),
        ),
      })),
    })),
  }));
}

/** Calls about forks of a run, and about configs with changed settings (`set`: entries such as `coupling.eta=2`). */
export const forkService = {
  /**
   * Returns a run's config with changed values, for a config file in `folder`. Paths inside `folder` become relative.
   * @throws with a message if the values are invalid
   */
  async configWith({ run, set, folder }: Changed & { folder: string }): Promise<string> {
    refuseForeign(run);
    const before = await readRunConfig(run);
    const { config, problems } = changedConfig(before, readChanges(set), 'run.yaml with the changes');
    if (!config) throw new Error(problems.map(problemText).join('\n'));
    const changes = changesText(configDifferences(before, config));
    const from = `# Settings of ${run} with all defaults. Changed: ${changes}.\n`;
    // Write all values and no preset, because the preset would replace omitted values.
    return from + yamlText({ ...withPathsFrom(folder, config), preset: undefined });
  },

  /** Returns the settings that users change most often in forks, with the run's values. */
  async forkSettings({ run }: { run: string }): Promise<ForkSetting[]> {
    refuseForeign(run);
    const { steps, optimizer } = await readRunConfig(run);
    const number = (label: string, path: string, value: number) => ({ label, path, value, choices: null });
    const rewarded = await stepsOf(run).whatIfConfig();
    const ofRewards = rewarded ? settingsFor(rewarded) : [];
    return [
      number('Steps', 'steps', steps),
      number('Learning rate', 'optimizer.learning_rate', optimizer.learning_rate),
      ...ofRewards.map((setting) => ({
        label: setting.label,
        path: setting.path.join('.'),
        value: setting.inRun,
        choices: setting.kind === 'choice' ? [...setting.choices] : null,
      })),
    ];
  },

  /** Returns the step and settings from which a fork would start. @throws with a message if the run cannot be forked */
  async forkPlan({ run, step, set }: Changed & { step: number }): Promise<ForkSummary> {
    refuseForeign(run);
    const plan = await planFork(run, step, readChanges(set));
    return { step: plan.step, changes: changesText(plan.changes), broken: plan.broken };
  },
};

type Changed = { run: string; set: readonly string[] };

function refuseForeign(run: string): void {
  if (mayBeForeign(run)) throw new Error('Chirality cannot continue an external run.');
}

/** Returns a config in which paths inside a folder are relative to the folder. Other paths stay unchanged. */
function withPathsFrom(folder: string, config: RunConfig): Tree {
  return namedPaths(config).reduce<Tree>((tree, { at, path }) => {
    const below = relative(folder, path);
    if (!isAbsolute(path) || isAbsolute(below) || below.split(sep)[0] === '..') return tree;
    // The prefix `./` distinguishes a model folder from a Hub id.
    return withValue(tree, at, `./${below.split(sep).join('/')}`);
  }, config);
}
