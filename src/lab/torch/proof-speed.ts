import { fixed } from '../../base/format.ts';
import { ADAMW, clocked, type Found, noted, type Open } from './proof-parts.ts';
import { ask } from '../../engines/conformance/sampler-conformance.ts';
import type { WeightedGroup } from '../../engines/trainer.ts';
import { halves } from './quick-check.ts';

/** Size of a step: number of prompts with one image, and number of completions per prompt. */
interface Step {
  prompts: number;
  n: number;
  completion: number;
  side: number;
}

/** Size of the step in the table in docs/engines.md. Its prompts have about 340 tokens, 256 of them for the image. */
export const STEP: Step = { prompts: 8, n: 8, completion: 256, side: 448 };
/** Size of a step that takes seconds on a CPU. */
export const SMALL_STEP: Step = { prompts: 2, n: 4, completion: 16, side: 224 };

/** Times of a step in seconds, and rates of the device per second. */
interface Measured {
  name: string;
  /** Floating-point operations in large products, per second. */
  products: number;
  copies: number;
  /** Time for one token of all completions. */
  tokenStep: number;
  reference: number;
  update: number;
  /** Time for the whole step: vision, prompts, tokens, reference model, update and optimiser. */
  step: number;
}

/** Measured values of the GPU in docs/engines.md, with `STEP` and the shapes of Qwen2.5-VL-3B. */
const TABLE: Measured = {
  name: 'an H100',
  products: 780e12,
  copies: 2.93e12,
  tokenStep: 12.8e-3,
  reference: 0.47,
  update: 1.27,
  step: 5.2,
};

/**
 * Measures the parts of a step, and compares the times with this device's rates.
 * @param like whether model and step match the table of reference times
 */
export async function measures(open: Open, engine: object, step: Step, like: boolean): Promise<Found> {
  return noted(open, engine, async (trainer) => {
    const { prompts, n, completion, side } = step;
    const files = await Promise.all(
      Array.from({ length: prompts }, (_, i) => halves([40 + 20 * i, 80, 200], [240, 240, 230], side)),
    );
    const [questions, vision] = await timed(async () => {
      const put = await Promise.all(files.map((file) => trainer.putImage(file)));
      return put.map(({ hash }) => ask(hash, QUESTION));
    });
    const prompt = (await trainer.encode(questions[0]!)).prompt.length;
    const draw = (maxTokens: number) =>
      trainer.sample(questions, { n, temperature: 1, topP: 1, maxTokens, seed: 1 });
    // Warms up: the first call also captures steps and encodes images.
    const [drawn, generation] = await clocked(() => draw(completion));
    const [, beginning] = await clocked(() => draw(1));
    const steps = Math.max(...drawn.flat().map(({ tokens }) => tokens.length));
    await trainer.setReference('base');
    const groups = drawn.map((group, g): WeightedGroup => ({
      prompt: questions[g]!,
      completions: group.map(({ tokens }) => ({
        segments: [{ tokens, trained: true, weights: tokens.map(() => 1 / (completion * n * prompts)) }],
      })),
    }));
    // In the first updates, passes grow to the largest size that fits in memory.
    for (let i = 0; i < 2; i++) await trainer.forwardBackward(groups, { temperature: 1 });
    const [, reference] = await clocked(() =>
      trainer.forward(groups, { model: 'reference', temperature: 1 }),
    );
    const [, update] = await timed(() => trainer.forwardBackward(groups, { temperature: 1 }));
    const [, optimiser] = await timed(() => trainer.optimStep(ADAMW));
    const peak = (await trainer.usage()).peakMemory ?? 0;
    const rates = await trainer.rates({ prompts, prompt, n, completion });
    const here: Measured = {
      name: 'this device',
      ...rates,
      tokenStep: (generation - beginning) / Math.max(1, steps - 1),
      reference,
      update,
      step: vision + generation + reference + update + optimiser,
    };
    const limit = {
      tokenStep: rates.token_step / rates.copies,
      reference: rates.reference / rates.products,
      update: rates.update / rates.products,
    };
    const table = (value: string) => (like ? `; ${TABLE.name}: ${value}` : '');
    return {
      state: 'good',
      found: [
        `${fixed(rates.products / 1e12, 3)} TFLOP/s in large products, ${fixed(rates.copies / 1e12, 3)} TB/s copied${table(`${fixed(TABLE.products / 1e12, 0)} and ${TABLE.copies / 1e12}`)}.`,
        `A step of ${prompts} prompts of ${prompt} tokens × ${n} completions × ${completion} tokens takes ${fixed(here.step, 2)} s${table(`${TABLE.step} s`)}. Peak memory: ${fixed(peak / 1e9, 1)} GB.`,
        `A token step takes ${fixed(here.tokenStep * 1e3, 1)} ms${table(`${TABLE.tokenStep * 1e3} ms`)}. Reading the weights (${fixed(rates.token_step / 1e9, 2)} GB) alone takes ${share(limit.tokenStep, here.tokenStep)} of this time.`,
        ...(['reference', 'update'] as const).map(
          (part) =>
            `${part === 'update' ? 'An update' : 'The reference model'} takes ${fixed(here[part], 2)} s${table(`${TABLE[part]} s`)}. At the rate of large products, its matrix products (${fixed(rates[part] / 1e12, 2)} TFLOP) take ${share(limit[part], here[part])} of this time.`,
        ),
      ],
    };
  });
}

const QUESTION = 'Is the red cube to the left of the blue ball? The green chair is behind the wooden table. '
  .repeat(4)
  .trim();

const share = (bound: number, measured: number): string => `${fixed((100 * bound) / measured, 1)}%`;

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await work(), (performance.now() - start) / 1000];
}
