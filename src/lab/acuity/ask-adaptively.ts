import { adaptivePlacement } from '../../core/psychophysics/adaptive.ts';
import type { StimuliPlan } from '../../core/psychophysics/acuity-record.ts';
import { readAnswers } from './acuity-answers.ts';
import { growingStimuli } from './acuity-rows.ts';

/**
 * Asks scene after scene, each placed by the answers so far, until the threshold is known to ± the share of it that the
 * plan wishes, or as many questions are asked as allowed. What is placed depends on nothing but the answers, so that a
 * second call continues where a killed one stopped.
 *
 * @param folder of the rows of all plans
 * @param plan with `adaptive`, of an axis that has a curve
 * @param ask asks a model the rows of the file that it has not answered. @returns the folder of its answers
 * @param onScene told the number of questions answered so far
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
