import { isRecord } from '../../base/json.ts';
import type { Clip, FrameRef, ImageRef, Sample, Video } from './sample.ts';

/** Maximum number of frames of a video that a row can contain. */
export const MOST_FRAMES = 64;
/** Default number of frames of a video. */
const FRAMES = 8;

/** Adds the video's length, which determines the number and times of the frames. */
const withLength = (video: Video, length: number): Video =>
  video.end_s === undefined ? { ...video, end_s: Math.floor(length * 1000) / 1000 } : video;

/** Adds a video's length to its row, and the frames that result from this length. */
export function withVideoLength(sample: Sample, video: Video, length: number): Sample {
  const whole = withLength(video, length);
  return { ...sample, video: whole, images: sample.images.every(isFrame) ? framesOf(whole) : sample.images };
}

/** Returns the number of frames of a video of the given length, in seconds. */
export const framesIn = (video: Video, length: number): number => framesAsked(withLength(video, length))!;

/** Returns the number of frames of a video. Null if the number depends on the video's length, which is unknown. */
function framesAsked({ frames, fps, start_s: from = 0, end_s: to }: Video): number | null {
  if (frames !== undefined) return frames;
  if (fps === undefined) return FRAMES;
  return to === undefined ? null : Math.max(1, Math.round((to - from) * fps));
}

/** Returns references to the frames of a video, in order. Empty if the frame number is unknown. */
export function framesOf(video: Video): FrameRef[] {
  const frames = Math.min(framesAsked(video) ?? 0, MOST_FRAMES);
  const { path, start_s, end_s } = video;
  return Array.from({ length: frames }, (_, frame) => ({
    video: path,
    frame,
    frames,
    ...(start_s !== undefined && { start_s }),
    ...(end_s !== undefined && { end_s }),
  }));
}

/** Returns a row in the form for writing, which omits frame references that follow from the row's video. */
export function withoutFrames(row: Partial<Pick<Sample, 'images' | 'video'>>): object {
  if (!row.video || JSON.stringify(row.images) !== JSON.stringify(framesOf(row.video))) return row;
  const rest = { ...row };
  delete rest.images;
  return rest;
}

/** Reduces a clip to the maximum number of frames, evenly spaced. The reversed clip keeps the same frames. */
export function withFewFrames<S extends Pick<Sample, 'images' | 'clip' | 'video'>>(sample: S): S {
  const n = sample.images.length;
  if (!isClip(sample) || n <= MOST_FRAMES) return sample;
  const fromStart = (i: number) => Math.floor(((i + 0.5) * n) / MOST_FRAMES);
  const kept = Array.from({ length: MOST_FRAMES }, (_, i) =>
    i < MOST_FRAMES / 2 ? fromStart(i) : n - 1 - fromStart(MOST_FRAMES - 1 - i),
  );
  const times = timesOf(sample);
  return {
    ...sample,
    images: kept.map((i) => sample.images[i]!),
    ...(times && { clip: { times_s: kept.map((i) => times[i]!) } }),
  };
}

export const isClip = ({ clip, video }: Pick<Sample, 'clip' | 'video'>): boolean =>
  clip !== undefined || video !== undefined;

export const isFrame = (image: ImageRef): image is FrameRef =>
  typeof image === 'object' && typeof image.video === 'string';

type Pictures = Pick<Sample, 'images' | 'clip' | 'video'>;

/** Returns the time of each image of a row, in seconds. Null if the row is no clip, or if the times are unknown. */
export function timesOf({ images, clip, video }: Pictures): number[] | null {
  const n = images.length;
  if (clip?.times_s) return clip.times_s.length === n && grows(clip.times_s) ? clip.times_s : null;
  if (clip?.fps !== undefined) return images.map((_, i) => i / clip.fps!);
  if (clip || video?.end_s === undefined) return null;
  const { start_s: from = 0, end_s: to } = video;
  return images.map((_, i) => from + ((i + 0.5) * (to - from)) / n);
}

/** Returns the field `clip` for a record of a row: the time of each frame, if known. Empty if the row is no clip. */
export function clipOf(sample: Pictures): { clip?: Pick<Clip, 'times_s'> } {
  const times = timesOf(sample);
  return isClip(sample) ? { clip: times ? { times_s: times } : {} } : {};
}

const grows = (times: readonly number[]): boolean =>
  times.every((time, i) => i === 0 || time > times[i - 1]!);

type Report = (code: string, path: string, message: string, fix?: string) => void;

const FIX = 'See "Clips" in docs/reference.md.';

export function checkClipShape({ clip, video }: Record<string, unknown>, report: Report): void {
  if (clip != null) {
    if (!isRecord(clip)) report('clip', 'clip', '"clip" must be an object.', FIX);
    else {
      positive(clip, 'clip', ['fps'], report);
      const times = clip.times_s;
      if (times != null && !(Array.isArray(times) && times.every(Number.isFinite)))
        report('clip', 'clip.times_s', '"times_s" must be a list of seconds.', FIX);
    }
  }
  if (video == null) return;
  if (!isRecord(video)) {
    report('video', 'video', '"video" must be an object with a path.', FIX);
    return;
  }
  const { path, start_s: from, end_s: to, frames } = video;
  if (typeof path !== 'string' || path === '') report('video', 'video.path', '"path" must be text.', FIX);
  positive(video, 'video', ['end_s', 'fps'], report);
  if (from != null && !(Number.isFinite(from) && (from as number) >= 0))
    report('video', 'video.start_s', '"start_s" must be a number of seconds, 0 or more.', FIX);
  else if (Number.isFinite(to) && (to as number) <= ((from ?? 0) as number))
    report('video', 'video.end_s', `The end of the clip (${to as number} s) is before its start.`, FIX);
  if (frames != null && !(Number.isSafeInteger(frames) && (frames as number) >= 1))
    report('video', 'video.frames', '"frames" must be a whole number, 1 or more.', FIX);
}

function positive(
  record: Record<string, unknown>,
  field: string,
  keys: readonly string[],
  report: Report,
): void {
  for (const key of keys)
    if (record[key] != null && !(Number.isFinite(record[key]) && (record[key] as number) > 0))
      report(field, `${field}.${key}`, `"${key}" must be a positive number.`, FIX);
}

export function checkClip({ images, clip, video, depth_map: depth }: Sample, warn: Report): void {
  const n = images.length;
  if (video) {
    const count = framesAsked(video);
    if (count === null && n === 0)
      warn(
        'video-length',
        'video.fps',
        'The number of frames is unknown, because the row does not contain the length of the video.',
        'Add end_s or frames, for example with chirality convert.',
      );
    else if (count !== null && count > MOST_FRAMES && images.every(isFrame))
      warn(
        'video-frames',
        'video',
        `The video has ${count} frames. Only ${MOST_FRAMES} evenly spaced frames are used.`,
        `Use at most ${MOST_FRAMES} frames, or a part of the video with start_s and end_s.`,
      );
  }
  if (!isClip({ ...(clip && { clip }), ...(video && { video }) }) || (n === 0 && !clip)) return;
  if (n < 2)
    warn(
      'clip-short',
      'images',
      `A clip of ${n === 1 ? 'one frame' : 'no frames'} shows no motion.`,
      'Add frames, or remove "clip".',
    );
  if (n > MOST_FRAMES)
    warn(
      'clip-long',
      'images',
      `The clip has ${n} frames. Models receive only ${MOST_FRAMES} evenly spaced frames of the clip.`,
      `Keep at most ${MOST_FRAMES} frames, or cut the clip.`,
    );
  const times = clip?.times_s;
  if (times && times.length !== n)
    warn(
      'clip-times',
      'clip.times_s',
      `The clip has ${n} frames and ${times.length} times.`,
      'Set one time per frame, or fps.',
    );
  else if (times && !grows(times)) {
    const at = times.findIndex((time, i) => i > 0 && time <= times[i - 1]!);
    warn(
      'clip-times',
      `clip.times_s[${at}]`,
      `The times do not increase: ${times[at]} s follows ${times[at - 1]} s.`,
      'Sort the frames and their times in chronological order.',
    );
  }
  if (depth !== undefined) warn('clip-depth', 'depth_map', 'The depth map covers only the first frame.');
}
