import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UntilChanged, versionIn } from '../lab/files/version.ts';
import { evaluationManifestSchema, readResults, type EvaluationResult } from '../core/metrics/results.ts';
import { decodeRecord, RecordError } from '../core/record.ts';
import { ifMissing, noEntries } from '../lab/files/disk-error.ts';
import { NotAFile, readText } from '../lab/files/regular.ts';
import { stepOf } from '../core/run-data/run-folder.ts';

interface Evaluation {
  id: string;
  step: number;
  figures: EvaluationResult[];
}

/** The evaluations in a run's folder, by step. Each is read once, and again after it was rewritten. */
export class Evaluations {
  private readonly known = new UntilChanged<Evaluation | null>();

  constructor(private readonly dir: string) {}

  async read(): Promise<Evaluation[]> {
    const folder = join(this.dir, 'eval');
    const ids: string[] = await readdir(folder).catch(noEntries);
    const evaluations: Evaluation[] = [];
    for (const id of ids) {
      const version = await stat(join(folder, id, 'results.json')).then(versionIn, () => null);
      if (version === null) continue;
      // One that cannot be read now is tried again at the next look.
      const read = this.known.of(id, version, () => readOne(join(folder, id), id));
      const evaluation = await read.catch(() => null);
      if (evaluation) evaluations.push(evaluation);
    }
    return evaluations.sort((a, b) => a.step - b.step || a.id.localeCompare(b.id));
  }
}

/** Null if it is broken, or belongs to no step. @throws if the disk does not give it */
async function readOne(folder: string, id: string): Promise<Evaluation | null> {
  const read = async (file: string) => decodeRecord(await readText(join(folder, file)), { file });
  const manifest = evaluationManifestSchema.safeParse(
    await read('manifest.json').catch(nullWhereBroken),
  ).data;
  const step = Number(manifest?.step ?? stepOf(id) ?? NaN);
  if (!Number.isFinite(step)) return null;
  const file = 'results.json';
  const figures = await read(file)
    .then((results) => readResults(results, { file }, () => undefined))
    .catch(nullWhereBroken);
  return figures && { id, step, figures };
}

/** Null for a file that is missing or not what it should be. @throws if the disk does not give it */
function nullWhereBroken(error: unknown): null {
  if (error instanceof RecordError || error instanceof NotAFile) return null;
  return ifMissing(null)(error);
}
