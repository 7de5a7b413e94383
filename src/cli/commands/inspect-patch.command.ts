import { later, STEP, STRATEGY, withInsight } from '../command-options.ts';
import type { Command } from 'commander';
import { PATCH_GROUPS } from '../../core/insight/patch.ts';
import { oneOf, repeated, wholeNumber } from '../values.ts';

/** `chirality inspect patch`: where in a model the side passes from the image to the answer. */
export function addInspectPatchCommand(program: Command): void {
  withInsight(program.command('patch'))
    .option(...STEP, 'last')
    .option(...STRATEGY)
    .description(
      'Swap hidden states between an image and its mirror, layer by layer, and show how the answer changes.',
    )
    .option('--layer <n>', 'only after this layer, from 0; repeatable', repeated(wholeNumber), [])
    .option(
      '--group <name>',
      `only these tokens: ${PATCH_GROUPS.join(', ')}; repeatable (default: all of them)`,
      repeated(oneOf(PATCH_GROUPS)),
      [],
    )
    .addHelpText(
      'after',
      `
Examples:
  chirality inspect patch spatial
  chirality inspect patch spatial --group picture --group names --layer 1 --json

Both images are asked the original's question. Only rows whose answer differs between the two are used. Figures are
the change in the log-odds of the original's answer when one layer's hidden states for a group of tokens come from the
mirrored image, and the share of the whole difference: 0% is the original's answer, 100% the mirror's.
After an interruption, the same command continues where it stopped (docs/insight.md).`,
    )
    .action(later(async () => (await import('./inspect-patch.action.ts')).run));
}
