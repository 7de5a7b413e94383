// Fits of curves against psignifit 4.3 on the same answers, in turns, and what habits and scenes add.
//   CHIRALITY_PYTHON=…/bin/python node scripts/bench.mjs acuity
// The Python needs psignifit; without CHIRALITY_PYTHON, only our own times are printed.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fit } from '../../src/core/psychophysics/fit.ts';
import type { Answers } from '../../src/core/psychophysics/likelihood.ts';
import { Random } from '../../src/base/random.ts';
import {
  anyObserver,
  type Asked,
  CLIPS,
  LEVELS,
  seesAs,
  simulated,
  SPEEDS,
} from '../support/simulated-observers.ts';
import { compared, fixtures } from '../unit/core/psychophysics/parity.ts';

const FITS = 10;
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

/** Processor seconds of some work. */
function secondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const milliseconds = (values: number[]) => `${(1000 * median(values)).toFixed(0)} ms`.padStart(8);

const python = process.env.CHIRALITY_PYTHON;
if (python) {
  const peer = spawn(python, ['test/bench/acuity_psignifit.py'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  for (const n of [12, 48]) {
    const ours: number[] = [];
    const ratios: number[] = [];
    for (const curve of fixtures.filter((one) => one.n === n).slice(0, FITS)) {
      ours.push(secondsOf(() => compared(curve)));
      peer.stdin.write(`${JSON.stringify(curve)}\n`);
      const { done, value } = await lines.next();
      if (done) throw new Error('The Python peer ended: CHIRALITY_PYTHON names one with psignifit.');
      ratios.push((JSON.parse(value) as { cpu: number }).cpu / ours.at(-1)!);
    }
    console.log(
      `${n} answers a level, one shift`.padEnd(44),
      `${milliseconds(ours)}   psignifit’s time over ours: ${median(ratios).toFixed(1)}×`,
    );
  }
  peer.stdin.end();
}

const CASES: [name: string, scenes: number, asked?: Asked][] = [
  ['1,056 answers about sides, two habits', 12],
  ['1,056 answers about clips, three habits', 12, CLIPS],
  ['1,056 answers about speed, four habits', 6, SPEEDS],
];
for (const [name, scenes, asked] of CASES) {
  const answers = Array.from({ length: FITS }, (_, i): Answers => {
    const random = Random.from(`${name} ${i}`);
    const who = anyObserver(i % 2 === 0 ? 'shift' : 'replace', random, asked);
    return simulated([seesAs(who)], scenes, { by: 'noise', rho: 0.3 }, random, LEVELS, asked)[0]!;
  });
  console.log(name.padEnd(44), milliseconds(answers.map((each) => secondsOf(() => fit(each)))));
}
