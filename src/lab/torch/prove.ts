import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { arch, cpus, release, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { EngineConfig, type TorchEngine } from '../../core/config/engine.ts';
import { ask } from '../../engines/conformance/check.ts';
import { checkTrainer } from '../../engines/conformance/trainer.ts';
import type { Trainer, WeightedGroup } from '../../engines/trainer.ts';
import { onEarlyEnd } from '../files/leftovers.ts';
import { WorkerError } from '../../engines/torch/worker.ts';
import { diagnose, type Finding, makeSeeingModel } from './doctor.ts';
import { nvidiaDriver } from './build.ts';
import { pictures } from './quick-check.ts';
import { openTorchUnchecked } from './open.ts';

/** One part of the proof. */
export interface ProofPart {
  name: string;
  /** `warning`: it works, but not as intended. */
  state: Finding['state'];
  /** The findings, one sentence each, without paths or names of machines or users. */
  found: string[];
  seconds: number;
}

interface ProofOptions {
  /** A hub id or a folder; null for a small model with random weights, made for this. */
  model: string | null;
  device: TorchEngine['device'];
  /** Of this program and Node. */
  versions: Record<string, string>;
  /** Called before each part. */
  onPart: (name: string) => void;
}

type Found = Omit<ProofPart, 'name' | 'seconds'>;

/** The size of the timed call: a few pictures, and as many completions as a group of the paper has. */
const [PROMPTS, COMPLETIONS, TOKENS] = [4, 8, 64];
/**
 * How much the first loss and gradient of two processes may differ from those of one, as a share: the order of addition
 * differs.
 */
const SUM_TOLERANCE = { fp32: 1e-3, bf16: 0.05 };

/**
 * Tests the torch engine on this machine: the environment, every promise of the contract in both precisions, sampling,
 * a training step, and two processes. Takes minutes with a small model.
 * @returns one part after the other. If a part fails, the others still run, unless nothing can run without it.
 */
export async function* proveTorch({
  model,
  device,
  versions,
  onPart,
}: ProofOptions): AsyncGenerator<ProofPart> {
  const folder = await mkdtemp(join(tmpdir(), 'chirality-proof-'));
  const keepNothing = onEarlyEnd(() => rmSync(folder, { recursive: true, force: true }));
  let usable = true;
  async function part(name: string, work: () => Promise<Found>): Promise<ProofPart> {
    onPart(name);
    const start = performance.now();
    const found = await work().catch((error: unknown): Found => ({
      state: 'bad',
      found: [(error as Error).message.replaceAll(folder, 'the folder of the proof')],
    }));
    return { name, ...found, seconds: (performance.now() - start) / 1000 };
  }
  try {
    const environment = await part('environment', () => lookAround(versions));
    yield environment;
    if (environment.state === 'bad') return;
    const tried = model ?? join(folder, 'model');
    if (model === null) {
      const made = await part('a small model', async () => {
        const rows = join(folder, 'words.qa.jsonl');
        await writeFile(rows, await wordsOfTask());
        await makeSeeingModel(rows, tried);
        return { state: 'good', found: ['A Qwen2.5-VL of random weights.'] };
      });
      yield made;
      if (made.state === 'bad') return;
    }
    const open = (engine: object, onNote: (kind: string, message: string) => void = () => undefined) =>
      openTorchUnchecked(
        EngineConfig.parse({ kind: 'torch', model: tried, device, ...engine }) as TorchEngine,
        1,
        { onNote },
      );
    // A real model in float32 takes twice the memory of a run.
    for (const precision of model === null ? (['fp32', 'bf16'] as const) : (['bf16'] as const)) {
      const promises = await part(`promises in ${precision}`, () =>
        keepsPromises(open, precision, join(folder, precision)),
      );
      usable &&= promises.state !== 'bad';
      yield promises;
    }
    if (!usable) return;
    yield await part('sampling and training', () => timed(open));
    yield await part('two processes', () => agreeInPairs(open));
  } finally {
    keepNothing();
    await rm(folder, { recursive: true, force: true });
  }
}

type Open = (engine: object, onNote?: (kind: string, message: string) => void) => Promise<Trainer>;

/** What a reader of the report cannot know: program, system, memory and driver. */
async function machine({ chirality, node }: Record<string, string>): Promise<string> {
  const driver = await nvidiaDriver();
  return (
    `Chirality ${chirality}, Node ${node}; ${type()} ${release()} on ${arch()}, ${cpus().length} processors, ` +
    `${Math.round(totalmem() / 1e9)} GB of memory; ${driver === null ? 'no NVIDIA driver' : `NVIDIA driver ${driver}`}.`
  );
}

async function lookAround(versions: Record<string, string>): Promise<Found> {
  const findings = await diagnose();
  const states = findings.map(({ state }) => state);
  return {
    state: states.includes('bad') ? 'bad' : states.includes('warning') ? 'warning' : 'good',
    // The path of the interpreter would reveal a folder.
    found: [
      ...findings
        .filter(({ text }) => !/^(Python: |Not used: )/.test(text))
        .map(({ text, fix }) => [text.replace(/ \([^)]*[\\/][^)]*\)$/, ''), ...(fix ? [fix] : [])].join(' ')),
      await machine(versions),
    ],
  };
}

async function wordsOfTask(): Promise<string> {
  const { question, answers } = await pictures();
  const rows = answers.map((answer) => ({ question, answer, reasoning: answer }));
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

async function keepsPromises(open: Open, precision: 'fp32' | 'bf16', folder: string): Promise<Found> {
  const notes: string[] = [];
  const trainer = await open({ precision }, (_, message) => notes.push(message));
  try {
    const results = await checkTrainer(trainer, await pictures(), folder);
    const broken = results.filter(({ reason }) => reason !== null);
    const { runtime, parameters, trainableParameters, rounding } = trainer.info();
    return {
      state: broken.length > 0 ? 'bad' : notes.length > 0 ? 'warning' : 'good',
      found: [
        `${results.length - broken.length} of ${results.length} kept, on ${runtime}.`,
        `${parameters} weights, ${trainableParameters} of them trained. Log-probabilities may differ by ` +
          `${rounding.toPrecision(2)} nats on average from rounding.`,
        ...broken.map(({ name, reason }) => `Broken: ${name}. ${reason}`),
        ...notes,
      ],
    };
  } finally {
    await trainer.close();
  }
}

/** Times a call that samples and one that trains, each after a warm-up call. */
async function timed(open: Open): Promise<Found> {
  const notes: { kind: string; message: string }[] = [];
  const trainer = await open({}, (kind, message) => notes.push({ kind, message }));
  try {
    const { image, question } = await pictures();
    const { hash } = await trainer.putImage(image);
    const prompts = Array.from({ length: PROMPTS }, () => ask(hash, question));
    const options = { n: COMPLETIONS, temperature: 1, topP: 1, maxTokens: TOKENS };
    const clocked = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
      await work();
      const start = performance.now();
      return [await work(), (performance.now() - start) / 1000];
    };
    const [drawn, sampling] = await clocked(() => trainer.sample(prompts, options));
    const groups = drawn.map((group, g): WeightedGroup => ({
      prompt: prompts[g]!,
      completions: group.map(({ tokens }) => ({
        segments: [{ tokens, trained: true, weights: tokens.map(() => 1 / TOKENS) }],
      })),
    }));
    const [, training] = await clocked(() => trainer.forwardBackward(groups, { temperature: 1 }));
    const tokens = drawn.flat().reduce((n, completion) => n + completion.tokens.length, 0);
    const gigabytes = ((await trainer.usage()).peakMemory ?? 0) / 1e9;
    const captured = notes.some(({ kind }) => kind === 'plain-decoding')
      ? 'not captured, see below'
      : trainer.info().runtime.includes('cpu,')
        ? 'never captured on a processor'
        : 'captured as CUDA graphs, which draw the same';
    return {
      state: notes.length > 0 ? 'warning' : 'good',
      found: [
        `${PROMPTS} prompts × ${COMPLETIONS} completions: ${tokens} tokens sampled in ${sampling.toFixed(2)} s ` +
          `(${Math.round(tokens / sampling)} a second), their gradients in ${training.toFixed(2)} s.`,
        `Steps of decoding: ${captured}.`,
        `At most ${gigabytes.toFixed(2)} GB of memory.`,
        ...notes.map(({ message }) => message),
      ],
    };
  } finally {
    await trainer.close();
  }
}

/** Compares the first step of one process and of two: on two GPUs if there are two, otherwise on the processor. */
async function agreeInPairs(open: Open): Promise<Found> {
  const onGpus = (devices: number) => firstStep(open, { device: 'cuda', precision: 'bf16', devices });
  const onProcessor = (devices: number) => firstStep(open, { device: 'cpu', precision: 'fp32', devices });
  const two = await onGpus(2).catch((error: unknown) => {
    if (error instanceof WorkerError && error.code === 'no-cuda') return null;
    throw error;
  });
  const precision = two ? 'bf16' : 'fp32';
  const [expected, found] = two ? [await onGpus(1), two] : [await onProcessor(1), await onProcessor(2)];
  const apart = Math.max(...expected.map((x, i) => Math.abs(found[i]! / x - 1)));
  return {
    state: apart <= SUM_TOLERANCE[precision] ? 'good' : 'bad',
    found: [
      `Loss and length of the gradient differ by ${apart.toExponential(1)} of themselves from those of one process.`,
      two ? 'One process per GPU, over NCCL.' : 'On the processor, over gloo: there are no two GPUs.',
    ],
  };
}

/** Loss and gradient norm over two groups. */
async function firstStep(open: Open, engine: object): Promise<[number, number]> {
  const trainer = await open(engine);
  try {
    const { image, other, question, answers } = await pictures();
    const groups: WeightedGroup[] = [];
    for (const file of [image, other]) {
      const prompt = ask((await trainer.putImage(file)).hash, question);
      const { target } = await trainer.encode(prompt, answers[0]);
      const segment = { tokens: target, trained: true, weights: target.map(() => 1) };
      groups.push({ prompt, completions: [{ segments: [segment] }] });
    }
    const { loss } = await trainer.forwardBackward(groups, { temperature: 1 });
    const { gradNorm } = await trainer.optimStep({
      learningRate: 1e-4,
      betas: [0.9, 0.99],
      eps: 1e-8,
      weightDecay: 0,
      gradClip: 1,
    });
    return [loss, gradNorm ?? Number.NaN];
  } finally {
    await trainer.close();
  }
}

/** The proof as Markdown, to attach to a bug report. */
export function proofDocument(parts: readonly ProofPart[]): string {
  const rows = parts.map(({ name, state, seconds }) => `| ${name} | ${state} | ${seconds.toFixed(1)} s |`);
  const details = parts.map(
    ({ name, found }) => `## ${name}\n\n${found.map((text) => `- ${text}`).join('\n')}`,
  );
  return `# The torch engine on this machine\n\n| part | | took |\n| --- | --- | ---: |\n${rows.join('\n')}\n\n${details.join('\n\n')}\n`;
}
