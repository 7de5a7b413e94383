import { clevr, cvBench, pixmoCount, sat, vsr } from './benchmarks.ts';
import { llava } from './llava.ts';
import type { Mapping } from './mapping.ts';
import { messages } from './messages.ts';
import { native } from './native.ts';
import { openspaces, spacellava, spacethinker } from './vqasynth.ts';
import { qSpatial } from './q-spatial.ts';

/** Every format that can be recognised, the most specific first. */
export const MAPPINGS: readonly Mapping[] = [
  ...[spacethinker, spacellava, openspaces, messages, llava],
  ...[sat, qSpatial, cvBench, vsr, clevr, pixmoCount, native],
];

/** The first mapping whose columns are all present and whose hint, if any, matches the path. */
export function recognise(columns: readonly string[], path: string): Mapping | undefined {
  return MAPPINGS.find(
    (mapping) => mapping.columns.every((c) => columns.includes(c)) && (mapping.hint?.test(path) ?? true),
  );
}
