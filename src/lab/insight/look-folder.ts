import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { lookSchema, type Look, type LookedView } from '../../core/insight/look.ts';
import { isRecord, jsonText } from '../../base/json.ts';
import type { PackedMaps } from '../../core/insight/maps.ts';
import { checkRecord, parseLines, parseRecord, RecordError, type RecordSource } from '../../base/record.ts';
import { sha256, syncPath } from '../files/atomic.ts';
import { withFileLock } from '../files/file-lock.ts';
import { makeFolder } from '../files/folders.ts';
import { rename } from '../files/in-use.ts';
import { withStaging } from '../files/leftovers.ts';
import { readBytes, readText } from '../files/regular.ts';

/** Version of the format of stored attention analyses. */
const VERSION = 2;

/**
 * Location of a list of `n` maps in `arrays.bin`: the maximum of each map as little-endian float32, followed by one
 * byte per cell.
 */
interface PackedAt {
  at: number;
  n: number;
  dtype: 'u8map';
  shape: number[];
}

/**
 * Returns the name of an attention analysis in `insight/`: row, step, and a hash of all inputs that could change the
 * result.
 * @param about all inputs of the analysis: model, row, prompting, queries.
 */
export function lookName(id: string, step: number | null, about: object): string {
  const row = id.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60);
  const content = sha256(JSON.stringify([VERSION, about])).slice(0, 8);
  return `look-${row}${step === null ? '' : `-step-${step}`}-${content}`;
}

/**
 * Writes an attention analysis as `manifest.json`, `rows.jsonl` with one view per line, and `arrays.bin`. The folder
 * appears when all files are complete.
 */
export async function writeLook(dir: string, look: Look, about: object): Promise<void> {
  await makeFolder(join(dir, '..'));
  await withStaging(dir, async (staging) => {
    const pieces: Buffer[] = [];
    let at = 0;
    const place = ({ shape, max, bytes }: PackedMaps): PackedAt => {
      const piece = Buffer.alloc(4 * max.length + bytes.length);
      max.forEach((value, i) => piece.writeFloatLE(value, 4 * i));
      piece.set(bytes, 4 * max.length);
      pieces.push(piece);
      at += piece.length;
      return { at: at - piece.length, n: max.length, dtype: 'u8map', shape };
    };
    const rows = look.views.map(({ maps, general, ...view }) =>
      JSON.stringify({ ...view, arrays: { maps: place(maps), general: general && place(general) } }),
    );
    const manifest = { version: VERSION, ...look, views: look.views.map(({ view }) => view), about };
    await writeFile(join(staging, 'rows.jsonl'), rows.map((row) => `${row}\n`).join(''));
    await writeFile(join(staging, 'arrays.bin'), Buffer.concat(pieces));
    await writeFile(join(staging, 'manifest.json'), jsonText(manifest));
    await syncPath(staging);
    await withFileLock(dir, async () => {
      await rm(dir, { recursive: true, force: true });
      await rename(staging, dir);
    });
  });
}

const versioned = z.looseObject({ version: z.literal(VERSION) });

/** Reads an attention analysis. @throws RecordError for an invalid file, or the system's error for a missing file */
export async function readLook(dir: string): Promise<Look> {
  const file = join(dir, 'manifest.json');
  const manifest = parseRecord(versioned, await readText(file), { file, madeBy: 'chirality inspect row' });
  const arrays = await readBytes(join(dir, 'arrays.bin'));
  const name = join(dir, 'rows.jsonl');
  const views = parseLines(
    await readText(name),
    name,
    (value, source) => unpackView(value, arrays, source),
    (why) => {
      throw why;
    },
  );
  return checkRecord(
    lookSchema,
    { ...manifest, version: undefined, about: undefined, views },
    { file: name },
  );
}

function unpackView(value: unknown, arrays: Buffer, source: RecordSource): LookedView {
  if (!isRecord(value)) throw new RecordError(source, 'it must be an object.');
  const { arrays: named, ...view } = value;
  const places = (isRecord(named) ? named : {}) as { maps?: PackedAt; general?: PackedAt | null };
  return {
    ...(view as unknown as LookedView),
    maps: unpackMaps(places.maps, 'maps', arrays, source),
    general: places.general === null ? null : unpackMaps(places.general, 'general', arrays, source),
  };
}

function unpackMaps(
  place: Partial<PackedAt> | undefined,
  name: string,
  arrays: Buffer,
  source: RecordSource,
): PackedMaps {
  const { at, n, shape } = place ?? {};
  const whole = [at, n, ...(Array.isArray(shape) ? shape : [Number.NaN])];
  const cells = Array.isArray(shape) ? (shape.at(-1) ?? 0) : 0;
  const isThere =
    whole.every((value) => Number.isSafeInteger(value) && value! >= 0) &&
    at! + n! * (4 + cells) <= arrays.length;
  if (!isThere) throw new RecordError(source, `"arrays.${name}" is not inside arrays.bin.`);
  const max = Array.from({ length: n! }, (_, i) => arrays.readFloatLE(at! + 4 * i));
  const start = at! + 4 * n!;
  return { shape: shape!, max, bytes: Array.from(arrays.subarray(start, start + n! * cells)) };
}
