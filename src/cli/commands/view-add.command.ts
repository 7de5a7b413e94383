import { later } from '../command-options.ts';
import { Option, type Command } from 'commander';
import { VIEW_IDS, type ViewId } from '../../rows/view-list.ts';
import { UsageError } from '../errors.ts';
import { asView } from '../values.ts';

/** `chirality view add`: adds the variant of every row under a view, by rules. */
export function addViewCommand(program: Command) {
  const command = program
    .command('add')
    .description(
      'Add another view (variants.views) to every row: rotated, reworded, or seen from another side.',
    )
    .argument('[file]', '*.qa.jsonl file (default: standard input)')
    .requiredOption(
      '--view <id>',
      'view, or several joined by +: rotate:180, flip, converse, mirror+converse, …',
      // Reject a second anchor, which would silently replace the first.
      (text: string, before?: ViewId) => {
        if (before !== undefined)
          throw new UsageError(
            `--view can be passed only once. Join the views with +, or add ${text} to the output of ${before}.`,
          );
        return asView(text);
      },
    )
    .option('-o, --output <file>', 'output file (default: standard output)')
    .addOption(
      new Option(
        '--anchor <where>',
        'prefix for questions about sides in both views: none, or image ("In the image as shown, ")',
      )
        .choices(['none', 'image'])
        .default('none'),
    )
    .addOption(
      new Option('--viewpoint <name>', 'viewpoint of the images: top_down (straight from above)').choices([
        'top_down',
      ]),
    )
    .addOption(
      new Option(
        '--answer <policy>',
        'for scene views, keep the question, or reword it to keep the answer (default: keep-question)',
      ).choices(['keep-question', 'keep-answer']),
    )
    .option('--explain', 'print the change of each row and its reason to standard error')
    .option(
      '--write-images <folder>',
      'folder for the images of the view, with the same relative paths as in the rows',
    )
    .option('--data-root <folder>', 'read images only from this folder')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      `
Views: ${VIEW_IDS.slice(1).join(', ')}.
New pixels: crop:0.1,0,0.9,1 (parts of the width and height), scale:0.5, pad:square, roll:10, pan:8 and slant:8
(degrees, up to 15), grey, light:0.5. The named objects must stay fully visible.
Views for several images: reverse (frames of a clip), exchange (two images), repeat:2, every:2, shuffle:1.
Scene views redraw the scene of a row (meta.world) and adapt the question: orbit:90, depth-mirror, dolly:1, truck:0.5,
rise:0.5, zoom:1.2, turn:10, take:white cube, swap:red cube,blue ball, without:red cube, relight:1, repaint:1. orbit:90
moves the right side of the scene to the front, orbit:270 the left side. Scene views without --write-images have no
image and are not evaluated.

Deferred rows become needs_llm, and rows without the view become discard; both are never evaluated (docs/views.md).
Reviewed rows stay unchanged. The summary is written to standard error.

Examples:
  chirality view add data.qa.jsonl --view rotate:180 -o turned.qa.jsonl
  chirality view add data.qa.jsonl --view rotate:180 --anchor image -o turned.qa.jsonl
  chirality view add data.qa.jsonl --view flip --explain > /dev/null
  chirality view add turned.qa.jsonl --view converse -o both.qa.jsonl
  chirality view add worlds/data.qa.jsonl --view orbit:90 --write-images worlds/views -o worlds/orbit.qa.jsonl`,
    );
  command.action(later(async () => (await import('./view-add.action.ts')).view));
  return command;
}
