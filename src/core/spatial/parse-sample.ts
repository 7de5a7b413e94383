import type { Problem } from '../problem.ts';
import { BOX_FORMATS, isBoxFormat } from './boxes.ts';
import type { ImageRef, Sample } from './sample.ts';

/** A row that was read: a sample with the problems that do not prevent its use, or the errors that do. */
export type ParsedSample = { sample: Sample; problems: Problem[] } | { sample: null; problems: Problem[] };

const error = (code: string, path: string, message: string, fix?: string): Problem => ({
  severity: 'error',
  code,
  message,
  ...(path && { path }),
  ...(fix && { fix }),
});

/**
 * Checks the shape of one decoded JSON value against docs/records.md. Unknown keys are kept. Every error in the row
 * is listed, not only the first.
 */
export function parseSample(value: unknown): ParsedSample {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { sample: null, problems: [error('not-an-object', '', 'A row must be a JSON object.')] };
  }
  const row: Record<string, unknown> = { ...value };
  const problems: Problem[] = [];
  const text = (key: string, required: boolean) => {
    const v = row[key];
    if (v === undefined || v === null) {
      if (required)
        problems.push(error('missing', key, `"${key}" is missing.`, `Add a text under "${key}".`));
    } else if (typeof v !== 'string') {
      problems.push(error('not-text', key, `"${key}" must be text, not ${typeName(v)}.`));
    } else if (required && v.trim() === '') {
      problems.push(error('empty', key, `"${key}" is empty.`));
    }
  };
  if (typeof row.id === 'number') row.id = String(row.id);
  for (const key of ['id', 'question', 'answer']) text(key, true);
  for (const key of ['reasoning', 'task', 'source']) text(key, false);
  if (
    row.choices != null &&
    !(Array.isArray(row.choices) && row.choices.every((c) => typeof c === 'string'))
  ) {
    problems.push(error('choices', 'choices', '"choices" must be a list of texts.'));
  }
  const images = imagesOf(row, problems);
  for (const key of ['boxes', 'points'] as const) checkNumbers(row, key, problems);
  if (row.box_format != null && !isBoxFormat(row.box_format)) {
    problems.push(
      error(
        'box-format',
        'box_format',
        `Unknown box_format ${JSON.stringify(row.box_format)}.`,
        `Use one of ${BOX_FORMATS.join(', ')}.`,
      ),
    );
  }
  if (problems.length > 0) return { sample: null, problems };
  delete row.image;
  return { sample: { ...row, images } as Sample, problems };
}

/** `images`, or `image` with one reference; no image at all is allowed (text-only controls). */
function imagesOf(row: Record<string, unknown>, problems: Problem[]): ImageRef[] {
  const list = row.images ?? (row.image == null ? [] : [row.image]);
  if (!Array.isArray(list)) {
    problems.push(error('images', 'images', '"images" must be a list of image references.'));
    return [];
  }
  list.forEach((image: unknown, i) => {
    const path = `images[${i}]`;
    if (typeof image === 'string' && image !== '') return;
    if (typeof image !== 'object' || image === null) {
      problems.push(
        error(
          'image',
          path,
          'An image reference is a path or an object.',
          'See "Image reference" in docs/records.md.',
        ),
      );
      return;
    }
    const ref = image as Record<string, unknown>;
    for (const key of ['w', 'h'] as const) {
      if (ref[key] != null && !(Number.isFinite(ref[key]) && (ref[key] as number) > 0)) {
        problems.push(error('image-size', `${path}.${key}`, `"${key}" must be a positive number of pixels.`));
      }
    }
    const sized = ref.w != null && ref.h != null;
    if (ref.path == null && ref.parquet == null && !sized) {
      problems.push(error('image', path, 'An image reference needs "path", "parquet", or both "w" and "h".'));
    }
  });
  return list as ImageRef[];
}

/** Lists of lists of finite numbers. JSON has no NaN, but Python writes it; it arrives here as null or text. */
function checkNumbers(row: Record<string, unknown>, key: 'boxes' | 'points', problems: Problem[]): void {
  const list = row[key];
  if (list == null) return;
  if (!Array.isArray(list)) {
    problems.push(error(key, key, `"${key}" must be a list of lists of numbers.`));
    return;
  }
  list.forEach((item: unknown, i) => {
    if (!Array.isArray(item) || item.length === 0 || !item.every(Number.isFinite)) {
      problems.push(error(key, `${key}[${i}]`, 'Every entry must be a list of finite numbers.'));
    }
  });
}

function typeName(value: unknown): string {
  return Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
}
