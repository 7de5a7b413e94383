import { fixed } from '../../base/format.ts';
import { mean } from '../../base/numbers.ts';
import { compare, type Comparison } from './statistics.ts';

/** Likelihoods of one answer given three images: Σ log p of the answer's tokens, in nats. */
export interface AnswerLikelihoods {
  /** Key of the row's image, for clustering. */
  cluster: string;
  /** Length of the answer in tokens. */
  length: number;
  /** Likelihood with the row's own image. */
  picture: number;
  /** Likelihood with a grey image of the same size. */
  grey: number;
  /** Likelihood with the image of another row; null if the rows have no other image. */
  other: number | null;
}

/**
 * `sees`: answers are more likely with their own image than with another row's image. `any`: any image makes answers
 * more likely. `misled`: answers are less likely with their own image than without an image, or than with another row's
 * image. `blind`: no difference is significant. `unmoved`: not even the log-probabilities change. `one-picture`: the
 * log-probabilities change, but the rows have too few images for a conclusion.
 */
type Sight = 'sees' | 'any' | 'misled' | 'blind' | 'unmoved' | 'one-picture';

interface PictureEffect {
  sight: Sight;
  /** Number of answers; each view of a row counts. */
  answers: number;
  /** Log-probability of an answer with its image minus without an image, in nats, with a 95% interval by image. */
  over_grey: Comparison;
  /** Log-probability with the own image minus that with another row's image; null if all rows have the same image. */
  over_other: Comparison | null;
}

/**
 * Compares the likelihood of each answer with and without its image.
 * @param answers at least one answer
 * @param rounding numerical tolerance of log-probabilities, in nats per token
 */
export function pictureEffect(answers: readonly AnswerLikelihoods[], rounding: number): PictureEffect {
  const exchanged = answers.flatMap(({ other, ...one }) => (other === null ? [] : [{ ...one, other }]));
  const over_grey = compare(
    answers.map(({ cluster, grey, picture }) => ({ cluster, first: grey, second: picture })),
  );
  const over_other =
    exchanged.length === 0
      ? null
      : compare(exchanged.map(({ cluster, other, picture }) => ({ cluster, first: other, second: picture })));
  const changes = [
    ...answers.map(({ picture, grey, length }) => Math.abs(picture - grey) / length),
    ...exchanged.map(({ picture, other, length }) => Math.abs(picture - other) / length),
  ];
  const sight =
    mean(changes)! <= rounding
      ? 'unmoved'
      : !over_other?.interval
        ? 'one-picture'
        : isAbove(over_other)
          ? 'sees'
          : isAbove(over_grey)
            ? 'any'
            : isBelow(over_grey) || isBelow(over_other)
              ? 'misled'
              : 'blind';
  return { sight, answers: answers.length, over_grey, over_other };
}

/** Whether a difference is significantly above 0, by its interval. */
const isAbove = ({ interval }: Comparison): boolean => interval !== undefined && interval[0] > 0;
const isBelow = ({ interval }: Comparison): boolean => interval !== undefined && interval[1] < 0;

/** Returns the conclusion about the images, which claims only what the intervals support. */
function sentence({ sight, over_grey, over_other }: PictureEffect): string {
  switch (sight) {
    case 'sees':
      return 'Answers are likelier with the row’s image, so the model uses the image.';
    case 'any':
      return over_other && isBelow(over_other)
        ? 'Answers are likelier with an image, but even likelier with another row’s image, so the model does not use the content of the row’s image.'
        : 'Answers are likelier with an image, but there is no evidence that the row’s image helps more than another row’s image.';
    case 'misled': {
      const than = [
        ...(isBelow(over_grey) ? ['with a grey image'] : []),
        ...(over_other && isBelow(over_other) ? ['with another row’s image'] : []),
      ];
      return `Answers are less likely with the row’s image than ${than.join(' and ')}. The model uses the image, but has not learnt the task or misreads the image.`;
    }
    case 'blind':
      return 'No evidence that answers are likelier with the row’s image. Possible reasons: the model does not use (or receive) the image, has not learnt the task, or there are too few rows.';
    case 'unmoved':
      return 'Within rounding, answers are as likely with a grey image, so the model does not use (or receive) the image.';
    case 'one-picture':
      return 'There are too few images to determine whether the model uses images.';
  }
}

/** Effect of the images on the answers of a run, or the reason why it was not measured. */
export type PictureCheck = PictureEffect | { sight: 'not-asked'; why: string };

/** Describes the effect of the images on the answers: the values, then the conclusion. */
export function pictureEffectText(effect: PictureCheck): string {
  if (effect.sight === 'not-asked') return effect.why;
  const { answers, over_grey, over_other } = effect;
  const over = (what: string, { difference, interval }: Comparison) =>
    `${fixed(difference, 2)} nats${interval ? ` [${interval.map((end) => fixed(end, 2)).join(', ')}]` : ''} over ${what}`;
  const gains = [
    over('a grey image', over_grey),
    ...(over_other ? [over('another row’s image', over_other)] : []),
  ];
  return `Gain in log-probability from the image, mean of ${answers} answers: ${gains.join(', ')}. ${sentence(effect)}`;
}
