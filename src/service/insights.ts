import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareLooks, type SetLook } from '../core/insight/compare-looks.ts';
import {
  insightManifestSchema,
  type InsightManifest,
  patchFigureSchema,
  setFigureSchema,
  shownProbeSchema,
} from '../core/insight/insight-files.ts';
import { layersIn, massOf, type SetFigure } from '../core/insight/set-figures.ts';
import { ROLES } from '../core/insight/set-names.ts';
import { setRowSchema, type SetRow } from '../core/insight/set-row.ts';
import type { HostOf } from '../core/protocol/calls.ts';
import type { Insight, LookedRow, LookedSet } from '../core/protocol/insights.ts';
import type { insightReads } from '../core/protocol/inside-panel.ts';
import { checkRecord, parseLines, parseRecord, type RecordSchema } from '../core/record.ts';
import { ifMissing } from '../lab/files/disk-error.ts';
import { readText } from '../lab/files/regular.ts';

/** Only these can be read: a name from a page leads nowhere else. */
const NAME = /^(set|probe|patch)-[\w.-]+$/;

/** Reads the folders that `chirality insight`, `probe` and `patch` write to a run. */
export const insightService = {
  async insights({ dir }) {
    const folder = join(dir, 'insight');
    const names = (await readdir(folder).catch(ifMissing([]))).filter((name) => NAME.test(name));
    const dated = await Promise.all(
      names.map(async (name) => {
        // Without results, the work is still under way, or was broken off.
        const results = await stat(join(folder, name, 'results.json')).catch(ifMissing(null));
        return results ? [{ name, at: results.mtimeMs }] : [];
      }),
    );
    const done = dated.flat().sort((a, b) => b.at - a.at);
    return Promise.all(
      done.map(async ({ name }) => ({
        name,
        kind: kindOf(name)!,
        manifest: await readRecord(insightManifestSchema, join(folder, name, 'manifest.json')).catch(
          () => null,
        ),
      })),
    );
  },

  async insight({ dir, name }): Promise<Insight> {
    const kind = kindOf(name);
    if (kind === null) throw new Error(`${name} is no folder of a set.`);
    const folder = join(dir, 'insight', name);
    const { set, step, strategy } = await readInsightManifest(dir, name);
    const of = { name, file: set.path, step, strategy };
    const results = join(folder, 'results.json');
    switch (kind) {
      case 'set':
        return { ...of, kind, ...shownSet(await readSet(folder)) };
      case 'probe':
        return { ...of, kind, results: await readRecord(shownProbeSchema.array(), results) };
      case 'patch':
        return { ...of, kind, figures: await readRecord(patchFigureSchema.array(), results) };
    }
  },

  async compareLooks({ looks }) {
    const sets: SetLook[] = [];
    for (const { dir, name, label } of looks) {
      if (kindOf(name) !== 'set') throw new Error(`${name} is no folder of a set.`);
      const { figures, rows } = await readSet(join(dir, 'insight', name));
      sets.push({ name: label, rows, layers: layersIn(figures) });
    }
    return compareLooks(sets);
  },
} satisfies HostOf<typeof insightReads>;

/** @throws in words, if it cannot be read or the name is none of such a folder */
export function readInsightManifest(dir: string, name: string): Promise<InsightManifest> {
  if (kindOf(name) === null) throw new Error(`${name} is no folder of a set.`);
  return readRecord(insightManifestSchema, join(dir, 'insight', name, 'manifest.json'));
}

/** The kind of a folder, by its name; null for others. */
const kindOf = (name: string): Insight['kind'] | null => (NAME.exec(name)?.[1] as Insight['kind']) ?? null;

const readRecord = async <T>(schema: RecordSchema<T>, file: string): Promise<T> =>
  parseRecord(schema, await readText(file), { file });

interface ReadSet {
  figures: SetFigure[];
  rows: SetRow[];
  /** Lines of rows that cannot be read. */
  unreadable: number;
}

async function readSet(folder: string): Promise<ReadSet> {
  const figures = await readRecord(setFigureSchema.array(), join(folder, 'results.json'));
  const file = join(folder, 'rows.jsonl');
  let unreadable = 0;
  const rows = parseLines(
    await readText(file),
    file,
    (value, source) => checkRecord(setRowSchema, value, source),
    () => (unreadable += 1),
  );
  return { figures, rows, unreadable };
}

function shownSet({
  figures,
  rows,
  unreadable,
}: ReadSet): Pick<LookedSet, 'layers' | 'figures' | 'heads' | 'rows' | 'unreadable'> {
  const [shown, heads] = [true, false].map((isMean) =>
    figures.filter(({ head, query }) => (head === null) === isMean && query === 'answer'),
  ) as [SetFigure[], SetFigure[]];
  const layers = layersIn(shown);
  return {
    layers,
    figures: shown,
    heads,
    rows: rows.map((row) => lookedRow(row, layers.length)),
    unreadable,
  };
}

/** Whether an answer is right; for counts, how far off it is. */
export const verdictOf = ({ right, count }: SetRow): LookedRow['verdict'] =>
  count ?? (right === null ? null : right ? 'right' : 'wrong');

function lookedRow(row: SetRow, layers: number): LookedRow {
  const { id, view, question, reference, answer } = row;
  const roles = ROLES.filter((role) => row.objects.some((object) => object.role === role));
  return {
    id,
    view,
    question,
    reference,
    answer,
    verdict: verdictOf(row),
    isDrawn: row.map !== null,
    masses: roles.map((role) => ({
      role,
      byLayer: Array.from({ length: layers }, (_, layer) => massOf(row, 'answer', layer, null, role)),
    })),
  };
}
