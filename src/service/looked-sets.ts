import { ROLES } from '../core/insight/set-names.ts';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { massOf } from '../core/insight/set-figures.ts';
import { setFigureSchema, setManifestSchema } from '../core/insight/set-files.ts';
import { setRowSchema, type SetRow } from '../core/insight/set-row.ts';
import type { LookedRow, LookedSet, LookedSetService } from '../core/protocol/looked-sets.ts';
import { parseLines, parseRecord, checkRecord } from '../core/record.ts';
import { readQaJsonl } from '../lab/datasets/rows.ts';
import { ifMissing } from '../lab/files/disk-error.ts';
import { readText, streamFile } from '../lab/files/regular.ts';

/** Only these can be read: a name from a page leads nowhere else. */
const SET_NAME = /^set-[\w.-]+$/;

/** Reads the folders that `chirality insight` writes to a run. */
export const lookedSetService: LookedSetService = {
  async lookedSets({ dir }) {
    const folder = join(dir, 'insight');
    const names = (await readdir(folder).catch(ifMissing([]))).filter((name) => SET_NAME.test(name));
    const dated = await Promise.all(
      names.map(async (name) => {
        // Without results, the work is still under way, or was broken off.
        const results = await stat(join(folder, name, 'results.json')).catch(ifMissing(null));
        return results ? [{ name, at: results.mtimeMs }] : [];
      }),
    );
    return dated
      .flat()
      .sort((a, b) => b.at - a.at)
      .map(({ name }) => name);
  },

  async lookedSet({ dir, name }): Promise<LookedSet> {
    if (!SET_NAME.test(name)) throw new Error(`${name} is no folder of a set.`);
    const at = (file: string) => join(dir, 'insight', name, file);
    const manifest = await readText(at('manifest.json'));
    const { set, step, strategy } = parseRecord(setManifestSchema, manifest, { file: at('manifest.json') });
    const results = await readText(at('results.json'));
    const figures = parseRecord(setFigureSchema.array(), results, { file: at('results.json') });
    let unreadable = 0;
    const lines = parseLines(
      await readText(at('rows.jsonl')),
      at('rows.jsonl'),
      (value, source) => checkRecord(setRowSchema, value, source),
      () => (unreadable += 1),
    );
    const shown = figures.filter(({ head, query }) => head === null && query === 'answer');
    const layers = [...new Set(shown.flatMap(({ layer }) => layer ?? []))].sort((a, b) => a - b);
    return {
      ...{ name, file: set.path, step, strategy, layers, unreadable },
      figures: shown,
      rows: lines.map((row) => lookedRow(row, layers.length)),
    };
  },

  async lineOfId({ path, id }) {
    for await (const { sample, line } of readQaJsonl(await streamFile(path)))
      if (sample?.id === id) return line;
    return null;
  },
};

function lookedRow(row: SetRow, layers: number): LookedRow {
  const { id, view, question, reference, answer, right, count } = row;
  const roles = ROLES.filter((role) => row.objects.some((object) => object.role === role));
  return {
    ...{ id, view, question, reference, answer },
    verdict: count ?? (right === null ? null : right ? 'right' : 'wrong'),
    masses: roles.map((role) => ({
      role,
      byLayer: Array.from({ length: layers }, (_, layer) => massOf(row, 'answer', layer, null, role)),
    })),
  };
}
