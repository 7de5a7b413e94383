import { later, withRewriter } from '../command-options.ts';
import { Option, type Command } from 'commander';
import { share } from '../values.ts';

/**
 * `chirality view mirror`: adds the mirrored form of every row, by rules, or by a language model for rows that the rules
 * defer.
 */
export function addMirrorCommand(program: Command): void {
  const command = program
    .command('mirror')
    .description(
      'Add the mirrored question and answer (variants.mirror) to every row, by rules and optionally a language model.',
    )
    .argument('[file]', 'rows to mirror (*.qa.jsonl) (default: standard input)')
    .option('-o, --output <file>', 'output file (default: standard output)')
    .addOption(
      new Option('--strategy <name>', 'how the text follows the mirrored image')
        .choices(['swap-words', 'keep-question', 'mix'])
        .default('swap-words'),
    )
    .option('--share <s>', 'keep the mirrors of only this share of rows, drawn by seed and id', share)
    .option('--seed <seed>', 'random seed for --strategy mix and --share', '0')
    .option(
      '--explain',
      'explain on standard error which words of each row changed or stayed, and by which rule',
    )
    .option(
      '--write-images <folder>',
      'write mirror images to this folder, under the same relative paths as in the rows',
    )
    .option('--data-root <folder>', 'read no image outside this folder')
    .option('--json', 'print the summary as JSON')
    .option(
      '--verify [name]',
      'ask the model a second time with a verification prompt, and compare (default: flip-verify)',
    )
    .option('--both-images', 'show the model both the image and its mirror image')
    .addOption(
      new Option(
        '--rewrite <rows>',
        'with --llm, rows to send: all, as in SVQA-R1, or those that the rules defer',
      )
        .choices(['all', 'undecided'])
        .default('undecided'),
    );
  withRewriter(command, 'flip-naive')
    .addHelpText(
      'after',
      `
Examples:
  chirality view mirror data.qa.jsonl -o mirrored.qa.jsonl
  chirality view mirror data.qa.jsonl --explain > /dev/null
  chirality view mirror data.qa.jsonl -o mirrored.qa.jsonl --write-images mirrored/
  head -100 data.qa.jsonl | chirality view mirror --strategy mix --seed 7 -o mixed.qa.jsonl
  chirality view mirror data.qa.jsonl --llm http://localhost:8000/v1 --llm-model Qwen/Qwen3-8B --verify -o mirrored.qa.jsonl
  chirality view mirror data.qa.jsonl --llm http://localhost:8000/v1 --llm-model Qwen/Qwen3-8B --verify --rewrite all -o mirrored.qa.jsonl

Training and evaluation mirror images as they read them; --write-images is for other programs. JPEG cannot be
mirrored without loss and is written at quality 95.
Rows the rules cannot decide become needs_llm or discard and are never trained on (docs/mirror.md). With --llm, a
language model rewrites needs_llm rows, or with --rewrite all every row; its rewrites pass the same checks or wait for
a review (docs/review.md). A table counts how often naive and, with --verify, verified rewrites are right.
Answers are cached, so an interrupted command continues where it stopped. Rows that have been reviewed stay unchanged.
The summary goes to standard error.`,
    )
    .action(later(async () => (await import('./view-mirror.action.ts')).mirror));
}
