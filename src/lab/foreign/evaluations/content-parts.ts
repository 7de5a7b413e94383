import { isRecord } from '../../../base/json.ts';
import { idText } from '../values/logged-row.ts';
import type { SourceRow } from '../../../core/evaluation/source-evaluation.ts';
import type { StopReason } from '../../../core/prompts/message.ts';
import type { EvaluationResult } from '../../../core/evaluation/results.ts';
import { ORIGINAL, PAIR } from '../../../rows/view-list.ts';
import type { Pictures } from '../foreign-folder.ts';
import type { Logged } from '../foreign-reader.ts';

/** Maximum length of the base64 text of an image in a data URL. */
const MAX_PICTURE = 28 * 2 ** 20;
const DATA_URL = /^data:image\/(png|jpe?g|webp|gif|bmp);base64,/i;

/** Returns the text of a message's content, which is a text or a list with parts of type `text`. */
export function textOfContent(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .flatMap((part) => (isRecord(part) && typeof part.text === 'string' ? [part.text] : []))
    .join('\n');
}

/** Returns the image references in a message's content: URLs, paths or data URLs. */
export function pictureRefs(content: unknown): string[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((part) => {
    const url =
      isRecord(part) && isRecord(part.image_url) ? part.image_url.url : isRecord(part) && part.image;
    return typeof url === 'string' ? [url] : [];
  });
}

export const lastOf = (messages: unknown, role: string): Record<string, unknown> | undefined =>
  Array.isArray(messages)
    ? messages.findLast((each): each is Record<string, unknown> => isRecord(each) && each.role === role)
    : undefined;

/**
 * Registers an image in a data URL under a name, for decoding when the image is displayed. Null for any other value.
 * Other URLs are never fetched.
 * @param again reads the data URL again
 */
export function embedded(
  url: unknown,
  name: string,
  pictures: Pictures,
  again: () => Promise<unknown>,
): string | null {
  const type = typeof url === 'string' ? DATA_URL.exec(url)?.[1]?.toLowerCase() : undefined;
  if (type === undefined) return null;
  const file = `embedded/${name.replace(/[^\p{L}\p{N}_.-]/gu, '_')}.${type === 'jpeg' ? 'jpg' : type}`;
  pictures.set(file, async () => decodeDataUrl(await again()));
  return file;
}

/** Decodes the image in a data URL. @throws if the image is too large or of an unknown type */
function decodeDataUrl(url: unknown): Uint8Array {
  if (typeof url !== 'string' || !DATA_URL.test(url)) throw new Error('The image no longer exists.');
  if (url.length > MAX_PICTURE) throw new Error('The image is larger than 20 MB.');
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

/**
 * Registers the images in data URLs of a prompt's last question.
 * @param name prefix for the names of the images
 * @param again reads the prompt again when an image is displayed
 */
export function picturesIn(
  prompt: unknown,
  name: string,
  again: () => Promise<unknown>,
  pictures: Pictures,
): string[] {
  const refs = (messages: unknown) => pictureRefs(lastOf(messages, 'user')?.content);
  return refs(prompt).flatMap(
    (url, i) => embedded(url, `${name}-${i}`, pictures, async () => refs(await again())[i]) ?? [],
  );
}

/** Returns a metric that another program computed. @param n number of rows; 0 if unknown */
export const figureOf = (task: Logged['kind'], set: string, metric: string, value: number, n: unknown) =>
  ({
    set,
    view: ORIGINAL,
    task,
    metric,
    value,
    unit: 'share',
    n: typeof n === 'number' && n > 0 && Number.isSafeInteger(n) ? n : 0,
  }) satisfies EvaluationResult;

export const answered = (text: string, stop_reason: StopReason | null = null): SourceRow['segments'] => [
  { stage: 'answer', text, stop_reason },
];

/** Returns true for a value that means right (1), and false for wrong (0). Null for every other value. */
export const rightOf = (value: unknown): boolean | null =>
  value === 1 || value === true ? true : value === 0 || value === false ? false : null;

/**
 * Returns the row and the view of an answer. A task with rows in both views stores `pair`, which is equal for both
 * views, and `view` with each answer. Null for any other task.
 */
export function pairIn(kept: unknown): Pick<SourceRow, 'id' | 'view'> | null {
  const id = isRecord(kept) ? idText(kept.pair) : null;
  const view = isRecord(kept) ? PAIR.find((each) => each === kept.view) : undefined;
  return id === null || view === undefined ? null : { id, view };
}
