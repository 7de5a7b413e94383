import { later, VIEWS, STEP, STRATEGY, withInsight } from '../command-options.ts';
import type { Command } from 'commander';
import { NUMBER_TARGETS, TARGETS } from '../../core/insight/probe-row.ts';
import { PAIR } from '../../rows/view-list.ts';
import { oneOf, repeated } from '../values.ts';

const ALL_TARGETS = [...TARGETS, ...NUMBER_TARGETS];

/** `chirality inspect probe`: what a model's hidden states know, whatever it answers. */
export function addInspectProbeCommand(program: Command): void {
  withInsight(program.command('probe'))
    .option(...STEP, 'last')
    .option(...STRATEGY)
    .option(...VIEWS, [...PAIR])
    .description(
      'Read facts from a model’s hidden states, layer by layer, and list rows where it knows the answer but gives another.',
    )
    .option(
      '--target <name>',
      `print only this fact: ${ALL_TARGETS.join(', ')}; repeatable`,
      repeated(oneOf(ALL_TARGETS)),
      [],
    )
    .option('--arrays', 'also write the hidden states as arrays: activations.safetensors')
    .addHelpText(
      'after',
      `
answer: which of the two commonest reference answers is right. side: whether the first object that the question names
stands left or right of the second. nearer: which of the two is nearer. own side: on which of its own sides the first
has the second. graph: whether the graph that the model wrote in an earlier stage leads to the right answer. Numbers:
column and row of the first named object, its depth, and the count that is asked for. Positions and depths come from the
rows' scene graphs.

Examples:
  chirality inspect probe spatial --target side
  chirality inspect probe spatial --target side --views original,mirror,polarity,rotate:180
  chirality inspect probe spatial --json > probe.json

A probe is a logistic regression, for numbers a ridge regression, from the hidden state of one token after one layer
(numbered from 0), tested on images that it was not trained on. Next to it are chance, the same with shuffled labels,
and the same for the model without the image.
After an interruption, the same command continues where it stopped (docs/insight.md).`,
    )
    .action(later(async () => (await import('./inspect-probe.action.ts')).run));
}
