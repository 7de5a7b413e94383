import { dirname, join } from 'node:path';
import { setRowSchema, type SetRow } from '../core/insight/set-row.ts';
import type { DrawnView, LookedPair } from '../core/protocol/insights.ts';
import type { ImageBytes } from '../core/protocol/pair.ts';
import { checkRecord, parseLine } from '../core/record.ts';
import type { ImageRef, MirrorVariant, Sample } from '../core/sample/sample.ts';
import { mirrorSample } from '../core/views/mirror/mirror-sample.ts';
import { readQaJsonl } from '../lab/datasets/rows.ts';
import { liesIn } from '../lab/files/inside.ts';
import { lines } from '../lab/files/lines.ts';
import { streamFile } from '../lab/files/regular.ts';
import { readInsightManifest, verdictOf } from './insights.ts';
import type { ImageFolders, PairRows } from './pair-row.ts';

/** A result of a run, and the folders that a person opened or allowed. */
export interface OfResult {
  dir: string;
  name: string;
  allowed: readonly string[];
}
export type OfRow = OfResult & { id: string };

/** A row as a model is asked it. */
export interface LookedSample {
  sample: Sample;
  mirror: MirrorVariant | null;
  place: ImageFolders;
  /** The step of the checkpoint that was looked into. */
  step: number | null;
}

/** Single rows of looks over a set, with their pictures. */
export const lookedPairService = (pairs: PairRows) => ({
  async lookedPair({ id, ...of }: OfRow): Promise<LookedPair> {
    const views: DrawnView[] = [];
    for await (const row of setRows(of, id)) views.push(drawnView(row));
    const { sample, line, place } = await rowOf({ id, ...of });
    const [image = null] = await pairs.images(sample, place);
    return { line, image, views };
  },

  async lookedImage({ ref, ...of }: OfResult & { ref: ImageRef }): Promise<ImageBytes> {
    const { place } = await dataOf(of);
    return pairs.image({ image: ref, place });
  },

  async lookedSample(of: OfRow): Promise<LookedSample> {
    const { sample, place, step } = await rowOf(of);
    return { sample, mirror: sample.variants?.mirror ?? mirrorSample(sample), place, step };
  },

  /** A row in its data file, whose lines are counted from 1. */
  async lookedLine(of: OfRow): Promise<{ file: string; line: number }> {
    const { file, line } = await rowOf(of);
    return { file, line };
  },
});

/** The data file of a result. A manifest is untrusted. @throws in words, if it is where nobody has allowed to read */
async function dataOf({ dir, name, allowed }: OfResult) {
  const { set, step } = await readInsightManifest(dir, name);
  const file = set.path;
  const folders: string[] = [];
  for (const folder of [dir, ...allowed]) if (await liesIn(file, [folder])) folders.push(folder);
  // Pictures may lie beside the rows: of folders within each other, the outermost holds them, too.
  const root = folders.sort((a, b) => a.length - b.length)[0];
  if (root === undefined)
    throw new Error(`The rows are in ${file}, outside of the folders that you have opened or allowed.`);
  return { file, step, place: { folder: dirname(file), root } };
}

async function rowOf({ id, ...of }: OfRow) {
  const { file, ...about } = await dataOf(of);
  for await (const { sample, line } of readQaJsonl(await streamFile(file)))
    if (sample?.id === id) return { sample, line, file, ...about };
  throw new Error(`${file} has no row ${id} any more.`);
}

/** The views of a row in a look. Other lines are not parsed. */
async function* setRows({ dir, name }: OfResult, id: string): AsyncGenerator<SetRow> {
  const file = join(dir, 'insight', name, 'rows.jsonl');
  const named = JSON.stringify(id);
  for await (const { number: line, text } of lines(await streamFile(file)))
    if (text?.includes(named))
      for (const row of parseLine(text, { file, line }, readSetRow, () => undefined))
        if (row.id === id) yield row;
}

const readSetRow = (value: unknown, source: Parameters<typeof checkRecord>[2]): SetRow =>
  checkRecord(setRowSchema, value, source);

function drawnView(row: SetRow): DrawnView {
  const { view, question, reference, answer, objects, map } = row;
  return { view, question, reference, answer, verdict: verdictOf(row), objects, map: unpacked(map) };
}

/** The map of a row; null for an older one that does not say where its cells are, or whose parts do not fit together. */
function unpacked(map: SetRow['map']): DrawnView['map'] {
  if (!map?.piece) return null;
  const { rows, cols, piece, max } = map;
  const bytes = [...Buffer.from(map.bytes, 'base64')];
  const shape = [max.length, rows * cols];
  return bytes.length === max.length * rows * cols
    ? { grid: { rows, cols, piece }, maps: { shape, max, bytes } }
    : null;
}
