import { later } from '../command-options.ts';
import { Option, type Command } from 'commander';
import { ANSWER_POLICIES } from '../../rows/sample/sample.ts';
import { VIEW_IDS, type ViewId } from '../../rows/view-list.ts';
import { UsageError } from '../errors.ts';
import { asView } from '../values.ts';

/** `chirality view add`: adds the variant of every row under a view, by rules. */
export function addViewCommand(program: Command): void {
  program
    .command('add')
    .description(
      'Add another view (variants.views) to every row: with rotated images, reworded, or seen from elsewhere.',
    )
    .argument('[file]', 'rows to rewrite (*.qa.jsonl) (default: standard input)')
    .requiredOption(
      '--view <id>',
      'the view, or several joined by +: rotate:180, flip, converse, mirror+converse, …',
      // A second one would silently replace the first.
      (text: string, before?: ViewId) => {
        if (before !== undefined)
          throw new UsageError(`--view: add ${before} first, then ${text} to its output; or join them by +.`);
        return asView(text);
      },
    )
    .option('-o, --output <file>', 'output file (default: standard output)')
    .addOption(
      new Option(
        '--anchor <where>',
        'image: put "In the image as shown, " before questions about sides, in both views',
      )
        .choices(['none', 'image'])
        .default('none'),
    )
    .addOption(
      new Option('--viewpoint <name>', 'what the images show: top_down, straight from above').choices([
        'top_down',
      ]),
    )
    .addOption(
      new Option(
        '--answer <policy>',
        'scene views: keep the question, or turn it so that its answer stays (default: keep-question)',
      ).choices(ANSWER_POLICIES),
    )
    .option('--explain', 'explain on standard error what happened to each row and why')
    .option(
      '--write-images <folder>',
      'write the images of the view to this folder, under the same relative paths as in the rows',
    )
    .option('--data-root <folder>', 'read no image outside this folder')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      `
Views: ${VIEW_IDS.slice(1).join(', ')}.
New pixels: crop:0.1,0,0.9,1 (parts of the width and height), scale:0.5, pad:square, roll:10, pan:8 and slant:8
(degrees, up to 15), grey, light:0.5. Whatever is named must stay fully visible.
Of rows with several images: reverse (frames of a clip), exchange (two images), repeat:2, every:2, shuffle:1.
Scene views redraw a row's world (meta.world) and ask again: orbit:90, depth-mirror, dolly:1, truck:0.5, rise:0.5,
zoom:1.2, turn:10, take:white cube, swap:red cube,blue ball, without:red cube, relight:1, repaint:1. Under orbit:90, what
was to the right comes to the front, and what was behind comes to the right; under orbit:270, what was to the left comes
to the front. Without --write-images they have no image and are not evaluated.

Rows that the rules cannot decide become needs_llm, rows without such a view become discard; neither is evaluated
(docs/views.md). Rows that have been reviewed stay unchanged. The summary goes to standard error.

Examples:
  chirality view add data.qa.jsonl --view rotate:180 -o turned.qa.jsonl
  chirality view add data.qa.jsonl --view rotate:180 --anchor image -o turned.qa.jsonl
  chirality view add data.qa.jsonl --view flip --explain > /dev/null
  chirality view add turned.qa.jsonl --view converse -o both.qa.jsonl
  chirality view add worlds/data.qa.jsonl --view orbit:90 --write-images worlds/views -o worlds/orbit.qa.jsonl`,
    )
    .action(later(async () => (await import('./view-add.action.ts')).view));
}
