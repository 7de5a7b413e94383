import { adaptivePlacement } from '../../core/psychophysics/adaptive.ts';
import type { StimuliPlan } from '../../core/psychophysics/acuity-record.ts';
import { readAnswers } from './acuity-answers.ts';
import { growingStimuli } from './acuity-rows.ts';

/**
 * Evaluates scene after scene, each with a level chosen from earlier answers, until the threshold has the plan's
 * relative precision, or the maximum number of questions is reached. Levels depend only on the answers, so a second
 * call continues an interrupted call.
 * @param folder folder of the rows of all plans
 * @param plan a plan with `adaptive`, for an axis that has a curve
 * @param ask evaluates a model on unanswered rows of the file. @returns the folder of the answers
 * @param onScene receives the number of answered questions
 */
export async function askAdaptively(
  folder: string,
  plan: StimuliPlan,
  ask: (rows: string) => Promise<string>,
  onScene: (answered: number) => void = () => undefined,
): Promise<{ rows: string; answers: string; isPrecise: boolean; questions: number }> {
  const most = plan.adaptive!.questions;
  const placement = adaptivePlacement(plan);
  const stimuli = await growingStimuli(folder, plan);
  let given: string | null = stimuli.scenes() > 0 ? await ask(stimuli.rows) : null;
  for (;;) {
    const answers = given === null ? [] : await readAnswers(stimuli.rows, given);
    onScene(answers.length);
    const { level, isPrecise } = placement.next(answers, stimuli.scenes());
    const questions = stimuli.scenes() * placement.ways;
    if (given !== null && (isPrecise || questions + placement.ways > most))
      return { rows: stimuli.rows, answers: given, isPrecise, questions };
    await stimuli.add(level);
    given = await ask(stimuli.rows);
  }
}
