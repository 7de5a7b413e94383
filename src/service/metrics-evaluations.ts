import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluationManifestSchema, readResults, type EvaluationResult } from '../core/metrics/results.ts';
import { decodeRecord } from '../core/record.ts';
import { readText } from '../lab/files/regular.ts';

interface Evaluation {
  id: string;
  step: number;
  figures: EvaluationResult[];
}

/** The evaluations in a run's folder, by step. Each is read once, and again after it was rewritten. */
export class Evaluations {
  private readonly known = new Map<string, { version: string; evaluation: Evaluation | null }>();

  constructor(private readonly dir: string) {}

  async read(): Promise<Evaluation[]> {
    const folder = join(this.dir, 'eval');
    const ids = await readdir(folder).catch((): string[] => []);
    for (const id of this.known.keys()) if (!ids.includes(id)) this.known.delete(id);
    for (const id of ids) {
      const path = join(folder, id, 'results.json');
      const version = await stat(path).then(
        ({ mtimeMs, size }) => `${mtimeMs} ${size}`,
        () => null,
      );
      if (version === null) this.known.delete(id);
      else if (this.known.get(id)?.version !== version) {
        this.known.set(id, { version, evaluation: await readOne(join(folder, id), id) });
      }
    }
    return [...this.known.values()]
      .flatMap(({ evaluation }) => evaluation ?? [])
      .sort((a, b) => a.step - b.step || a.id.localeCompare(b.id));
  }
}

/** Null if it cannot be read, or belongs to no step. */
async function readOne(folder: string, id: string): Promise<Evaluation | null> {
  try {
    const read = async (file: string) => decodeRecord(await readText(join(folder, file)), { file });
    const manifest = evaluationManifestSchema.safeParse(await read('manifest.json').catch(() => null)).data;
    const step = Number(manifest?.step ?? /^step-(\d+)$/.exec(id)?.[1] ?? NaN);
    if (!Number.isFinite(step)) return null;
    const file = 'results.json';
    const figures = readResults(await read(file), { file }, () => undefined);
    return { id, step, figures };
  } catch {
    return null;
  }
}
