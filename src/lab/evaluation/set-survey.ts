import { dirname } from 'node:path';
import { isRecord } from '../../base/json.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';
import type { RowFile } from '../datasets/row-file.ts';

/** Properties of all rows of a set that an evaluation requires before its first question. */
interface SetSurvey {
  hasClips: boolean;
  /** Maximum number of images of a row, also in its stored views; at least 1. */
  images: number;
  /** One image of each folder that contains images. */
  folders: ImageRef[];
}

/** Number of bytes that are read together. */
const STRETCH = 1 << 18;

/** Surveys of files, because the name, the manifest and the questions of an evaluation each require one. */
const surveys = new WeakMap<RowFile, { count: number; survey: Promise<SetSurvey> }>();

/**
 * Surveys the first rows of a file, broken or not. Only decodes JSON, because parsing 40,000 rows would delay the first
 * question by a second.
 */
export function surveyOf(file: RowFile, limit = Infinity): Promise<SetSurvey> {
  const count = Math.min(file.count, limit);
  const before = surveys.get(file);
  if (before?.count === count) return before.survey;
  const survey = look(file, count);
  surveys.set(file, { count, survey });
  return survey;
}

async function look(file: RowFile, count: number): Promise<SetSurvey> {
  const survey: SetSurvey = { hasClips: false, images: 1, folders: [] };
  const folders = new Set<string>();
  for (let from = 0, n; from < count; from += n) {
    n = file.stretch(from, count, STRETCH);
    for (const text of await file.rows(from, n)) {
      const row = decoded(text);
      const { views, ...variants } = isRecord(row.variants) ? row.variants : {};
      survey.hasClips ||= row.clip != null || row.video != null;
      for (const seen of [
        row,
        ...Object.values(variants),
        ...(isRecord(views) ? Object.values(views) : []),
      ]) {
        if (!isRecord(seen)) continue;
        const images = [...(Array.isArray(seen.images) ? seen.images : [seen.image]), row.depth_map];
        survey.images = Math.max(survey.images, images.filter((image) => image != null).length);
        if (seen === row) for (const image of images) note(image);
      }
    }
  }
  function note(image: unknown) {
    const path = isRecord(image) ? (image.path ?? image.parquet) : image;
    if (typeof path !== 'string' || folders.has(dirname(path))) return;
    folders.add(dirname(path));
    survey.folders.push(image as ImageRef);
  }
  return survey;
}

function decoded(text: string): Record<string, unknown> {
  try {
    const row: unknown = JSON.parse(text);
    return isRecord(row) ? row : {};
  } catch {
    return {};
  }
}
