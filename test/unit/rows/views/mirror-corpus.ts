import { readFileSync } from 'node:fs';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import type { MirrorStatus, MirrorVariant, Sample, Variant } from '../../../../src/rows/sample/sample.ts';

/** A row of test/fixtures/corpus/mirror*.jsonl; its README says how rows are scored. */
export interface CorpusRow {
  class: string;
  sample: Sample;
  expect: { status: MirrorStatus; also?: MirrorStatus[] } & Record<string, unknown>;
}

export type Score = 'right' | 'deferred' | 'wrong';

export function corpus(name: 'mirror' | 'mirror-heldout' | 'reading' | 'reading-heldout'): CorpusRow[] {
  const file = new URL(`../../../fixtures/corpus/${name}.jsonl`, import.meta.url);
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as CorpusRow);
}

const FIELDS = [
  'question',
  'answer',
  'reasoning',
  'choices',
  'boxes',
  'points',
  'masks',
  'scene_graph',
] as const;

export function score({ sample, expect }: CorpusRow): { score: Score; variant: MirrorVariant } {
  const variant = mirrorSample(sample);
  return { score: scoreOf(sample, expect, variant), variant };
}

/** Scores a rewrite of a row by what is expected of it. */
export function scoreOf(sample: Sample, expect: CorpusRow['expect'], variant: Variant): Score {
  const accepted = ([expect.status, ...(expect.also ?? [])] as string[]).includes(variant.status);
  const fields =
    variant.status === 'flipped'
      ? FIELDS.every((key) => !(key in expect) || same(variant[key], expect[key] ?? undefined))
      : variant.status !== 'invariant' ||
        FIELDS.every((key) => same(variant[key], key in expect ? (expect[key] ?? undefined) : sample[key]));
  const category = !accepted || expect.category === undefined || expect.category === variant.category;
  const right = accepted && fields && category;
  const deferrable = expect.status === 'flipped' || expect.status === 'invariant';
  const deferred = !right && deferrable && variant.status === 'needs_llm';
  return right ? 'right' : deferred ? 'deferred' : 'wrong';
}

/** Equal texts; numbers within 1e-6; keys that are absent or undefined are the same. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-6;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => same(v, b[i]));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return [...new Set([...Object.keys(x), ...Object.keys(y)])].every((key) => same(x[key], y[key]));
}
