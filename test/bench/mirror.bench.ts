// How much work a mirrored row is, against reading and writing the same row as JSON: processor time, in one run.
import { readFileSync } from 'node:fs';
import { mirrorSample } from '../../src/core/views/mirror/mirror-sample.ts';
import type { Sample } from '../../src/core/sample/sample.ts';

const samples = readFileSync('test/fixtures/corpus/mirror.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => (JSON.parse(line) as { sample: Sample }).sample);
const lines = samples.map((sample) => JSON.stringify(sample));

/** Microseconds of processor time per row, the best of seven rounds. */
function cost(rounds: number, work: () => void): number {
  const times = Array.from({ length: 7 }, () => {
    const start = process.cpuUsage();
    for (let i = 0; i < rounds; i++) work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / (rounds * samples.length);
  });
  return Math.min(...times);
}

const mirrored = cost(3, () => samples.forEach((sample) => mirrorSample(sample)));
const json = cost(300, () => lines.forEach((line) => JSON.stringify(JSON.parse(line))));
console.log(`mirror  ${Math.round(1e6 / mirrored)} rows/s`);
console.log(`JSON    ${Math.round(1e6 / json)} rows/s (parse and stringify)`);
console.log(`a mirrored row costs ${(mirrored / json).toFixed(0)} times its JSON`);
