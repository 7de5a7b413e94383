import { dirname } from 'node:path';
import { isRecord } from '../../base/json.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';
import type { RowFile } from '../datasets/row-file.ts';

/** Properties of all rows of a set that an evaluation requires before its first question. */
interface SetSurvey {
  rows: number;
  hasClips: boolean;
  /** Maximum number of images of a row, also in its stored views; at least 1. */
  images: number;
  /** One image of each folder that contains images. */
  folders: ImageRef[];
}

/** Number of bytes that are read together. */
const STRETCH = 1 << 18;

/** Cached surveys, because the name, the manifest and the questions of an evaluation each require one. */
const surveys = new WeakMap<RowFile, SetSurvey>();

/**
 * Surveys the first rows of a file, broken or not. Only decodes JSON, because parsing 40,000 rows would delay the first
 * question by half a second.
 */
export async function surveyOf(file: RowFile, limit = Infinity): Promise<SetSurvey> {
  const rows = Math.min(file.count, limit);
  const before = surveys.get(file);
  if (before?.rows === rows) return before;
  const survey: SetSurvey = { rows, hasClips: false, images: 1, folders: [] };
  const folders = new Set<string>();
  for (let from = 0, n; from < rows; from += n) {
    n = file.stretch(from, rows, STRETCH);
    for (const row of (await file.rows(from, n)).map(decoded)) {
      survey.hasClips ||= row.clip != null || row.video != null;
      for (const seen of [row, ...variantsOf(row)]) {
        const images = Array.isArray(seen.images) ? (seen.images as unknown[]) : [seen.image];
        const shown = [...images, row.depth_map].filter((image) => image != null);
        survey.images = Math.max(survey.images, shown.length);
        for (const image of seen === row ? shown : []) {
          const path = isRecord(image) ? (image.path ?? image.parquet) : image;
          if (typeof path !== 'string' || folders.has(dirname(path))) continue;
          folders.add(dirname(path));
          survey.folders.push(image as ImageRef);
        }
      }
    }
  }
  surveys.set(file, survey);
  return survey;
}

function variantsOf({ variants }: Record<string, unknown>): Record<string, unknown>[] {
  if (!isRecord(variants)) return [];
  return Object.values({ ...variants, ...recordOf(variants.views) }).map(recordOf);
}

const recordOf = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

function decoded(text: string): Record<string, unknown> {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return {};
  }
}
