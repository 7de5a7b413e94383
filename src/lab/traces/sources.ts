import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TraceSource, TraceSourceInfo } from '../../core/run-data/summary.ts';
import { EvaluationFiles } from './evaluations.ts';
import type { PairSource } from './files.ts';
import { mayBeForeign } from '../foreign/known.ts';
import { ForeignPairs } from './foreign.ts';
import { TraceFiles } from './traces.ts';

/** The traces of a run, then its evaluations by name. For a folder that is an evaluation without a run, only that. */
export async function listSources(run: string): Promise<TraceSourceInfo[]> {
  if (await hasRows(run)) return [{ source: '.', label: `Evaluation ${basename(run)}` }];
  const names = await readdir(join(run, 'eval')).catch((): string[] => []);
  const evaluations: TraceSourceInfo[] = [];
  for (const name of names.sort()) {
    if (await hasRows(join(run, 'eval', name)))
      evaluations.push({ source: name, label: `Evaluation ${name}` });
  }
  return [{ source: undefined, label: 'Traces' }, ...evaluations];
}

async function hasRows(folder: string): Promise<boolean> {
  const found = await stat(join(folder, 'rows.jsonl')).catch(() => null);
  return found?.isFile() ?? false;
}

/**
 * @param right for another program's run: the reward that means "right"
 * @throws if the name of an evaluation is invalid
 */
export function openSource({ run, source }: TraceSource, right: string | null = null): PairSource {
  if (source !== undefined) return new EvaluationFiles(run, source);
  return mayBeForeign(run) ? new ForeignPairs(run, right) : new TraceFiles(run);
}
