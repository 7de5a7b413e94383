import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFigures } from '../../src/core/insight/set-figures.ts';
import type { SetRow } from '../../src/core/insight/set-row.ts';
import { Random } from '../../src/core/random.ts';

/** What `chirality insight` writes for a dozen rows about sides, of which every fourth mirror is answered wrong. */
export function writeLookedSet(
  run: string,
  name: string,
  file: string,
  strange: Partial<SetRow> = {},
): SetRow[] {
  const rows = Array.from({ length: 12 }, (_, i) =>
    (['original', 'mirror'] as const).map((view): SetRow => {
      const right = view === 'original' || i % 4 !== 0;
      const on = right ? 0.6 : 0.1;
      return {
        ...{ id: `w-${i}`, view, image: `${i}`, question: 'Is the cone left of the ball?', reference: 'yes' },
        ...{ answer: right ? 'yes' : 'no', right, count: null, heads: 1, all_cells: 64 },
        queries: ['answer'],
        objects: [
          { label: 'cone', role: 'first named', box: [0, 0, 0.5, 0.5], cells: 16 },
          { label: 'ball', role: 'second named', box: [0.5, 0, 1, 0.5], cells: 16 },
        ],
        ...{ share: [0.5, 0.4 + i / 100], mass: [on, 0.2, on + i / 50, 0.1] },
        ...{ source_names: ['picture', 'question'], sources: [0.5, 0.5, 0.4, 0.6] },
        ...{ words: ['yes', 'no'], lens: [-0.7, -0.7, ...(right ? [-0.1, -2] : [-2, -0.1])] },
        blocked: [{ keys: 'picture', words: i % 2 === 0 ? [-0.6, -0.8] : [-0.8, -0.6] }],
        ...{ column: [], mirror_error: null, map: null },
        ...strange,
      };
    }),
  ).flat();
  const folder = join(run, 'insight', name);
  mkdirSync(folder, { recursive: true });
  const manifest = { version: 1, kind: 'set', set: { path: file }, step: 40, strategy: 'trained' };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const figures = setFigures(rows, [0, 1], Random.from('insight'));
  writeFileSync(join(folder, 'results.json'), JSON.stringify(figures));
  return rows;
}
