import { sum, at, type Values } from '../../base/numbers.ts';
import { MIRROR, ORIGINAL, type PixelView } from '../../rows/view-list.ts';
import type { InspectCase, Inspector, Wanted } from '../inspector.ts';
import type { Trainer } from '../trainer.ts';
import { ask, mustThrow, type Check, type ConformanceTask } from './sampler-conformance.ts';
import { trainerChecks, type TrainerCheck } from './trainer-conformance.ts';

export type InspectedTrainer = Trainer & Inspector;

/** Checks for every engine with `inspect-…` features. Sums of weights may differ from 1 by rounding. */
export const inspectorChecks: Check<InspectedTrainer>[] = [
  {
    name: 'inspection does not change log-probabilities',
    async run(engine, task) {
      const inspectCase = await caseOf(engine, task);
      const plain = await logprobsOf(engine, inspectCase);
      const [seen] = await engine.inspect([inspectCase], EVERYTHING);
      const again = await logprobsOf(engine, inspectCase);
      if (plain.join() !== again.join()) return 'Scores differ before and after inspection.';
      return plain.join() === seen!.logprobs.join() ? null : 'Scores differ during inspection.';
    },
  },
  {
    name: 'the attention weights of a query sum to 1',
    async run(engine, task) {
      const [seen] = await engine.inspect([await caseOf(engine, task)], EVERYTHING);
      const { sources, share, weights, mass } = seen!;
      const [, , , n] = sources!.shape as [number, number, number, number];
      for (let row = 0; row < sources!.data.length / n; row++) {
        const bins = sources!.data.subarray(row * n, (row + 1) * n);
        if (Math.abs(sum(bins) - 1) > 1e-4)
          return `The attention weights of the sources sum to ${sum(bins)}.`;
        const cells = weights!.shape[3]!;
        const onPicture = sum(weights!.data.subarray(row * cells, (row + 1) * cells));
        if (Math.abs(onPicture - share!.data[row]!) > 1e-4 || Math.abs(onPicture - bins[0]!) > 1e-4)
          return `The weights of the image cells sum to ${onPicture}, but the image's share is ${share!.data[row]}.`;
        const whole = mass!.data[row * 2 + 1]!;
        if (Math.abs(whole - 1) > 1e-4) return `The attention weight of the whole image is ${whole}.`;
      }
      return null;
    },
  },
  {
    name: 'later tokens are not visible',
    async run(engine, task) {
      const inspectCase = await caseOf(engine, task);
      const alone = { ...inspectCase, completion: '' };
      const [long, short] = await engine.inspect([inspectCase, alone], EVERYTHING);
      return near(long!.weights!, short!.weights!, engine, 'between maps with and without a completion');
    },
  },
  {
    name: 'the map of the mirror equals the map of a mirrored file',
    async run(engine, task) {
      const [plain, turned] = [await caseOf(engine, task), await caseOf(engine, task, MIRROR)];
      const file = await caseOf(engine, { ...task, image: task.mirrored });
      const [a, b, c] = await engine.inspect([plain, turned, file], EVERYTHING);
      if (!near(a!.weights!, b!.weights!, engine, ''))
        return 'The mirrored view has the same map as the original.';
      return near(b!.weights!, c!.weights!, engine, 'between engine mirror and mirrored file');
    },
  },
  {
    name: 'the logit lens at the last layer equals the model output',
    async run(engine, task) {
      const inspectCase = await caseOf(engine, task);
      const [logprob] = await logprobsOf(engine, inspectCase);
      const [seen] = await engine.inspect([inspectCase], { ...EVERYTHING, lens: [firstWord(task)] });
      const last = at(seen!.lens!, seen!.lens!.shape[0]! - 1)[0]!;
      return Math.abs(last - logprob!) <= engine.info().rounding
        ? null
        : `The log-probability is ${last} by the logit lens, but ${logprob} by the model.`;
    },
  },
  {
    name: 'an empty block has no effect, and the content of a blocked image does not change scores',
    async run(engine, task) {
      const cases = [await caseOf(engine, task), await caseOf(engine, { ...task, image: task.other })];
      const [one, other] = await engine.inspect(cases, { ...EVERYTHING, block: BLOCKS });
      const lens = Float32Array.from(at(one!.lens!, one!.lens!.shape[0]! - 1));
      const [nothing, hidden] = [at(one!.blocked!, 0), at(one!.blocked!, 1)];
      return (
        nearby(lens, nothing, engine, 'between logit lens and scores with an empty block') ??
        nearby(hidden, at(other!.blocked!, 1), engine, 'between scores of two blocked images') ??
        (nearby(lens, hidden, engine, '') ? null : 'Blocking all image tokens does not change the scores.')
      );
    },
  },
  {
    name: 'a patch from the same case has no effect, and a patch of the whole last layer gives the scores of the other case',
    async run(engine, task) {
      const cases = [await caseOf(engine, task), await caseOf(engine, { ...task, image: task.other })];
      const patch = { from: 1, positions: 'all' } as const;
      const [one, other] = await engine.inspect(cases, { ...EVERYTHING, patch });
      const layers = other!.lens!.shape[0]!;
      const theirs = at(other!.lens!, layers - 1);
      for (let layer = 0; layer < layers; layer++) {
        const reason = nearby(at(other!.patched!, layer), theirs, engine, `with a self-patch of ${layer}`);
        if (reason) return reason;
      }
      if (!nearby(at(one!.lens!, layers - 1), theirs, engine, ''))
        return 'The two images have the same scores.';
      return nearby(at(one!.patched!, layers - 1), theirs, engine, 'after a patch of the last layer');
    },
  },
  {
    name: 'invalid requests are rejected',
    async run(engine, task) {
      const inspectCase = await caseOf(engine, task);
      const nowhere = { message: 0, part: 1, start: 9999, end: 10_000 };
      const bad: [string, InspectCase, Wanted][] = [
        ['a missing layer', inspectCase, { ...EVERYTHING, layers: [999] }],
        ['a query without tokens', { ...inspectCase, queries: [{ name: 'here', at: nowhere }] }, EVERYTHING],
        ['the hidden state of a missing query', inspectCase, { ...EVERYTHING, hidden: ['nothing'] }],
        ['words at a missing query', inspectCase, { ...EVERYTHING, wordsAt: 'nothing' }],
      ];
      for (const [what, refused, wanted] of bad) {
        const reason = await mustThrow(
          () => engine.inspect([refused], wanted),
          `The engine accepted ${what}.`,
        );
        if (reason) return reason;
      }
      return null;
    },
  },
];

export const allChecks: readonly TrainerCheck[] = [...trainerChecks, ...inspectorChecks];

const BLOCKS: Wanted['block'] = [
  { keys: 'nothing', layers: 'all' },
  { keys: 'picture', layers: 'all' },
];

const EVERYTHING: Wanted = {
  layers: 'all',
  attention: 'heads',
  sources: true,
  hidden: ['here', 'last', 'left half'],
  lens: ['red', 'green'],
  wordsAt: 'last',
  block: [],
  patch: null,
};

async function caseOf(
  engine: Trainer,
  { image, question, answers }: ConformanceTask,
  view: PixelView = ORIGINAL,
): Promise<InspectCase> {
  const { hash } = await engine.putImage(image);
  return {
    prompt: ask(hash, question, view),
    completion: answers[0],
    model: 'policy',
    queries: [
      { name: 'here', at: { message: 0, part: 1, start: 0, end: question.length } },
      { name: 'last', at: 'last-prompt' },
    ],
    parts: [{ name: 'question', span: { message: 0, part: 1, start: 0, end: question.length } }],
    boxes: [
      { name: 'left half', box: [0, 0, 0.5, 1] },
      { name: 'all', box: [0, 0, 1, 1] },
    ],
  };
}

/** Returns the first token of a task's first answer, which represents the answer. */
const firstWord = ({ answers }: ConformanceTask): string => answers[0].split(/(?<=>)|\s/)[0]!;

async function logprobsOf(engine: Trainer, { prompt, completion }: InspectCase): Promise<number[]> {
  const { target } = await engine.encode(prompt, completion);
  const group = { prompt, completions: [{ segments: [{ tokens: target, trained: true }] }] };
  const [scores] = await engine.forward([group], { model: 'policy', temperature: 1 });
  return scores![0]![0]!.logprobs;
}

const near = (a: Values, b: Values, engine: Trainer, what: string) => nearby(a.data, b.data, engine, what);

function nearby(a: Float32Array, b: Float32Array, engine: Trainer, what: string): string | null {
  if (a.length !== b.length) return `The numbers of values, ${a.length} and ${b.length}, differ ${what}.`;
  const largest = a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
  return largest <= engine.info().rounding ? null : `Values differ by up to ${largest} ${what}.`;
}
