import { realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Asymptotes } from '../core/psychophysics/observer.ts';
import { ACUITY_FILE, type AnyAcuityRecord, type StimuliPlan } from '../core/psychophysics/acuity-record.ts';
import { ORIGINAL } from '../rows/view-list.ts';
import { scenesOf } from '../core/worlds/acuity/axes.ts';
import type { SamplerInfo } from '../engines/sampler.ts';
import { askAdaptively } from '../lab/acuity/ask-adaptively.ts';
import { writeAcuity } from '../lab/acuity/acuity-answers.ts';
import { growingStimuli, stimuli, stimuliName } from '../lab/acuity/acuity-rows.ts';
import { refusalOf } from '../lab/evaluation/answer-samples.ts';
import { evaluationSamples } from '../lab/evaluation/evaluation-samples.ts';
import { isFolder, makeFolder } from '../lab/files/folders.ts';
import { temporaryFolder } from '../lab/files/leftovers.ts';
import { JobError, UsageError } from './errors.ts';
import { namedTarget } from './evaluation/open-evaluator.ts';
import { reportMissing, runTargetEvaluation } from './evaluation/run-evaluation.ts';
import type { EvalFlags, Target } from './evaluation/target.ts';
import { note, tell } from './print.ts';
import { Progress } from './progress.ts';

/** Draws the rows of a plan unless they already exist. @returns the file with the rows */
export async function drawn(plan: StimuliPlan, output: string): Promise<string> {
  const progress = new Progress(`Drawing ${plan.axis}: scene`, scenesOf(plan));
  try {
    const drawing = stimuli(join(resolve(output), 'rows'), plan, (done) => progress.update(done));
    return (await inWords(drawing)).rows;
  } finally {
    progress.end();
  }
}

/** Converts the error about a scene that cannot be drawn to a usage error. */
const inWords = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  });

/** Returns the target that evaluates a model on the rows of a file, as an evaluation set with the given name. */
type TargetOf = (set: string, data: string) => Promise<Target & { subject: NonNullable<Target['subject']> }>;

/** Asks a model only the questions that it has not answered yet. Opens the model only once for all questions. */
export async function* ofModel(
  flags: EvalFlags,
  plans: readonly StimuliPlan[],
  output: string,
  asymptotes: Asymptotes,
): AsyncGenerator<AnyAcuityRecord> {
  const folder = resolve(output);
  const rows = join(folder, 'rows');
  await makeFolder(folder);
  const model: { opened?: Awaited<ReturnType<typeof namedTarget>> } = {};
  const targetOf: TargetOf = async (set, data) => {
    const root = dirname(data);
    const named = { set: [`${set}=${data}`], views: [ORIGINAL], dataRoot: root };
    const { target, name, run, step } = (model.opened ??= await namedTarget({ ...flags, ...named }));
    return {
      ...target,
      alike: true,
      subject: { model: name, run, step },
      sets: { [set]: data },
      root: await realpath(root),
      folder,
      asTrained: false,
      name: name.replace(/, step /, '-step-'),
    };
  };
  try {
    const [first] = plans as [StimuliPlan];
    if (flags.endpoint !== undefined && !first.map && !(await isFolder(join(rows, stimuliName(first)))))
      await requireEndpoint(first, targetOf);
    // Draw all stimuli before the first question, so that a model that cannot read a stimulus is rejected early.
    const stimuliOf = new Map<StimuliPlan, string>();
    for (const plan of plans)
      stimuliOf.set(
        plan,
        plan.adaptive ? (await growingStimuli(rows, plan)).rows : await drawn(plan, output),
      );
    for (const [plan, data] of stimuliOf) {
      const target = await targetOf(stimuliName(plan), data);
      const toAsk: Target = {
        ...target,
        open: async () => {
          const sampler = await target.open();
          if (stimuliOf.size > 1) await requireReadable(sampler.info(), target, stimuliOf);
          return sampler;
        },
      };
      const answers = plan.adaptive ? await adaptively(toAsk, plan, rows) : await answered(toAsk);
      yield writeAcuity(plan, data, { answers, ...target.subject, asymptotes }, join(answers, ACUITY_FILE));
    }
    const used = model.opened?.target.used?.();
    if (used !== undefined) tell(used);
  } finally {
    await model.opened?.target.close();
  }
}

/**
 * Asks about the first scene of a plan before drawing the other scenes, because drawing many scenes takes minutes.
 * @throws DataError if the server gives no answer
 */
async function requireEndpoint(plan: StimuliPlan, targetOf: TargetOf): Promise<void> {
  const { folder, remove } = temporaryFolder('acuity');
  try {
    const first = await growingStimuli(folder, plan);
    await first.add();
    const target = await targetOf('first', first.rows);
    await answered({ ...target, folder, limit: 1 }, true);
  } finally {
    await remove();
  }
}

/** @throws JobError, before the first question, if the model cannot read the questions of some axis */
async function requireReadable(
  info: SamplerInfo,
  { strategy, sampling }: Target,
  stimuliOf: ReadonlyMap<StimuliPlan, string>,
): Promise<void> {
  const refused: string[] = [];
  const reasons = new Set<string>();
  for (const [plan, data] of stimuliOf) {
    const samples = await evaluationSamples({
      sets: { [plan.axis]: data },
      root: await realpath(dirname(data)),
      views: [ORIGINAL],
    });
    const refusal = refusalOf(info, strategy, samples, sampling);
    if (refusal === null) continue;
    refused.push(plan.axis);
    reasons.add(refusal);
  }
  if (refused.length > 0)
    throw new JobError([...reasons].join(' '), {
      fix: `No questions were asked. Remove ${refused.join(', ')}.`,
    });
}

/** Evaluates a target. @returns the folder of the answers */
async function answered(target: Target, quiet = false): Promise<string> {
  const evaluation = await runTargetEvaluation(target, { quiet });
  reportMissing(evaluation);
  return evaluation.out;
}

/** Asks a model about adaptively chosen scenes, each based on the answers so far. @returns the folder of the answers */
async function adaptively(target: Target, plan: StimuliPlan, folder: string): Promise<string> {
  const { questions, precision } = plan.adaptive!;
  const progress = new Progress(`Evaluating ${plan.axis}: question`, questions, target.cost);
  try {
    const {
      answers,
      questions: n,
      isPrecise,
    } = await inWords(
      askAdaptively(
        folder,
        plan,
        () => answered({ ...target, growing: stimuliName(plan) }, true),
        (done) => progress.update(done),
      ),
    );
    note(
      isPrecise
        ? `Measured the threshold of ${plan.axis} with ${n} questions.`
        : `Cannot measure the threshold of ${plan.axis} to ±${Math.round(100 * precision)}% with ${n} questions.`,
    );
    return answers;
  } finally {
    progress.end();
  }
}
