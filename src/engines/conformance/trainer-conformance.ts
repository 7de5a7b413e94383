import { sum } from '../../base/numbers.ts';
import { join } from 'node:path';
import type { Prompt } from '../../core/prompts/message.ts';
import type { Group, OptimOptions, Trainer, WeightedGroup, WeightedSegment } from '../trainer.ts';
import { ask, type CheckResult, type ConformanceTask, samplerChecks } from './sampler-conformance.ts';
import { MIRROR } from '../../rows/view-list.ts';

/** One check for every trainer, like `Check`. `folder/start` contains the trainer's state before the check. */
export interface TrainerCheck {
  name: string;
  run(trainer: Trainer, task: ConformanceTask, folder: string): Promise<string | null>;
}

/**
 * Runs checks one after another, and restores the trainer's current state before each check. `folder` is an empty
 * folder for checkpoints. Every engine passes all checks in its tests.
 */
export async function checkTrainer(
  trainer: Trainer,
  task: ConformanceTask,
  folder: string,
  checks: readonly TrainerCheck[] = trainerChecks,
): Promise<CheckResult[]> {
  const start = join(folder, 'start');
  await trainer.save(start);
  const results: CheckResult[] = [];
  for (const { name, run } of checks) {
    const reason = await run(trainer, task, folder).catch(
      (error: Error) => `The check failed: ${error.message}`,
    );
    results.push({ name, reason });
    await trainer.load(start, 'everything');
  }
  return results;
}

export const trainerChecks: readonly TrainerCheck[] = [
  ...samplerChecks,
  {
    name: 'later tokens and other completions do not affect earlier log-probabilities',
    async run(trainer, task) {
      const { prompt, answers } = await prepare(trainer, task);
      const [tokens, others] = answers;
      const changed = [...tokens.slice(0, -1), others.find((id) => id !== tokens.at(-1))!];
      const [before] = await score(trainer, prompt, [tokens, tokens]);
      const [after] = await score(trainer, prompt, [tokens, changed]);
      const [alone] = await score(trainer, prompt, [changed, others]);
      return (
        differs(before!, after!, tolerance(trainer), 'after a change of another completion') ??
        differs(before!.slice(0, -1), alone!.slice(0, -1), tolerance(trainer), 'before a changed last token')
      );
    },
  },
  {
    name: 'sampled log-probabilities and entropies equal the forward pass',
    async run(trainer, task) {
      const { prompt } = await prepare(trainer, task);
      for (const temperature of trainer.info().features.includes('temperature') ? [1, 0.9] : [1]) {
        const [drawn] = await trainer.sample([prompt], { n: 4, temperature, topP: 1, maxTokens: 8 });
        const group = { prompt, completions: drawn!.map(({ tokens }) => segmentOf(tokens)) };
        const [scored] = await trainer.forward([group], { model: 'policy', temperature });
        for (const [i, { logprobs, entropies }] of drawn!.entries()) {
          const [segment] = scored![i]!;
          const reason =
            differs(
              logprobs,
              segment!.logprobs,
              tolerance(trainer),
              `between sampled and rescored log-probabilities at temperature ${temperature}`,
            ) ??
            differs(
              entropies ?? [],
              segment!.entropies ?? [],
              tolerance(trainer),
              `between sampled and rescored entropies at temperature ${temperature}`,
            );
          if (reason) return reason;
        }
      }
      return null;
    },
  },
  {
    name: 'a group equals its completions computed separately',
    async run(trainer, task, folder) {
      const { prompt, answers } = await prepare(trainer, task);
      const whole = weighted(prompt, answers, [1, -0.5]);
      const parts = answers.map((tokens, i) => weighted(prompt, [tokens], [[1, -0.5][i]!]));
      const after = async (calls: WeightedGroup[][]) => {
        await trainer.load(join(folder, 'start'), 'everything');
        for (const groups of calls) await trainer.forwardBackward(groups, { temperature: 1 });
        await trainer.optimStep(SMOOTH);
        return (await score(trainer, prompt, answers)).flat();
      };
      const together = await after([[whole]]);
      return (
        differs(together, await after([parts]), tolerance(trainer), 'with one group per completion') ??
        differs(together, await after(parts.map((part) => [part])), tolerance(trainer), 'with several calls')
      );
    },
  },
  {
    name: 'a run that was saved, loaded and continued equals an uninterrupted run',
    async run(trainer, task, folder) {
      if (!trainer.info().features.includes('exact-resume')) return null;
      const { prompt, answers } = await prepare(trainer, task);
      await trainer.setReference('current');
      const steps = async () => {
        for (let i = 0; i < 2; i++) {
          await trainer.forwardBackward([weighted(prompt, answers, [1, 0.3])], { temperature: 1 });
          await trainer.optimStep(STEP);
        }
        const [group] = await trainer.sample([prompt], { n: 2, temperature: 1, topP: 1, maxTokens: 8 });
        const reference = await trainer.forward([groupOf(prompt, answers)], {
          model: 'reference',
          temperature: 1,
        });
        return JSON.stringify([await score(trainer, prompt, answers), group, reference]);
      };
      await steps();
      await trainer.save(join(folder, 'middle'));
      const straight = await steps();
      await trainer.load(join(folder, 'middle'), 'everything');
      return (await steps()) === straight ? null : 'Steps after loading gave different values.';
    },
  },
  {
    name: 'zero weights have no effect',
    async run(trainer, task, folder) {
      const { prompt, answers } = await prepare(trainer, task);
      // Resets the moments of the optimiser, because moments of earlier steps would change the weights.
      await trainer.load(join(folder, 'start'), 'weights');
      const before = (await score(trainer, prompt, answers)).flat();
      await trainer.forwardBackward([weighted(prompt, answers, [0, 0])], { temperature: 1 });
      const { gradNorm } = await trainer.optimStep({ ...STEP, weightDecay: 0 });
      if (gradNorm !== 0) return `The gradient of zero weights has length ${gradNorm}.`;
      return differs(before, (await score(trainer, prompt, answers)).flat(), 0, 'after zero weights');
    },
  },
  {
    name: 'a step with a positive weight makes its tokens likelier',
    async run(trainer, task) {
      const { prompt, answers } = await prepare(trainer, task);
      const [before] = await score(trainer, prompt, answers);
      await trainer.forwardBackward([weighted(prompt, answers, [1, 0])], { temperature: 1 });
      await trainer.optimStep({ ...STEP, weightDecay: 0 });
      const [after] = await score(trainer, prompt, answers);
      return sum(after!) > sum(before!)
        ? null
        : `The log-probability changed from ${sum(before!)} to ${sum(after!)}.`;
    },
  },
  {
    name: 'another image changes log-probabilities',
    async run(trainer, task) {
      const { prompt, answers } = await prepare(trainer, task);
      const { hash } = await trainer.putImage(task.other);
      const [seen] = await score(trainer, prompt, answers);
      const [other] = await score(trainer, ask(hash, task.question), answers);
      return differs(seen!, other!, 0, '') ? null : 'The model does not use the image.';
    },
  },
  {
    name: 'mirrored images equal mirrored files',
    async run(trainer, task) {
      const { prompt, hash, answers } = await prepare(trainer, task);
      const mirrored = await trainer.putImage(task.mirrored);
      const [plain] = await score(trainer, prompt, answers);
      const [byEngine] = await score(trainer, ask(hash, task.question, MIRROR), answers);
      const [byFile] = await score(trainer, ask(mirrored.hash, task.question), answers);
      if (!differs(plain!, byEngine!, 0, '')) return 'The model does not distinguish mirrored views.';
      return differs(byEngine!, byFile!, tolerance(trainer), 'between engine mirror and mirrored file');
    },
  },
  {
    name: 'the reference model does not change',
    async run(trainer, task) {
      const { prompt, answers } = await prepare(trainer, task);
      const reference = async () => (await score(trainer, prompt, answers, 'reference')).flat();
      await trainer.setReference('current');
      const policy = (await score(trainer, prompt, answers)).flat();
      const before = await reference();
      await trainer.forwardBackward([weighted(prompt, answers, [1, 1])], { temperature: 1 });
      await trainer.optimStep(STEP);
      const moved = differs(policy, (await score(trainer, prompt, answers)).flat(), 0, '');
      if (!moved) return 'The step did not change the policy.';
      return (
        differs(policy, before, tolerance(trainer), 'between policy and reference model before a step') ??
        differs(before, await reference(), 0, 'in the reference model after a step')
      );
    },
  },
  {
    name: 'the KL gradient from the engine equals the KL gradient from token weights',
    async run(trainer, task, folder) {
      if (!trainer.info().features.includes('pull')) return null;
      const { prompt, answers } = await prepare(trainer, task);
      const scored = await score(trainer, prompt, answers);
      const [factor, reference] = [0.5, scored.map((row) => row.map((lp, t) => lp + (t % 2 ? 0.7 : -0.4)))];
      const after = async (segment: (completion: number) => Partial<WeightedSegment>) => {
        await trainer.load(join(folder, 'start'), 'everything');
        const { completions } = weighted(prompt, answers, [1, -0.5]);
        const changed = completions.map(({ segments }, c) => ({
          segments: segments.map((each) => ({ ...each, ...segment(c) })),
        }));
        await trainer.forwardBackward([{ prompt, completions: changed }], { temperature: 1 });
        await trainer.optimStep(SMOOTH);
        return (await score(trainer, prompt, answers)).flat();
      };
      const added = await after((c) => ({ pull: { reference: reference[c]!, factor } }));
      const sent = await after((c) => ({
        weights: scored[c]!.map((lp, t) => [1, -0.5][c]! + factor * Math.expm1(reference[c]![t]! - lp)),
      }));
      return differs(added, sent, tolerance(trainer), 'between KL gradients from engine and weights');
    },
  },
];

const STEP: OptimOptions = {
  learningRate: 1e-3,
  betas: [0.9, 0.99],
  eps: 1e-8,
  weightDecay: 0.01,
  gradClip: 1,
};
/** With a large epsilon, Adam's step is proportional to the gradient, so that rounding errors are not amplified. */
const SMOOTH: OptimOptions = { ...STEP, learningRate: 0.1, eps: 1, gradClip: null, weightDecay: 0 };

/** Returns the mean difference that rounding can cause: sums in different orders differ in their last digits. */
function tolerance(trainer: Trainer): number {
  return trainer.info().rounding;
}

async function prepare(trainer: Trainer, { image, question, answers }: ConformanceTask) {
  const { hash } = await trainer.putImage(image);
  const prompt = ask(hash, question);
  const [first, second] = [
    await trainer.encode(prompt, answers[0]),
    await trainer.encode(prompt, answers[1]),
  ];
  return { prompt, hash, answers: [first.target, second.target] as const };
}

function segmentOf(tokens: number[]) {
  return { segments: [{ tokens, trained: true }] };
}

function groupOf(prompt: Prompt, completions: readonly number[][]): Group {
  return { prompt, completions: completions.map(segmentOf) };
}

/** Returns a group in which every token of completion number i has the weight `weights[i]`. */
function weighted(prompt: Prompt, completions: readonly number[][], weights: number[]): WeightedGroup {
  return {
    prompt,
    completions: completions.map((tokens, i) => ({
      segments: [{ tokens, trained: true, weights: tokens.map(() => weights[i]!) }],
    })),
  };
}

/** Returns log-probabilities of completions of one group: `[completion][token]`. */
async function score(
  trainer: Trainer,
  prompt: Prompt,
  completions: readonly number[][],
  model: 'policy' | 'reference' = 'policy',
): Promise<number[][]> {
  const [group] = await trainer.forward([groupOf(prompt, completions)], { model, temperature: 1 });
  return group!.map(([segment]) => segment!.logprobs);
}

/**
 * Returns a message if the mean difference between two lists of log-probabilities is above `tolerance`. Uses the mean,
 * because the maximum of many differences grows with their number.
 */
function differs(a: number[], b: number[], tolerance: number, what: string): string | null {
  if (a.length !== b.length) return `The numbers of values, ${a.length} and ${b.length}, differ ${what}.`;
  const mean = sum(a.map((x, i) => Math.abs(x - b[i]!))) / Math.max(1, a.length);
  return mean <= tolerance ? null : `Values differ by ${mean} on average ${what}, above ${tolerance}.`;
}
