import { later } from '../command-options.ts';
import type { Command } from 'commander';
import { joined, amount, atLeastOne, depthRange } from '../values.ts';
import { SHOWN } from '../print.ts';
import { FROZEN_SUFFIX } from '../../lab/datasets/data-file.ts';

export function addDataCommand(program: Command): void {
  const data = program
    .command('data')
    .description('Check, count, audit and freeze datasets, and extract frames of videos.');
  const reading = (command: Command) =>
    command
      .option('--from <format>', 'format of the files, as in chirality convert', 'auto')
      .option('--map <rules>', 'column mapping field=column,…, as in chirality convert', joined)
      .option('--encoding <name>', 'encoding of a CSV or TSV file (default: detected)')
      .option('--json', 'print one JSON object per line, the summary last');

  reading(data.command('check'))
    .description('List bad rows by file and line, and find rows and images that files share.')
    .argument('[files...]', 'datasets in any format that convert reads (default: standard input)')
    .option('-o, --output <file>', 'output file for the valid rows; requires a single input')
    .option('--images', 'decode every image')
    .option(
      '--sees <family>',
      'model family; warn about objects of questions that it cannot see (docs/what-models-see.md)',
    )
    .option(
      '--depth <from..to>',
      'store the values of 16-bit grey PNG images that become black and white, or "upper" for the upper 8 bits',
      depthRange,
    )
    .option('--image-folder <folder>', 'folder that image paths are relative to (default: the file’s folder)')
    .option('--data-root <folder>', 'read images and frozen files only from this folder')
    .addHelpText(
      'after',
      `
Rows with an error cannot be used; rows with a warning can. The exit code is 1 if there are errors. Warnings include
reference answers that do not fit the question ("Yes" to "how many") or the options. With --images, they include images
that other programs show differently: turned, mirrored, transparent or with 16 bits. To find leakage, check the files of
all splits together. The command prints the first ${SHOWN} warnings of each kind per file.

With --depth, the command writes depth-range.json to the folder that contains the 16-bit PNG images. From then on, every
command and panel converts the images in this folder by the stored range.

Examples:
  chirality data check train.qa.jsonl
  chirality data check train.qa.jsonl val.qa.jsonl test.qa.jsonl --images
  chirality data check train.qa.jsonl --sees llava-1.5
  chirality data check depth.qa.jsonl --depth 0..5000
  chirality data check raw.qa.jsonl -o good.qa.jsonl
  chirality data check flipped.frozen.json
  chirality data check SAT_val.parquet --json | jq -c 'select(.severity == "error")'`,
    )
    .action(later(async () => (await import('./data-check.action.ts')).check));

  addFreezeCommand(data);
  addFramesCommand(data);
  addAuditCommand(data);

  reading(data.command('stats'))
    .description('Count tasks, question types, answers, images, repeated rows and known traps.')
    .argument('[files...]', 'datasets in any format that convert reads (default: standard input)')
    .addHelpText(
      'after',
      `
Examples:
  chirality data stats train.qa.jsonl
  chirality data stats train.qa.jsonl test.qa.jsonl --json`,
    )
    .action(later(async () => (await import('./data-stats.action.ts')).stats));
}

function addAuditCommand(data: Command): void {
  data
    .command('audit')
    .description('Measure the share of answers that can be guessed without the image, in both views.')
    .argument('<file>', 'dataset in any format that convert reads')
    .option('--train <file>', 'file to learn the common answers from (default: the other rows)')
    .option('--from <format>', 'format of the files, as in chirality convert', 'auto')
    .option('--map <rules>', 'column mapping field=column,…, as in chirality convert', joined)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
The audit answers each question without its image, with the most common answer to questions that begin the same way.
A score far above chance means that the wording reveals the answer. A lower score on mirrors than on originals means
that the data favours one side. Mirrors come from the file, otherwise from the rules. Rows without a mirror count only
as originals.

Examples:
  chirality data audit train.qa.jsonl
  chirality data audit test.qa.jsonl --train train.qa.jsonl --json`,
    )
    .action(later(async () => (await import('./data-audit.action.ts')).audit));
}

/** `chirality data frames`: extracts the frames that a row with this video would show. */
export function addFramesCommand(data: Command) {
  const command = data
    .command('frames')
    .description('Extract the frames of a video, GIF or animated WebP, as a row would contain them.')
    .argument('<video>', 'video file')
    .requiredOption('-o, --output <folder>', 'folder for the images, new or empty')
    .option('--frames <n>', 'number of frames, at the centres of equal parts (default: 8)', atLeastOne)
    .option('--fps <n>', 'frames per second, instead of --frames', amount)
    .option('--start-s <seconds>', 'start of the part (default: 0)', amount)
    .option('--end-s <seconds>', 'end of the part (default: end of the video)', amount)
    .option('--json', 'also print the names and times of the frames to standard output')
    .addHelpText(
      'after',
      `
Rows can reference a video directly ("video", docs/reference.md), so this command is optional. It reads GIF and animated
WebP files without other programs. Other formats require ffmpeg, from the PATH or from CHIRALITY_FFMPEG.

Examples:
  chirality data frames clips/a.mp4 -o frames/a
  chirality data frames clips/a.mp4 -o frames/a --fps 2 --start-s 3 --end-s 8 --json`,
    );
  command.action(later(async () => (await import('./data-frames.action.ts')).run));
  return command;
}

/** `chirality data freeze`: gives a dataset a version and checksums. */
export function addFreezeCommand(data: Command) {
  const command = data
    .command('freeze')
    .description('Freeze a version of a dataset: write a manifest with checksums of its rows and images.')
    .argument('<files...>', 'files of the dataset (*.qa.jsonl)')
    .requiredOption('--release <version>', 'version of the dataset, for example 1.0')
    .option(
      '-o, --output <file>',
      `manifest file (default: next to the first file, ending in ${FROZEN_SUFFIX})`,
    )
    .option('--json', 'also print the manifest to standard output')
    .addHelpText(
      'after',
      `
Examples:
  chirality data freeze flipped.qa.jsonl --release 1.0
  chirality data check flipped${FROZEN_SUFFIX}

Freezing different content under the same version fails.`,
    );
  command.action(later(async () => (await import('./data-freeze.action.ts')).run));
  return command;
}
