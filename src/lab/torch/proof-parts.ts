import { fixed } from '../../base/format.ts';
import {
  pictureEffect,
  pictureEffectText,
  type AnswerLikelihoods,
} from '../../core/metrics/picture-effect.ts';
import { mean, sum } from '../../base/numbers.ts';
import { ask } from '../../engines/conformance/sampler-conformance.ts';
import { allChecks } from '../../engines/conformance/inspector-conformance.ts';
import { checkTrainer } from '../../engines/conformance/trainer-conformance.ts';
import type { TorchTrainer } from '../../engines/torch/torch-engine.ts';
import { WorkerError } from '../../engines/torch/worker.ts';
import type { OptimOptions, Trainer, WeightedGroup } from '../../engines/trainer.ts';
import type { Finding } from './doctor.ts';
import { halves, pictures } from './quick-check.ts';

/** Findings of a part of the proof, one sentence each. `warning`: the part works, but not as intended. */
export interface Found {
  state: Finding['state'];
  found: string[];
}

/** Opens the model of the proof with these settings of `engine`. */
export type Open = (
  engine: object,
  onNote?: (kind: string, message: string) => void,
) => Promise<TorchTrainer>;

const PROMPTS = 4;
/** Shapes of timed calls: tokens per completion, and completions per prompt. The first shape is like the paper's. */
const DRAWN = [
  [1, 8],
  [64, 8],
  [500, 2],
] as const;
/** Number of training steps in which the loss of two answers must decrease. */
const STEPS = 4;
/** Maximum relative difference of loss and gradient between sums in different orders. */
const SUM_TOLERANCE = { fp32: 1e-3, bf16: 0.05 };

export const ADAMW: OptimOptions = {
  learningRate: 1e-4,
  betas: [0.9, 0.99],
  eps: 1e-8,
  weightDecay: 0,
  gradClip: 1,
};

/** Checks every contract of the conformance suite. @param folder folder for checkpoints of the checks */
export async function keepsPromises(open: Open, precision: 'fp32' | 'bf16', folder: string): Promise<Found> {
  return noted(open, { precision }, async (trainer) => {
    const results = await checkTrainer(trainer, await pictures(), folder, allChecks);
    const broken = results.filter(({ reason }) => reason !== null);
    const { runtime, parameters, trainableParameters, rounding } = trainer.info();
    return {
      state: broken.length > 0 ? 'bad' : 'good',
      found: [
        `${results.length - broken.length} of ${results.length} checks passed on ${runtime}.`,
        `${parameters} weights, of which ${trainableParameters} are trainable. Rounding can change log-probabilities by ${rounding.toPrecision(2)} nats on average.`,
        ...broken.map(({ name, reason }) => `Failed: ${name}. ${reason}`),
      ],
    };
  });
}

/**
 * Samples completions of several lengths and computes their gradients, each after a warm-up call. Compares sampled
 * log-probabilities with the log-probabilities of a forward pass.
 * @param captured whether decoding steps can be captured, which never happens on a CPU
 */
export async function draws(open: Open, captured: 'auto' | 'off'): Promise<Found & { onProcessor: boolean }> {
  let onProcessor = false;
  const result = await noted(open, { captured }, async (trainer) => {
    onProcessor = trainer.info().runtime.includes('cpu,');
    const { image, question } = await pictures();
    const { hash } = await trainer.putImage(image);
    const prompts = Array.from({ length: PROMPTS }, () => ask(hash, question));
    const texts: string[] = [];
    let state: Found['state'] = 'good';
    for (const [maxTokens, n] of DRAWN) {
      const options = { n, temperature: 1, topP: 1, maxTokens, seed: 1 };
      const [drawn, sampling] = await clocked(() => trainer.sample(prompts, options));
      const groups = drawn.map((group, g): WeightedGroup => ({
        prompt: prompts[g]!,
        completions: group.map(({ tokens }) => ({
          segments: [{ tokens, trained: true, weights: tokens.map(() => 1 / maxTokens) }],
        })),
      }));
      const [{ logprobs }, training] = await clocked(() =>
        trainer.forwardBackward(groups, { temperature: 1 }),
      );
      const rescored = logprobs.flat(3);
      const drawnLogprobs = drawn.flat().flatMap((completion) => completion.logprobs);
      const gap = mean(drawnLogprobs.map((lp, i) => Math.abs(lp - rescored[i]!))) ?? NaN;
      if (!(gap <= trainer.info().rounding)) state = 'bad';
      texts.push(
        `${PROMPTS} prompts × ${n} completions of at most ${maxTokens} tokens. The engine sampled ${drawnLogprobs.length} tokens in ${fixed(sampling, 2)} s (${Math.round(drawnLogprobs.length / sampling)} per second) and computed gradients in ${fixed(training, 2)} s. Log-probabilities of sampling and of a second pass differ by ${gap.toPrecision(2)} nats on average.`,
      );
    }
    const windows = await trainer.windows();
    if (windows !== null) texts.push(`Attention in image windows: ${windows}.`);
    return { state, found: [...texts, await memory(trainer)] };
  });
  return { ...result, onProcessor };
}

/** Colours of the image half that the model is asked about. The other half is nearly white, or grey. */
const COLOURS = [
  [210, 40, 40],
  [40, 80, 200],
  [40, 150, 60],
  [220, 160, 30],
] as const;
const WHITE = [240, 240, 230] as const;
const GREY = [128, 128, 128] as const;
const SIDES = ['left', 'right'] as const;

/**
 * Compares log-probabilities of right answers with the right image, a grey image, and an image of the opposite answer.
 * @param isNew whether weights are random. If so, images only have to change log-probabilities
 */
export async function sees(open: Open, isNew: boolean): Promise<Found> {
  return noted(open, {}, async (trainer) => {
    const { question } = await pictures();
    const prompt = async (left: readonly number[], right: readonly number[]) =>
      ask((await trainer.putImage(await halves(left, right))).hash, question);
    const coloured = (colour: readonly number[], side: (typeof SIDES)[number]) =>
      side === 'left' ? prompt(colour, WHITE) : prompt(WHITE, colour);
    const answers: AnswerLikelihoods[] = [];
    for (const [c, colour] of COLOURS.entries())
      for (const side of SIDES) {
        const { target } = await trainer.encode(await coloured(colour, side), answerOf(side));
        const opposite = side === 'left' ? 'right' : 'left';
        const prompts = [
          await coloured(colour, side),
          await prompt(GREY, GREY),
          await coloured(COLOURS[(c + 1) % COLOURS.length]!, opposite),
        ];
        const segments = [{ tokens: target, trained: true }];
        const scored = await trainer.forward(
          prompts.map((each) => ({ prompt: each, completions: [{ segments }] })),
          { model: 'policy', temperature: 1 },
        );
        const [picture, grey, other] = scored.map(([completion]) => sum(completion![0]!.logprobs));
        answers.push({
          cluster: `${c} ${side}`,
          length: target.length,
          picture: picture!,
          grey: grey!,
          other: other!,
        });
      }
    const effect = pictureEffect(answers, trainer.info().rounding);
    const right = isNew ? effect.sight !== 'unmoved' : effect.sight === 'sees';
    return {
      state: right ? 'good' : 'warning',
      found: [
        isNew && right
          ? 'Images change the log-probabilities of answers, as expected for random weights.'
          : pictureEffectText(effect),
      ],
    };
  });
}

/** Uses words from the answers of the conformance suite, because a new model knows no other words. */
const answerOf = (side: (typeof SIDES)[number]) => `It is on the ${side} side.`;

/**
 * Takes steps on two answers, and checks that their loss decreases.
 * @param like loss and gradient of a first step, to be reproduced
 * @returns also the loss and gradient of its own first step
 */
export async function learns(
  open: Open,
  engine: object,
  like?: readonly [number, number],
): Promise<Found & { first: readonly [number, number] }> {
  let first: readonly [number, number] = [Number.NaN, Number.NaN];
  const result = await noted(open, engine, async (trainer) => {
    const groups = await twoAnswers(trainer);
    const losses: number[] = [];
    for (let i = 0; i < STEPS; i++) {
      const { loss } = await trainer.forwardBackward(groups, { temperature: 1 });
      const { gradNorm } = await trainer.optimStep(ADAMW);
      if (i === 0) first = [loss, gradNorm ?? Number.NaN];
      losses.push(loss);
    }
    const apart = like && differenceOf(first, like);
    const right = losses.at(-1)! < losses[0]! && !(apart !== undefined && !(apart <= SUM_TOLERANCE.bf16));
    return {
      state: right ? 'good' : 'bad',
      found: [
        `Loss in ${STEPS} steps: ${losses.map((loss) => loss.toPrecision(4)).join(', ')}.`,
        ...(apart === undefined
          ? []
          : [`The first step differs from “adapter” by ${apart.toExponential(1)} (relative).`]),
        await memory(trainer),
      ],
    };
  });
  return { ...result, first };
}

/** Compares the first step in one process and in two processes, on two GPUs if available, otherwise on the CPU. */
export async function agreeInPairs(open: Open): Promise<Found> {
  const onGpus = (devices: number) => firstStep(open, { device: 'cuda', precision: 'bf16', devices });
  const onProcessor = (devices: number) => firstStep(open, { device: 'cpu', precision: 'fp32', devices });
  const two = await onGpus(2).catch((error: unknown) => {
    if (error instanceof WorkerError && error.code === 'no-cuda') return null;
    throw error;
  });
  const precision = two ? 'bf16' : 'fp32';
  const [expected, measured] = two ? [await onGpus(1), two] : [await onProcessor(1), await onProcessor(2)];
  const apart = differenceOf(measured, expected);
  return {
    state: apart <= SUM_TOLERANCE[precision] ? 'good' : 'bad',
    found: [
      `Loss and gradient norm of one and two processes differ by ${apart.toExponential(1)} (relative).`,
      two
        ? 'The test ran one process per GPU, over NCCL.'
        : 'The test ran on the CPU, over gloo, because the machine has fewer than two GPUs.',
    ],
  };
}

async function firstStep(open: Open, engine: object): Promise<[number, number]> {
  const trainer = await open(engine);
  try {
    const { loss } = await trainer.forwardBackward(await twoAnswers(trainer), { temperature: 1 });
    const { gradNorm } = await trainer.optimStep(ADAMW);
    return [loss, gradNorm ?? Number.NaN];
  } finally {
    await trainer.close();
  }
}

async function twoAnswers(trainer: Trainer): Promise<WeightedGroup[]> {
  const { image, other, question, answers } = await pictures();
  const groups: WeightedGroup[] = [];
  for (const file of [image, other]) {
    const prompt = ask((await trainer.putImage(file)).hash, question);
    const { target } = await trainer.encode(prompt, answers[0]);
    const segment = { tokens: target, trained: true, weights: target.map(() => 1) };
    groups.push({ prompt, completions: [{ segments: [segment] }] });
  }
  return groups;
}

/** Returns the maximum relative difference, or NaN if any value is NaN. */
const differenceOf = (found: readonly number[], expected: readonly number[]): number =>
  Math.max(...expected.map((x, i) => Math.abs(found[i]! / x - 1)));

/** Runs work with a trainer, and then closes the trainer. Fallbacks of the engine become warnings. */
export async function noted(
  open: Open,
  engine: object,
  work: (trainer: TorchTrainer) => Promise<Found>,
): Promise<Found> {
  const notes: string[] = [];
  const trainer = await open(engine, (_, message) => notes.push(message));
  try {
    const { state, found } = await work(trainer);
    return { state: state === 'good' && notes.length > 0 ? 'warning' : state, found: [...found, ...notes] };
  } finally {
    await trainer.close();
  }
}

/** Returns the result and duration (s) of a call, after a warm-up call. */
export async function clocked<T>(work: () => Promise<T>): Promise<[T, number]> {
  await work();
  const start = performance.now();
  return [await work(), (performance.now() - start) / 1000];
}

const memory = async (trainer: Trainer): Promise<string> =>
  `Peak memory: ${fixed(((await trainer.usage()).peakMemory ?? 0) / 1e9, 2)} GB.`;
