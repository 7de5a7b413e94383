import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { patchFigures, type PatchRow } from '../../src/core/insight/patch.ts';
import { probeNumber } from '../../src/core/insight/probe-number.ts';
import type { ProbeRow } from '../../src/core/insight/probe-row.ts';
import { probe } from '../../src/core/insight/probe.ts';
import { setFigures } from '../../src/core/insight/set-figures.ts';
import type { SetRow } from '../../src/core/insight/set-row.ts';
import type { InsightManifest } from '../../src/panels/inside/inside.contract.ts';
import { Random } from '../../src/base/random.ts';
import { rowLines } from './rows.ts';

/** A dozen rows about sides, of which every fourth mirror is answered wrong. */
export const lookedRows = (strange: Partial<SetRow> = {}): SetRow[] =>
  Array.from({ length: 12 }, (_, i) =>
    (['original', 'mirror'] as const).map((view): SetRow => {
      const right = view === 'original' || i % 4 !== 0;
      const on = right ? 0.6 : 0.1;
      return {
        id: `w-${i}`,
        view,
        image: `${i}`,
        question: 'Is the cone left of the ball?',
        reference: 'yes',
        answer: right ? 'yes' : 'no',
        right,
        count: null,
        heads: 1,
        all_cells: 64,
        queries: ['answer'],
        objects: [
          { label: 'cone', role: 'first named', box: [0, 0, 0.5, 0.5], cells: 16 },
          { label: 'ball', role: 'second named', box: [0.5, 0, 1, 0.5], cells: 16 },
        ],
        share: [0.5, 0.4 + i / 100],
        mass: [on, 0.2, on + i / 50, 0.1],
        source_names: ['picture', 'question'],
        sources: [0.5, 0.5, 0.4, 0.6],
        words: ['yes', 'no'],
        lens: [-0.7, -0.7, ...(right ? [-0.1, -2] : [-2, -0.1])],
        blocked: [{ keys: 'picture', words: i % 2 === 0 ? [-0.6, -0.8] : [-0.8, -0.6] }],
        column: [],
        mirror_error: null,
        unfolded_error: null,
        roles: [
          { role: 'first named', cells: 16, mass: [on, on + i / 50], elsewhere: null },
          { role: 'second named', cells: 16, mass: [0.2, 0.1], elsewhere: null },
        ],
        map: null,
        ...strange,
      };
    }),
  ).flat();

/** What `chirality inspect attention` writes for these rows. */
export function writeLookedSet(
  run: string,
  name: string,
  file: string,
  strange: Partial<SetRow> = {},
  about: Partial<InsightManifest> = {},
): SetRow[] {
  const rows = lookedRows(strange);
  const results = setFigures(rows, [0, 1]);
  writeInsight(run, name, file, results, about);
  const lines = rowLines(rows);
  writeFileSync(join(run, 'insight', name, 'rows.jsonl'), lines);
  return rows;
}

function writeInsight(
  run: string,
  name: string,
  file: string,
  results: unknown,
  about: Partial<InsightManifest> = {},
): void {
  const folder = join(run, 'insight', name);
  mkdirSync(folder, { recursive: true });
  const kind = name.slice(0, name.indexOf('-'));
  const manifest = { version: 1, kind, set: { path: file }, step: 40, strategy: 'trained', ...about };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'results.json'), JSON.stringify(results));
}

/** A model that has side and depth after its first layer, and always answers left. */
export function probedRows(): ProbeRow[] {
  const random = Random.from('probes');
  return Array.from({ length: 60 }, (_, i) =>
    // The other wording asks of three lefts for every right.
    (['original', 'mirror', ...(i % 2 === 0 || i % 6 === 1 ? ['polarity' as const] : [])] as const).flatMap(
      (view) =>
        [false, true].map((blind): ProbeRow => {
          const side = (i % 2 === 0) === (view !== 'mirror') ? 'left' : 'right';
          const data = Float32Array.from({ length: 8 }, () => random.normal());
          const depth = random.between(1, 5);
          if (!blind) [data[4], data[5]] = [data[4]! + (side === 'left' ? 2 : -2), depth + data[5]! / 4];
          return {
            id: `w-${i}`,
            view,
            image: `${i}`,
            blind,
            reference: side,
            answer: 'left',
            right: side === 'left',
            labels: { side },
            numbers: { depth },
            asks: ['side'],
            positions: ['last'],
            hidden: { layers: 2, width: 4, data },
          };
        }),
    ),
  ).flat();
}

/** What `chirality inspect probe` writes for it. */
export function writeProbes(run: string, name: string, file: string): void {
  const rows = probedRows();
  writeInsight(run, name, file, [
    probe(rows, 'side', Random.from('probe')),
    probeNumber(rows, 'depth', Random.from('probe')),
  ]);
}

/** A model in which the side passes from the image to the names after the first layer. */
export const patchedRows = (): PatchRow[] =>
  Array.from({ length: 12 }, (_, i): PatchRow => {
    const [original, mirror] = [3 + i / 10, -3 - i / 20];
    return {
      id: `w-${i}`,
      image: `${i}`,
      question: 'Is the cone left of the ball?',
      original: 'yes',
      mirror: 'no',
      odds: { original, mirror },
      patched: [
        { group: 'picture', odds: [mirror, original + 0.0001] },
        { group: 'names', odds: [original, original - 0.8 * (original - mirror)] },
      ],
      layers: 3,
    };
  });

/** What `chirality inspect patch` writes for it. */
export const writePatches = (run: string, name: string, file: string): void =>
  writeInsight(run, name, file, patchFigures(patchedRows(), [0, 1]));
