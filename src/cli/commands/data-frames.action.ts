import type { OptionsOf } from '../command-options.ts';
import type { addFramesCommand } from './data.command.ts';
import { join } from 'node:path';
import { fixed, several } from '../../base/format.ts';
import { MOST_FRAMES } from '../../rows/sample/clip.ts';
import { framesToTake } from '../../lab/datasets/frame-cache.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { extractFrames, lengthOfVideo } from '../../lab/images/video.ts';
import { UsageError } from '../errors.ts';
import { requireEmpty, requireFile } from '../input.ts';
import { note, printJson } from '../print.ts';

export async function run(
  path: string,
  { output, frames, fps, startS, endS, json }: OptionsOf<typeof addFramesCommand>,
): Promise<void> {
  await requireFile(path);
  if (frames !== undefined && fps !== undefined)
    throw new UsageError('--frames and --fps cannot be combined. Remove one of them.');
  const length = await lengthOfVideo(path);
  const part = {
    path,
    ...(startS !== undefined && { start_s: startS }),
    ...(endS !== undefined && { end_s: endS }),
    ...(frames !== undefined && { frames }),
    ...(fps !== undefined && { fps }),
  };
  const { plan, names, times } = framesToTake(part, length);
  if (plan.frames > MOST_FRAMES)
    throw new UsageError(
      `Cannot extract ${plan.frames} frames, because a row can have at most ${MOST_FRAMES}.`,
      { fix: 'Reduce the number of frames, or select a part of the video with --start-s and --end-s.' },
    );
  await requireEmpty(output);
  await makeFolder(output);
  await extractFrames(path, plan, output);
  const seconds = times().map((time) => Number(fixed(time, 3)));
  if (json)
    printJson({
      length_s: Number(fixed(length, 3)),
      images: names().map((name) => join(output, name)),
      clip: { times_s: seconds },
    });
  note(
    `${output}: ${several(plan.frames, 'frame')}, ${fixed(seconds[0], 2)} to ${fixed(seconds.at(-1), 2)} s.`,
  );
}
