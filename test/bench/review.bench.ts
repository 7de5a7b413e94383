/**
 * `chirality review` on a hundred thousand rows, against only decoding their JSON: processor time of processes,
 * their starts included, by turns. Needs `npm run build`.
 *
 *     node scripts/bench.mjs review [dist/cli.js]
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRows } from './rows.ts';

const [cli = 'dist/cli.js'] = process.argv.slice(2);
const DECODE = `for (const line of require('fs').readFileSync(process.argv[1], 'utf8').split('\\n')) line && JSON.parse(line)`;

const folder = await mkdtemp(join(tmpdir(), 'chirality-review-'));
const path = join(folder, 'data.qa.jsonl');
await writeRows(path, 100_000);

/** Processor seconds of a process of Node: Linux counts those of children that have ended. */
function processorTime(args: string[]): number {
  const ofChildren = () => {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[13]) + Number(fields[14])) / 100;
  };
  const before = ofChildren();
  spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return ofChildren() - before;
}

const times: Record<'decode' | 'table' | 'json', number[]> = { decode: [], table: [], json: [] };
const list = [cli, 'review', path, '--quiet'];
for (let i = 0; i < 5; i++) {
  times.decode.push(processorTime(['-e', DECODE, path]));
  times.table.push(processorTime(list));
  times.json.push(processorTime([...list, '--json']));
}
await rm(folder, { recursive: true });
const { decode, table, json } = Object.fromEntries(
  Object.entries(times).map(([name, each]) => [name, Math.min(...each)]),
) as Record<keyof typeof times, number>;
console.log(
  `review: ${table.toFixed(2)} s, ${(table / decode).toFixed(1)} × decoding the JSON (${decode.toFixed(2)} s); ` +
    `--json: ${json.toFixed(2)} s, ${(json / decode).toFixed(1)} ×`,
);
