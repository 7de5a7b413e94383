// How long the program takes to start, in times of a Node that does nothing: processor time and wall time, the least of
// several rounds, in which all take turns, because other work on the machine only adds to them.
//
//     npm run build && node scripts/bench.mjs start [rounds] [dist/cli.js]
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [rounds = '9', cli = 'dist/cli.js'] = process.argv.slice(2);
const NOTHING = ['-e', '0'];
const CALLS = [
  '--version',
  '-h',
  'mirorr',
  'view -h',
  'view mirror -h',
  'presets',
  'runs -h',
  'data check -h',
  'worlds -h',
  'sweep -h',
  'trace -h',
  'eval -h',
].map((line) => [cli, ...line.split(' ')]);

/** Processor time of this process's ended children so far, in ms; null where the system does not tell. */
function childrenTime(): number | null {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10; // the kernel counts in hundredths of a second
  } catch {
    return null;
  }
}

/** Many starts in a row, because the kernel's hundredths are coarse. @returns ms per start */
function start(args: readonly string[]): { wall: number; processor: number | null } {
  const times = 5;
  const [before, from] = [childrenTime(), performance.now()];
  for (let i = 0; i < times; i++) spawnSync(process.execPath, args, { stdio: 'ignore' });
  const [after, until] = [childrenTime(), performance.now()];
  return {
    wall: (until - from) / times,
    processor: before === null || after === null ? null : (after - before) / times,
  };
}

const all = [NOTHING, ...CALLS].map((args) => ({ args, wall: Infinity, processor: Infinity }));
for (let round = 0; round < Number(rounds); round++)
  for (const one of all) {
    const { wall, processor } = start(one.args);
    one.wall = Math.min(one.wall, wall);
    one.processor = Math.min(one.processor, processor ?? Infinity);
  }
const [nothing, ...called] = all;
console.log(
  `node -e 0: ${nothing!.wall.toFixed(0)} ms of the clock, ${nothing!.processor.toFixed(0)} of a processor`,
);
for (const { args, wall, processor } of called)
  console.log(
    `${args.slice(1).join(' ').padEnd(16)} ${(wall / nothing!.wall).toFixed(1)} times (clock), ${(processor / nothing!.processor).toFixed(1)} (processor)`,
  );
