import { later, MODEL_HELP, VIEWS, STEP, STRATEGY, withInsight } from '../command-options.ts';
import type { Command } from 'commander';
import { NUMBER_TARGETS, TARGETS } from '../../core/insight/probe-row.ts';
import { PAIR } from '../../rows/view-list.ts';
import { oneOf, repeated } from '../values.ts';

const ALL_TARGETS = [...TARGETS, ...NUMBER_TARGETS];

/** `chirality inspect probe`: tests which properties a linear probe reads from a model's hidden states. */
export function addInspectProbeCommand(program: Command) {
  const command = withInsight(program.command('probe'))
    .argument('<model>', MODEL_HELP)
    .option(...STEP, 'last')
    .option(...STRATEGY)
    .option(...VIEWS, [...PAIR])
    .description(
      'Train probes on the hidden states of a model, layer by layer, and list rows where the probe is correct and the answer wrong.',
    )
    .option(
      '--target <name>',
      `fact to print: ${ALL_TARGETS.join(', ')}; repeatable`,
      repeated(oneOf(ALL_TARGETS)),
      [],
    )
    .option('--arrays', 'also write the hidden states to activations.safetensors')
    .addHelpText(
      'after',
      `
Facts:
  answer     the correct one of the two most common reference answers
  side       left or right: position of the first object relative to the second
  nearer     the nearer of the two objects
  own side   the own side of the first object on which the second is
  graph      whether the graph from an earlier stage leads to the correct answer
  numbers    column, row and depth of the object named first, and the count in question

Positions and depths come from the scene graphs of the rows.

Examples:
  chirality inspect probe spatial --target side
  chirality inspect probe spatial --target side --views original,mirror,polarity,rotate:180
  chirality inspect probe spatial --json > probe.json

A probe is a logistic regression (for numbers, a ridge regression) on the hidden state of one token after one layer,
numbered from 0. It is tested on held-out images. Baselines: chance, shuffled labels, and the model without the image.
After an interruption, the same command continues where it stopped (docs/interpretability.md).`,
    );
  command.action(later(async () => (await import('./inspect-probe.action.ts')).run));
  return command;
}
