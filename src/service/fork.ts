import { isAbsolute, relative, sep } from 'node:path';
import { stringify } from 'yaml';
import { changedConfig, changesText, configDifferences, readChanges } from '../core/config/changed.ts';
import { namedPaths } from '../core/config/named-paths.ts';
import type { RunConfig } from '../core/config/run.ts';
import { problemText } from '../core/config/source.ts';
import { merge, treeAt, type Tree } from '../core/config/tree.ts';
import type { ForkService } from '../core/protocol/trace-panel.ts';
import { mayBeForeign } from '../lab/foreign/known.ts';
import { planFork } from '../lab/runs/fork.ts';
import { readRunConfig } from '../lab/runs/run.ts';

/** Configs with other settings than a run's, and what a fork of it would begin with. */
export const forkService: ForkService = {
  async configWith({ run, set, folder }) {
    refuseForeign(run);
    const before = await readRunConfig(run);
    const { config, problems } = changedConfig(before, readChanges(set), 'run.yaml with the changes');
    if (!config) throw new Error(problems.map(problemText).join('\n'));
    const changes = changesText(configDifferences(before, config));
    const from = `# The settings of ${run}, every default written out; changed: ${changes}.\n`;
    // Everything is written out: a preset could only bring back what the changes leave out.
    return from + stringify({ ...withPathsFrom(folder, config), preset: undefined });
  },

  async forkPlan({ run, step, set }) {
    refuseForeign(run);
    const plan = await planFork(run, step, readChanges(set));
    return { step: plan.step, changes: changesText(plan.changes), broken: plan.broken };
  },
};

function refuseForeign(run: string): void {
  if (mayBeForeign(run)) throw new Error('Another program trained this run: Chirality cannot continue it.');
}

/** A config whose paths below a folder are relative to it; others stay as they are. */
function withPathsFrom(folder: string, config: RunConfig): Tree {
  return namedPaths(config).reduce<Tree>((tree, { at, path }) => {
    const below = relative(folder, path);
    if (!isAbsolute(path) || isAbsolute(below) || below.split(sep)[0] === '..') return tree;
    // The dot distinguishes the folder of a model from a name on the hub.
    return merge(tree, treeAt(at, `./${below.split(sep).join('/')}`));
  }, config);
}
