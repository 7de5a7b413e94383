import { later, withRewriter } from '../command-options.ts';
import { Option, type Command } from 'commander';
import { share } from '../values.ts';

/** `chirality view mirror`: adds the mirror of every row, by rules, or by a language model for deferred rows. */
export function addMirrorCommand(program: Command) {
  const plain = program
    .command('mirror')
    .description(
      'Add the mirrored question and answer (variants.mirror) to every row, with rules and optionally a language model.',
    )
    .argument('[file]', '*.qa.jsonl file (default: standard input)')
    .option('-o, --output <file>', 'output file (default: standard output)')
    .addOption(
      new Option('--strategy <name>', 'rewriting strategy for mirrored questions and answers')
        .choices(['swap-words', 'keep-question', 'mix'])
        .default('swap-words'),
    )
    .option('--share <s>', 'share of rows whose mirrors are kept, drawn by seed and id', share)
    .option('--seed <seed>', 'random seed for --strategy mix and --share', '0')
    .option('--explain', 'print the changed words of each row and their rules to standard error')
    .option(
      '--write-images <folder>',
      'folder for mirror images, with the same relative paths as in the rows',
    )
    .option('--data-root <folder>', 'read images only from this folder')
    .option('--json', 'print the summary as JSON')
    .option(
      '--verify [name]',
      'ask the model again with a verification prompt and compare both answers (default: flip-verify)',
    )
    .option('--both-images', 'send both the image and its mirror image to the model')
    .addOption(
      new Option(
        '--rewrite <rows>',
        'rows to send to --llm: all (as in SVQA-R1), or undecided (deferred rows)',
      )
        .choices(['all', 'undecided'])
        .default('undecided'),
    );
  const command = withRewriter(plain, 'flip-naive').addHelpText(
    'after',
    `
Examples:
  chirality view mirror data.qa.jsonl -o mirrored.qa.jsonl
  chirality view mirror data.qa.jsonl --explain > /dev/null
  chirality view mirror data.qa.jsonl -o mirrored.qa.jsonl --write-images mirrored/
  head -100 data.qa.jsonl | chirality view mirror --strategy mix --seed 7 -o mixed.qa.jsonl
  chirality view mirror data.qa.jsonl --llm http://localhost:8000/v1 --llm-model Qwen/Qwen3-8B --verify -o mirrored.qa.jsonl
  chirality view mirror data.qa.jsonl --llm http://localhost:8000/v1 --llm-model Qwen/Qwen3-8B --verify --rewrite all -o mirrored.qa.jsonl

Training and evaluation mirror images when they read them, so --write-images is only for other programs. It writes JPEG
images again at quality 95.
Deferred rows become needs_llm or discard and are never trained on (docs/rewriting-rules.md). With --llm, a language model
rewrites needs_llm rows, or all rows with --rewrite all. Rewrites that fail a check wait for review (docs/annotate.md). A
table shows the accuracy of naive and, with --verify, verified rewrites.
Answers are cached, so an interrupted command continues where it stopped. Reviewed rows stay unchanged. The summary is
written to standard error.`,
  );
  command.action(later(async () => (await import('./view-mirror.action.ts')).mirror));
  return command;
}
