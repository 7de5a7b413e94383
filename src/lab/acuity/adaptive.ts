import type { Estimate } from '../../core/psychophysics/fit.ts';
import type { Answers } from '../../core/psychophysics/likelihood.ts';
import { answersOf, fitted } from '../../core/psychophysics/measure.ts';
import type { StimuliPlan } from '../../core/psychophysics/record.ts';
import { levelsOf, ObserverGrid, placeNext } from '../../core/psychophysics/placement.ts';
import { verdictOn } from '../../core/psychophysics/verdict.ts';
import { asksOf, levelToX } from '../../core/worlds/acuity/axes.ts';
import type { AcuityAxis } from '../../core/worlds/acuity/words.ts';
import { readAnswers } from './answers.ts';
import { growingStimuli } from './acuity-rows.ts';

/** After how many scenes the answers are fitted again, which takes longer than to ask a small model. */
const BETWEEN_FITS = 4;

const isNarrow = ({ mean, interval: [low, high] }: Estimate, precision: number): boolean =>
  (high - low) / 2 < precision * mean;

/** Whether these answers have a threshold, known to ± this share of it, as it will be reported. */
function isKnown(answers: Answers, precision: number): boolean {
  const curve = fitted(answers, 'equal');
  if (!curve) return false;
  const largest = Math.max(...answers.scenes.map(({ x }) => Math.abs(x)));
  return verdictOn(curve.fit, largest) !== 'out of range' && isNarrow(curve.fit.threshold, precision);
}

/**
 * Asks scene after scene, each where the answers so far leave most open (`placeNext`), from either side in turn, until
 * the threshold is known to ± the share of it that the plan wishes, or as many questions are asked as allowed. What is placed
 * depends on nothing but the answers, so that a second call continues where a killed one stopped.
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
  const { questions: most, precision } = plan.adaptive!;
  const ways = asksOf(plan).length;
  const stimuli = await growingStimuli(folder, plan);
  const xOf = (level: number) => levelToX(plan.axis as AcuityAxis, level);
  const xs = [...new Set(plan.levels.map(xOf))].sort((a, b) => a - b);
  const grid = new ObserverGrid(xs);
  let given: string | null = stimuli.scenes() > 0 ? await ask(stimuli.rows) : null;
  for (;;) {
    const answers = given === null ? [] : await readAnswers(stimuli.rows, given);
    onScene(answers.length);
    const read = answersOf(answers);
    const counts = new Map(levelsOf(read.scenes).map((level) => [level.x, level]));
    const next = placeNext(
      grid,
      xs.map((x) => counts.get(x) ?? { x, positive: 0, n: 0 }),
    );
    // The grid knows no habits, and no scenes whose answers are alike, so it is sure too early: what will be reported has to say the same.
    const isPrecise =
      stimuli.scenes() % BETWEEN_FITS === 0 &&
      isNarrow(next.threshold, precision) &&
      isKnown(read, precision);
    const count = stimuli.scenes() * ways;
    if (given !== null && (isPrecise || count + ways > most))
      return { rows: stimuli.rows, answers: given, isPrecise, questions: count };
    const there = new Set(answers.filter(({ x }) => Math.abs(x) === next.distance).map(({ block }) => block));
    const x = there.size % 2 === 0 ? next.distance : -next.distance;
    // Bearings in front of somebody and behind them have one x, and are shown in turn.
    const alike = plan.levels.filter((level) => xOf(level) === x);
    await stimuli.add(alike[Math.floor(there.size / 2) % alike.length]!);
    given = await ask(stimuli.rows);
  }
}
