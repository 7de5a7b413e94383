import { DataError } from '../data-error.ts';
import { imageList, type Row } from './mapping.ts';

/** Whether a text names a file of moving pictures. A GIF may be a still picture, so its name does not tell. */
export const isVideoName = (name: string): boolean =>
  /\.(?:mp4|m4v|mov|avi|mkv|webm|mpe?g|wmv|flv|ts|ogv|3gp)$/i.test(name);

/** Where a row of another format says that its video, or the picture that stands for it, is in the text. */
const PLACE = /<(?:image|video)>/g;
const OUTER = /^(?:\s*<(?:image|video)>)+\s*|\s*(?:<(?:image|video)>\s*)+$/g;

/**
 * A row of another format whose only picture is a video, as a row of that video's frames. The length of the video, with
 * which their times are known, is written down by who opens the file.
 * @throws DataError if the row shows several videos, or pictures beside one
 */
export function withVideo(row: Row): Row {
  const images = Array.isArray(row.images) ? (row.images as unknown[]) : [];
  const videos = images.filter((image) => typeof image === 'string' && isVideoName(image));
  if (videos.length === 0) return row;
  if (images.length > 1)
    throw new DataError(
      'videos',
      `The row shows ${images.length === videos.length ? `${videos.length} videos` : 'pictures beside a video'}; a row is about one clip.`,
      { fix: 'Ask about one video in each row.' },
    );
  const rest = { ...row };
  delete rest.images;
  const question =
    typeof row.question === 'string'
      ? { question: row.question.replace(OUTER, '').replace(PLACE, 'the video') }
      : {};
  return { ...rest, ...question, video: { ...(row.video as object | undefined), path: videos[0] } };
}

/**
 * What rows of chats and trainers show under `videos`: files, or lists of frames, which become pictures of one clip.
 */
export function videosIn(videos: unknown): Row {
  const list = Array.isArray(videos) ? (videos as unknown[]) : videos == null ? [] : [videos];
  const files = list.map((video) => (isHolder(video) ? (video.video ?? video.path) : video));
  const [frames] = files;
  if (files.length === 1 && Array.isArray(frames)) return { images: imageList(frames), clip: {} };
  return files.length === 0 ? {} : { images: imageList(...files) };
}

/** A video as some formats write it: `{video: …}` or `{path: …}`. */
const isHolder = (value: unknown): value is Row =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  ('video' in value || 'path' in value);
