import { later, MODEL_HELP, STEP, STRATEGY, withInsight } from '../command-options.ts';
import type { Command } from 'commander';
import { PATCH_GROUPS } from '../../core/insight/patch.ts';
import { oneOf, repeated, wholeNumber } from '../values.ts';

/** `chirality inspect patch`: finds the layers where the side passes from the image to the answer. */
export function addInspectPatchCommand(program: Command) {
  const command = withInsight(program.command('patch'))
    .argument('<model>', MODEL_HELP)
    .option(...STEP, 'last')
    .option(...STRATEGY)
    .description(
      'Swap hidden states between an image and its mirror, layer by layer, and show the change of the answer.',
    )
    .option('--layer <n>', 'layer after which to swap, from 0; repeatable', repeated(wholeNumber), [])
    .option(
      '--group <name>',
      `tokens to swap: ${PATCH_GROUPS.join(', ')}; repeatable (default: all groups)`,
      repeated(oneOf(PATCH_GROUPS)),
      [],
    )
    .addHelpText(
      'after',
      `
Examples:
  chirality inspect patch spatial
  chirality inspect patch spatial --group picture --group names --layer 1 --json

Both images use the original question. Only rows whose answers differ between the two images are used. The command
replaces the hidden states of one layer and token group with those from the mirrored image. It prints the change in the
log-odds of the original answer, and its share of the whole difference (100% is the answer of the mirror).
After an interruption, the same command continues where it stopped (docs/interpretability.md).`,
    );
  command.action(later(async () => (await import('./inspect-patch.action.ts')).run));
  return command;
}
