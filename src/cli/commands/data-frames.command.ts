import { later } from '../command-options.ts';
import type { Command } from 'commander';
import { amount, atLeastOne } from '../values.ts';

/** `chirality data frames`: takes the frames of a video that a row would show. */
export function addFramesCommand(data: Command): void {
  data
    .command('frames')
    .description('Write the frames of a video, GIF or animated WebP that a row would show as images.')
    .argument('<video>', 'the file')
    .requiredOption('-o, --output <folder>', 'a new or empty folder for the images')
    .option('--frames <n>', 'how many, at the middles of as many equal parts (default: 8)', atLeastOne)
    .option('--fps <n>', 'how many a second instead', amount)
    .option('--start-s <seconds>', 'where the part begins (default: 0)', amount)
    .option('--end-s <seconds>', 'where the part ends (default: at the end)', amount)
    .option('--json', 'also print the names and times of the frames to standard output')
    .addHelpText(
      'after',
      `
Rows name videos by themselves ("video", docs/records.md) and need no images next to them. GIF and animated WebP need
nothing else; other files are read by ffmpeg, as installed or as CHIRALITY_FFMPEG names it.

Examples:
  chirality data frames clips/a.mp4 -o frames/a
  chirality data frames clips/a.mp4 -o frames/a --fps 2 --start-s 3 --end-s 8 --json`,
    )
    .action(later(async () => (await import('./data-frames.action.ts')).run));
}
