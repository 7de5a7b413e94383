import { fixed } from '../../base/format.ts';
import { mean } from '../../base/numbers.ts';
import { compare, type Comparison } from './statistics.ts';

/** One answer with three images: Σ log p of its tokens, in nats. */
export interface AnswerLikelihoods {
  /** The image that the row is about. */
  cluster: string;
  /** In tokens. */
  length: number;
  /** With the row's own image. */
  picture: number;
  /** With a grey one of the same size. */
  grey: number;
  /** With that of another row; null if there is none to exchange it with. */
  other: number | null;
}

/**
 * `sees`: the answers are likelier with their own image than with another row's. `any`: an image makes them likelier,
 * whichever it is. `misled`: they are less likely with their own image than without it, or than with another row's.
 * `blind`: none of these shows. `unmoved`: not even the log-probabilities change. `one-picture`: they change, but the
 * rows are about too few images to say more.
 */
type Sight = 'sees' | 'any' | 'misled' | 'blind' | 'unmoved' | 'one-picture';

interface PictureEffect {
  sight: Sight;
  /** Answers, counted by view. */
  answers: number;
  /** Log-probability of an answer with the image minus that without it, in nats, with its 95% interval by image. */
  over_grey: Comparison;
  /** The same with another row's image instead of grey; null if all rows have one image. */
  over_other: Comparison | null;
}

/**
 * Compares answers with and without their images, within each answer.
 * @param answers at least one
 * @param rounding by how much two correct ways of computing a log-probability may differ, in nats a token
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

/** Whether a difference is above 0, by its interval. */
const isAbove = ({ interval }: Comparison): boolean => interval !== undefined && interval[0] > 0;
const isBelow = ({ interval }: Comparison): boolean => interval !== undefined && interval[1] < 0;

/** What follows from the figures. It never says more, or less, than their intervals do. */
function sentence({ sight, over_grey, over_other }: PictureEffect): string {
  switch (sight) {
    case 'sees':
      return 'Answers are likelier with their own image, so the model sees it.';
    case 'any':
      return over_other && isBelow(over_other)
        ? 'Answers are likelier with an image, but even likelier with another row’s image, so the model does not read its own image.'
        : 'Answers are likelier with an image, but there is no evidence that their own image helps more than another row’s.';
    case 'misled': {
      const than = [
        ...(isBelow(over_grey) ? ['without it'] : []),
        ...(over_other && isBelow(over_other) ? ['with another row’s'] : []),
      ];
      return `Answers are less likely with their own image than ${than.join(' and ')}. The model uses the image, but it has not learnt the task or misreads the image.`;
    }
    case 'blind':
      return 'No evidence that answers are likelier with their own image. The model does not see (or receive) the image, has not learnt the task, or there are too few rows.';
    case 'unmoved':
      return 'Answers are exactly as likely without the image, so the model does not see (or receive) it.';
    case 'one-picture':
      return 'There are too few images to determine whether the model sees them.';
  }
}

/** What images do to the answers of a run, or why nobody has looked. */
export type PictureCheck = PictureEffect | { sight: 'not-asked'; why: string };

/** What images do, for people: the figures, then what follows. */
export function pictureEffectText(effect: PictureCheck): string {
  if (effect.sight === 'not-asked') return effect.why;
  const { answers, over_grey, over_other } = effect;
  const over = (what: string, { difference, interval }: Comparison) =>
    `${fixed(difference, 2)} nats${interval ? ` [${interval.map((end) => fixed(end, 2)).join(', ')}]` : ''} over ${what}`;
  const gains = [over('grey', over_grey), ...(over_other ? [over('another row’s image', over_other)] : [])];
  return `The image adds to the log-probability of ${answers} answers: ${gains.join(', ')}. ${sentence(effect)}`;
}
