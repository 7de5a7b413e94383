import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TraceSource, TraceSourceInfo } from '../../../core/protocol/traces.ts';
import { EvaluationFiles } from './evaluations.ts';
import type { PairSource } from './files.ts';
import { TraceFiles } from './traces.ts';

/** The traces of a run, then its evaluations by name. */
export async function listSources(run: string): Promise<TraceSourceInfo[]> {
  const names = await readdir(join(run, 'eval')).catch((): string[] => []);
  const evaluations: TraceSourceInfo[] = [];
  for (const name of names.sort()) {
    const rows = await stat(join(run, 'eval', name, 'rows.jsonl')).catch(() => null);
    if (rows?.isFile()) evaluations.push({ source: name, label: `Evaluation ${name}` });
  }
  return [{ source: undefined, label: 'Traces' }, ...evaluations];
}

/** @throws when the name of an evaluation is none */
export function openSource({ run, source }: TraceSource): PairSource {
  return source === undefined ? new TraceFiles(run) : new EvaluationFiles(run, source);
}
