import { DataError } from '../data-error.ts';
import { imageList, type Row } from './mapping.ts';

/** Whether a file name is the name of a video. GIF is excluded because a GIF can be a still image. */
export const isVideoName = (name: string): boolean =>
  /\.(?:mp4|m4v|mov|avi|mkv|webm|mpe?g|wmv|flv|ts|ogv|3gp)$/i.test(name);

/** Placeholder for the video or for an image, in texts of other formats. */
const PLACE = /<(?:image|video)>/g;
const OUTER = /^(?:\s*<(?:image|video)>)+\s*|\s*(?:<(?:image|video)>\s*)+$/g;

/**
 * Converts a row whose only image is a video to a row of the video's frames. The function that opens the file adds the
 * length of the video, which determines the times.
 * @throws DataError if the row shows several videos, or images next to a video
 */
export function withVideo(row: Row): Row {
  const images = Array.isArray(row.images) ? (row.images as unknown[]) : [];
  const videos = images.filter((image) => typeof image === 'string' && isVideoName(image));
  if (videos.length === 0 && !(images.length === 0 && isHolder(row.video))) return row;
  requireOne(videos.length, images.length - videos.length);
  const rest = { ...row };
  delete rest.images;
  const question =
    typeof row.question === 'string'
      ? { question: row.question.replace(OUTER, '').replace(PLACE, 'the video') }
      : {};
  const path = videos.length > 0 && { path: videos[0] };
  return { ...rest, ...question, video: { ...(row.video as object | undefined), ...path } };
}

/** @throws DataError if a row shows several videos, or images in addition to a video */
function requireOne(videos: number, pictures: number): void {
  if (videos < 2 && pictures === 0) return;
  const shown = pictures === 0 ? `${videos} videos` : 'images next to a video';
  throw new DataError('videos', `The row shows ${shown}, but a row can show only one clip.`, {
    fix: 'Use one video per row.',
  });
}

/**
 * Reads `images` and `videos` of chat and trainer rows. A video is a file of any name, or a list of frames, which
 * become the images of one clip.
 * @throws DataError like `withVideo`
 */
export function picturesAndVideos(images: unknown, videos: unknown): Row {
  const pictures = imageList(images);
  const list = Array.isArray(videos) ? (videos as unknown[]) : videos == null ? [] : [videos];
  if (list.length === 0) return { images: pictures };
  requireOne(list.length, pictures.length);
  const [video] = list;
  const holder = isHolder(video) ? video : {};
  const shown = isHolder(video) ? (video.video ?? video.path) : video;
  if (Array.isArray(shown)) {
    const fps = holder.fps ?? holder.sample_fps;
    return { images: imageList(shown.map(withoutScheme)), clip: typeof fps === 'number' ? { fps } : {} };
  }
  return typeof shown === 'string'
    ? { video: { path: withoutScheme(shown), ...partOf(holder) } }
    : { images: imageList(shown) };
}

/** Keys for the frames of a video in Qwen's tools, with the matching field names of Chirality. */
const NAMES = { video_start: 'start_s', video_end: 'end_s', nframes: 'frames', fps: 'fps' };

const partOf = (holder: Row): Row =>
  Object.fromEntries(
    Object.entries(NAMES).flatMap(([theirs, ours]) =>
      holder[theirs] == null ? [] : [[ours, holder[theirs]]],
    ),
  );

/** Removes the prefix `file://`, which Qwen's tools accept. */
const withoutScheme = (name: unknown): unknown =>
  typeof name === 'string' ? name.replace(/^file:\/\//, '') : name;

/** Whether a value is a video in the form `{video: …}` or `{path: …}`. */
const isHolder = (value: unknown): value is Row =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  ('video' in value || 'path' in value);
