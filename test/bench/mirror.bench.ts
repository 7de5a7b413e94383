// How much work a rewritten row is, against reading and writing the same row as JSON: processor time, in one run.
// `node scripts/bench.mjs mirror OTHER.mjs` measures another build in turns with this one: OTHER.mjs is its
// src/rows/views/view.ts, bundled (`npx esbuild … --bundle --format=esm --platform=node --outfile=OTHER.mjs`).
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { rewriteFor } from '../../src/rows/views/view.ts';

const VIEWS = [
  'mirror',
  'mirror/keep',
  'rotate:180',
  'rotate:90',
  'polarity',
  'converse',
  'permute-options:1',
];

const lines = readFileSync('test/fixtures/corpus/mirror.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.stringify((JSON.parse(line) as { sample: Sample }).sample));

/** Microseconds of processor time per row of each kind of work, the best of seven rounds, in which they take turns. */
function costs(rounds: number, works: readonly ((sample: Sample) => unknown)[]): number[] {
  const best = works.map(() => Infinity);
  for (let round = 0; round < 7; round++)
    works.forEach((work, i) => {
      // New objects, since a row is read once and kept.
      const samples = Array.from({ length: rounds }, () => lines.map((line) => JSON.parse(line) as Sample));
      const start = process.cpuUsage();
      samples.flat().forEach(work);
      const { user, system } = process.cpuUsage(start);
      best[i] = Math.min(best[i]!, (user + system) / (rounds * lines.length));
    });
  return best;
}

const path = process.argv[2];
const other =
  path && ((await import(pathToFileURL(resolve(path)).href)) as { rewriteFor: typeof rewriteFor });
const builds = [rewriteFor, ...(other ? [other.rewriteFor] : [])];
const perSecond = (cost: number) =>
  `${Math.round(1e6 / cost)
    .toString()
    .padStart(8)} rows/s`;

const [json] = costs(20, [(sample) => JSON.parse(JSON.stringify(sample)) as Sample]);
console.log(`${'JSON'.padEnd(18)}${perSecond(json!)} (parse and stringify)`);
for (const view of VIEWS) {
  const [own, before] = costs(
    1,
    builds.map((rewrite) => (sample: Sample) => rewrite(sample, view)),
  );
  const compared =
    before === undefined
      ? ''
      : `, the other build ${perSecond(before).trim()}: ${(before / own!).toFixed(2)} times as fast`;
  console.log(`${view.padEnd(18)}${perSecond(own!)}, ${(own! / json!).toFixed(0)} times its JSON${compared}`);
}
