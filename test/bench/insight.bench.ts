// What looking costs: scoring rows while reading the masses of two words on two boxes, next to scoring alone; the same
// rows, batches and weights in one process, by turns.
import { Random } from '../../src/base/random.ts';
import { ask } from '../../src/engines/conformance/sampler-conformance.ts';
import { openEmbedded } from '../../src/engines/embedded/open-embedded.ts';
import { vocabularyOf } from '../../src/engines/embedded/tokenizer.ts';
import type { InspectCase, Wanted } from '../../src/engines/inspector.ts';

const ROWS = 128;
const ROUNDS = 15;
const SIDE = 64;
const QUESTION = 'where is the red-cube from the blue-cube ?';
const ANSWER =
  '<think>red-cube left-2 5 metres , blue-cube right-1 5 metres , to left</think> <answer>left</answer>';

const random = Random.from(1);
const engine = await openEmbedded({
  // As the demo's model.
  model: {
    shape: {
      width: 128,
      layers: 3,
      heads: 4,
      imageSize: SIDE,
      patchSize: 8,
      promptTokens: 24,
      completionTokens: 32,
    },
    words: vocabularyOf([QUESTION, ANSWER]),
  },
  seed: 1,
  threads: 2,
  decodeImage: (data, { side }) => Promise.resolve({ width: side, height: side, data }),
});
const cases: InspectCase[] = [];
for (let i = 0; i < ROWS; i++) {
  const rgb = Uint8Array.from({ length: SIDE * SIDE * 3 }, () => random.below(256));
  const { hash } = await engine.putImage(rgb);
  const word = (text: string) => {
    const start = QUESTION.indexOf(text);
    return { message: 0, part: 1, start, end: start + text.length };
  };
  cases.push({
    prompt: ask(hash, QUESTION),
    completion: ANSWER,
    model: 'policy',
    parts: [],
    queries: ['red-cube', 'blue-cube'].map((name) => ({ name, at: word(name) })),
    boxes: [
      { name: 'a', box: [0.1, 0.4, 0.3, 0.6] },
      { name: 'b', box: [0.6, 0.4, 0.8, 0.6] },
    ],
  });
}
const { target } = await engine.encode(cases[0]!.prompt, ANSWER);
const groups = cases.map(({ prompt }) => ({
  prompt,
  completions: [{ segments: [{ tokens: target, trained: true }] }],
}));
const wanted: Wanted = {
  layers: 'all',
  attention: 'mass',
  sources: false,
  hidden: [],
  lens: [],
  wordsAt: null,
  block: [],
  patch: null,
};

/** Milliseconds of processor time, which other programs on the machine hardly change. */
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
};
const score = () => engine.forward(groups, { model: 'policy', temperature: 1 });
const look = () => engine.inspect(cases, wanted);
await score();
await look();
const ratios: number[] = [];
const times: [number[], number[]] = [[], []];
for (let round = 0; round < ROUNDS; round++) {
  const [alone, looking] = [await timed(score), await timed(look)];
  ratios.push(looking / alone);
  times[0].push(alone);
  times[1].push(looking);
}
await engine.close();
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
console.log(`Scoring ${ROWS} rows   ${median(times[0]).toFixed(0)} ms`);
console.log(`With masses       ${median(times[1]).toFixed(0)} ms`);
console.log(`Ratio             ${median(ratios).toFixed(2)} (at most 1.10 wanted)`);
