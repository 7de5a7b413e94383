import { percentsText, percentText } from '../../base/format.ts';
import { MIRROR_KEEP, type PairView } from '../../rows/view-list.ts';
import { floorText, type Floor } from './floor.ts';
import { endsOf, type Ends } from './metric.ts';

export type AuditShare = PairView | 'both';

/**
 * Accuracies of answers without the image, 0–1. Null if no row can be right or wrong, or if the rules cannot score
 * every guess; then `bounds` contains the lowest and highest possible values.
 */
export interface Audit {
  /** Number of rows that can be right or wrong. */
  rows: number;
  original: number | null;
  /** Share of originals whose right answer is the most frequent right answer. */
  constant: number | null;
  /** Mean chance of the originals with a defined chance; null if no original has one. */
  chance: number | null;
  /** Number of rows with a defined chance, if it differs from `rows`. */
  chance_n?: number;
  /** Number of rows that have a mirror. */
  pairs: number;
  mirror: number | null;
  both: number | null;
  bounds?: Partial<Record<AuditShare, Ends>>;
  /** Image-free bound of the pairs in this set; null without pairs. */
  floor: Floor | null;
  /** The bound for prompts without the choices; present if any pair has choices, which `floor` assumes to be shown. */
  floor_hidden?: Floor;
  /** Number of rows with a `mirror/keep` view. */
  keeps: number;
  /** Whether accuracy is significantly higher on originals than on mirrors (by image, p < 0.05). */
  leans: boolean;
}

/** Returns the lowest and the highest possible value of a share; null if the audit does not contain the share. */
export const auditEnds = (audit: Audit, share: AuditShare): Ends | null =>
  endsOf({ value: audit[share], bounds: audit.bounds?.[share] as [number, number] | undefined });

/** Image-free bound above which the audit recommends the view `mirror/keep`, which keeps the question text. */
const HIGH = 0.3;

/** Tells the bound for prompts without choices, if it differs: reports of such evaluations show that one. */
const hiddenText = ({ floor, floor_hidden: hidden }: Audit): string =>
  hidden && hidden.words !== floor!.words
    ? ` if the prompt shows the choices, and ${percentText(hidden.words)} if it does not`
    : '';

/** Describes the audit of all rows, and the bound that reports show next to an accuracy. */
export const auditHeadline = (audit: Audit): string =>
  `Guessing from the words alone, without the image, is correct for ${percentsText(auditEnds(audit, 'original'))} of the questions.${audit.pairs > 0 ? ` Guessing is correct for both views of ${percentsText(auditEnds(audit, 'both'))} of the pairs.` : ''}${audit.floor ? ` The image-free bound of all questions, for a model that has memorised these answers, is ${percentText(audit.floor.words)} of the pairs${hiddenText(audit)}.` : ''}${audit.leans ? ' The dataset is skewed: guesses are correct more often for originals than for mirrors.' : ''}`;

/**
 * Returns notes on the audit: accuracy below chance, values that are ranges, and excluded rows.
 * @param asked number of audited rows, scored or not
 */
export const auditNotes = ({ rows, original, chance, chance_n, bounds }: Audit, asked: number): string[] => [
  ...(original !== null && chance !== null && original < (chance * (chance_n ?? rows)) / rows
    ? ['This accuracy is below chance, which is expected if answers are evenly distributed.']
    : []),
  ...(bounds ? ['The values are ranges, because the rules can score only some of the guesses.'] : []),
  ...(rows > 0 && rows < asked
    ? [`${asked - rows} of ${asked} rows are excluded, because the rules cannot score these rows.`]
    : []),
];

export function auditWords(audit: Audit): string {
  const { rows, constant, chance, chance_n, pairs, floor, floor_hidden: hidden, keeps, leans } = audit;
  const [original, mirror, both] = (['original', 'mirror', 'both'] as const).map((share) =>
    percentsText(auditEnds(audit, share)),
  );
  if (rows === 0) return 'Cannot audit this file: the rules cannot score any of its rows.';
  const beside = [
    ...(chance === null
      ? []
      : [
          `chance: ${percentText(chance)}${chance_n === undefined ? '' : ` on ${chance_n} rows where guessing is possible`}`,
        ]),
    `always the same answer: ${percentText(constant)}`,
  ];
  const guessed = ` (${beside.join('; ')})`;
  const first = `Guessing from the words alone, without the image, is correct for ${original} of the questions${guessed}`;
  const guess =
    'For each kind of question, the guess is the most frequent answer to similar words or the most frequent answer to this kind, whichever is better.';
  if (pairs === 0) return `${first}. ${guess} No row has a usable mirror.`;
  return [
    `${first}, ${mirror} of their mirrors, and both views of ${both} of the pairs.`,
    guess,
    ...(leans
      ? ['The dataset is skewed: guesses are correct more often for originals than for mirrors.']
      : []),
    ...(floor
      ? [
          `A model that has memorised these answers might score higher. Image-free bound: ${floorText(floor)}${hidden ? `, if the prompt shows the choices; if not, ${floorText(hidden)}` : ''}. ${floor.words < 1 ? 'Only results above this bound show that a model uses the image.' : 'These pairs alone cannot show that a model uses the image. Add more images with the same questions.'}`,
        ]
      : []),
    ...(floor && floor.words > HIGH && keeps > 0
      ? [
          `Add the view ${MIRROR_KEEP}, available in ${keeps} of the rows. This view keeps the question and changes the answer, so its image-free bound is 0%.`,
        ]
      : []),
  ].join(' ');
}

/** Returns all texts about the audit of all rows. @param asked number of audited rows, scored or not */
export function auditTexts(
  audit: Audit,
  asked: number,
): { /** Headline and notes. */ short: string; meaning: string; notes: string[] } {
  const notes = auditNotes(audit, asked);
  return { short: [auditHeadline(audit), ...notes].join(' '), meaning: auditWords(audit), notes };
}
