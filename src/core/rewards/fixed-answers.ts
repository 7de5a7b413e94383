import { taskOf } from '../answers/score-row.ts';
import type { Task } from '../answers/score.ts';
import { splitFormat } from '../../rows/sample/boxes.ts';
import { letterOf } from '../../base/item-names.ts';
import { declaredSize, type Sample } from '../../rows/sample/sample.ts';
import type { ViewedSample } from '../../rows/views/view.ts';
import { comparison } from './agreement.ts';
import { REWARDS, rewardNames, type Weights } from './rewards.ts';

/** Counts rows with an answer that no view changes, so that always giving this answer earns full agreement. */
export class FixedAnswers {
  private compared = 0;
  private fixed = 0;
  private example: { answer: string; breaker: string } | null = null;

  constructor(private readonly template: string) {}

  /** Counts a row. @returns whether the row has an answer that no view changes. */
  add(views: readonly ViewedSample[]): boolean {
    const [original, ...others] = views;
    if (!original || !others.some((other) => comparison(original, other))) return false;
    this.compared += 1;
    const answer = fixedAnswer(views, this.template);
    if (answer === null) return false;
    this.fixed += 1;
    this.example ??= { answer, breaker: breakerOf(taskOf(original.sample), answer) };
    return true;
  }

  /** @throws Error if constant answers earn agreement without the image, and no weighted reward uses labels. */
  refuse(weights: Weights): void {
    if (hasLabels(weights)) return;
    if (this.compared === 0)
      throw new Error(
        'Cannot compute rewards.agreement: no row has two views with comparable answers. Add a view, for example mirror.',
      );
    if (this.fixed < this.compared) return;
    const { answer, breaker } = this.example!;
    throw new Error(
      `rewards.agreement can be earned without the image: in every row, a constant answer, for example "${answer}", agrees with itself in all views. To prevent this, ${breaker}, or set a weight for rewards.accuracy.`,
    );
  }
}

/** Whether a weighted reward uses the right answer. Exactly the rewards that use it can couple views. */
const hasLabels = (weights: Weights): boolean => rewardNames(weights).some((name) => REWARDS[name].couples);

/**
 * Returns an answer that agrees with itself in all views of a row, so that always giving it earns full agreement; null
 * without such an answer. Candidates are yes and no, the options by text and, if the prompt contains them, by letter,
 * the right number, and the whole image.
 * @param views views of the row, the original first; null without other views.
 * @param template the prompt of the run.
 */
export function fixedAnswer([original, ...others]: readonly ViewedSample[], template: string): string | null {
  if (!original || others.length === 0) return null;
  const compares = others.map((other) => comparison(original, other));
  if (compares.every((compare) => compare === null)) return null;
  return (
    plainAnswers(original.sample, template).find((answer) =>
      compares.every((compare) => compare === null || compare(answer, answer)),
    ) ?? null
  );
}

function plainAnswers(sample: Sample, template: string): string[] {
  const { question, answer, choices = [], images } = sample;
  switch (taskOf(sample)) {
    case 'yesno':
      return ['yes', 'no'];
    case 'mcq':
      return template.includes('{choices}') || /\(A\)|\bA[.):]/.test(question)
        ? [...choices, ...choices.map((_, i) => letterOf(i))]
        : choices;
    case 'bbox': {
      const unit = sample.box_format && splitFormat(sample.box_format)?.unit;
      const size =
        unit === 'px' ? declaredSize(images[0]) : unit === 'norm' ? { w: 1, h: 1 } : { w: 1000, h: 1000 };
      return unit && size ? [`[0, 0, ${size.w}, ${size.h}]`] : [];
    }
    default:
      return [answer];
  }
}

/** Describes, for people, how to lower the reward of a constant answer to questions of a task. */
export function breakerOf(task: Task, answer: string): string {
  if (task === 'yesno')
    return 'add a view that changes the reference answer: mirror/keep, exchange-names or polarity';
  if (task === 'mcq')
    return /^[A-H]$/.test(answer)
      ? 'add the view permute-options:1 to move the option with this letter'
      : 'add the view mirror (for sides) or exchange-names';
  return 'remove these rows, because no view changes their answers';
}
