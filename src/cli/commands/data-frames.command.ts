import { later } from '../command-options.ts';
import type { Command } from 'commander';
import { amount, atLeastOne } from '../values.ts';

/** `chirality data frames`: takes the frames of a video that a row would show. */
export function addFramesCommand(data: Command): void {
  data
    .command('frames')
    .description('Extract the frames that a row would show from a video, GIF or animated WebP.')
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
    )
    .action(later(async () => (await import('./data-frames.action.ts')).run));
}
