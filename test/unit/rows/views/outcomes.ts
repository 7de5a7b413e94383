import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Random } from '../../../../src/base/random.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';
import { ask } from '../../../../src/core/worlds/questions/question-forms.ts';
import { drawRow, familiesFor } from '../../../../src/core/worlds/world-rows.ts';
import { ROOM, TINY } from '../../../../src/core/worlds/sample-worlds.ts';
import { openDataset } from '../../../../src/lab/datasets/open-dataset.ts';

/*
 * What the rules of every view make of every row of the corpora, of the published sets among the fixtures, and of rows
 * of worlds: one line a row, with a letter for each view's status and a digest of all texts, boxes and reasons. Whoever
 * changes a rule sees here which rows move, in which view.
 */

export const VIEWS = [
  'mirror',
  'mirror/keep',
  'rotate:180',
  'flip',
  'rotate:90',
  'polarity',
  'converse',
  'exchange-names',
  'permute-options:1',
  'reverse',
];

export const RECORD = new URL('../../../fixtures/corpus/outcomes/views.txt', import.meta.url);

const fixture = (path: string) => new URL(`../../../fixtures/${path}`, import.meta.url);

const corpus = (name: string): Sample[] =>
  readFileSync(fixture(`corpus/${name}.jsonl`), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { sample: Sample }).sample);

async function published(name: string): Promise<Sample[]> {
  const { rows } = await openDataset(fileURLToPath(fixture(`datasets/${name}.parquet`)));
  const samples: Sample[] = [];
  for await (const { sample } of rows) if (sample) samples.push(sample);
  return samples;
}

/** The row of worlds at a place of the record. */
function worldsRow(i: number): Sample {
  const style = i % 5 === 0 ? 'compact' : 'english';
  const size = { w: 160, h: 160 };
  const world = style === 'compact' ? TINY : ROOM;
  const row = drawRow(Random.from('outcomes').fork(i), {
    world,
    size,
    families: familiesFor(style, size),
    style,
    bias: {},
  });
  return ask(row.observation, row.question, style, { id: `worlds-${i}`, image: { path: 'a.png', ...size } });
}

/** The rows on record, by the names of their lines; `every` takes only each so-manieth row of worlds. */
export async function rowsOnRecord(worlds: number, every = 1): Promise<Map<string, Sample>> {
  const rows = new Map<string, Sample>();
  const add = (source: string, samples: Sample[]) =>
    samples.forEach((sample, i) => rows.set(`${source}/${i}`, sample));
  for (const name of ['mirror', 'reading', 'polarity']) add(name, corpus(name));
  for (const name of ['cv-bench', 'openspaces', 'q-spatial', 'sat', 'spacellava', 'spacethinker'])
    add(name, await published(name));
  for (let i = 0; i < worlds; i += every) rows.set(`worlds/${i}`, worldsRow(i));
  return rows;
}

const LETTERS: Record<string, string> = { flipped: 'f', invariant: 'i', discard: 'd', needs_llm: 'n' };

/** The line of one row. */
export function lineOf(name: string, sample: Sample): string {
  const variants = VIEWS.map((view) => rewriteFor(sample, view));
  const statuses = variants.map(({ status }) => LETTERS[status] ?? '-').join('');
  const digest = createHash('sha256').update(JSON.stringify(variants)).digest('hex').slice(0, 8);
  return `${name} ${statuses} ${digest}`;
}

/** All that the rules make of one row, for people: a line for each view whose rewrite differs from the row. */
export function textsOf(name: string, sample: Sample): string {
  const { question, answer, reasoning, choices } = sample;
  const lines = VIEWS.map((view) => {
    const { status, code, reason, ...variant } = rewriteFor(sample, view);
    const said = { q: variant.question, a: variant.answer, r: variant.reasoning, c: variant.choices };
    return `  ${view}: ${JSON.stringify([status, code, reason, said])}`;
  });
  return [`${name} ${JSON.stringify({ question, answer, reasoning, choices })}`, ...lines].join('\n');
}
