import { percentsText, percentText } from '../format.ts';
import { isNotJudged, isRight, scoreAnswer, taskOf } from '../answers/score-row.ts';
import { bothRight, compareWithBounds, possible, shareBounds, valueWithin } from './bounds.ts';
import type { Sample } from '../sample/sample.ts';
import { inView } from '../views/view.ts';
import { chanceOf, imageKey, meanChance } from './scored-row.ts';
import { floorOf } from './floor.ts';
import { floorText, type Floor } from './floor-text.ts';
import { endsOf, isOpen, type Ends } from './metric.ts';
import { MIRROR, MIRROR_KEEP, type PairView } from '../view-list.ts';

/** Keys from the whole question down to none of it; the first one that has been seen decides. */
const VIEWS_OF_A_QUESTION: readonly ((words: readonly string[], sample: Sample) => string)[] = [
  (words) => words.join(' '),
  (words) => words.slice(0, 4).join(' '),
  (words) => words.slice(0, 2).join(' '),
  (_, { task }) => `task ${task ?? ''}`,
];

/**
 * A baseline that does not see the picture: it gives the answer that was most often right for questions with the same
 * beginning. Its accuracy shows how far words alone lead; a model that is no better has not looked.
 */
export class QuestionOnly {
  private readonly seen = VIEWS_OF_A_QUESTION.map(() => new Map<string, Map<string, number>>());

  learn(sample: Sample): void {
    for (const [level, key] of keysOf(sample).entries()) {
      const answers = this.seen[level]!.get(key) ?? new Map<string, number>();
      answers.set(sample.answer, (answers.get(sample.answer) ?? 0) + 1);
      this.seen[level]!.set(key, answers);
    }
  }

  /**
   * @param own a learnt row, which must not contribute to its own answer.
   * @returns null if no similar question was seen, or none of the choices was ever the answer.
   */
  answer(sample: Sample, own?: Sample): string | null {
    const ownKeys = own && keysOf(own);
    for (const [level, key] of keysOf(sample).entries()) {
      let best: [answer: string, count: number] | null = null;
      for (const [answer, count] of this.seen[level]!.get(key) ?? []) {
        if (sample.choices && !sample.choices.includes(answer)) continue;
        const others = count - (ownKeys?.[level] === key && answer === own!.answer ? 1 : 0);
        if (others > (best?.[1] ?? 0)) best = [answer, others];
      }
      if (best) return best[0];
    }
    return null;
  }
}

const keysOf = (sample: Sample): string[] => {
  const words = sample.question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return VIEWS_OF_A_QUESTION.map((view) => view(words, sample));
};

/** Shares of right answers that an audit has. */
export type AuditShare = PairView | 'both';

/**
 * Accuracies of answers without the picture, 0–1. Null if no row can be right or wrong, and where the rules cannot judge
 * every guess: then `bounds` has the least and the greatest that each can be.
 */
export interface Audit {
  /** Rows that can be right or wrong. */
  rows: number;
  original: number | null;
  /** What guessing gives on the originals that can be guessed; null if none can. */
  chance: number | null;
  /** Rows that `chance` is of, if not all. */
  chance_n?: number;
  /** Number of rows that have a mirror. */
  pairs: number;
  mirror: number | null;
  both: number | null;
  bounds?: Partial<Record<AuditShare, Ends>>;
  /** What answers reach without the picture in both views of this set; null without pairs. */
  floor: Floor | null;
  /** Rows that `mirror/keep` has. */
  keeps: number;
  /** Whether more originals than mirrors are right, beyond what chance explains (by image, p < 0.05). */
  leans: boolean;
}

/**
 * Audits a data set for shortcuts: the baseline learns the originals, and answers originals and mirrors. A row that was
 * learnt does not contribute to its own answer.
 * @param learnt rows that the baseline learns; by default, the audited rows themselves.
 */
export function auditShortcuts(
  rows: readonly Sample[],
  learnt: readonly Sample[] = rows,
): Map<string, Audit> {
  const reader = new QuestionOnly();
  for (const row of learnt) reader.learn(row);
  const itself = learnt === rows;
  const judged = rows.flatMap((row) => {
    /** Null if no rule can judge what was guessed; undefined if nothing is right or wrong. */
    const right = (sample: Sample) => {
      const score = scoreAnswer(reader.answer(sample, itself ? row : undefined) ?? '', sample);
      return isRight(score) ?? (isNotJudged(score) ? null : undefined);
    };
    const original = right(row);
    const mirrored = inView(row, MIRROR);
    const mirror = mirrored ? right(mirrored) : undefined;
    return original === undefined
      ? []
      : [
          {
            cluster: imageKey(row),
            asked: mirrored && ([row, mirrored] as const),
            keeps: inView(row, MIRROR_KEEP) !== null,
            task: row.task ?? taskOf(row),
            original,
            mirror,
            chance: chanceOf({ ...row, score: { task: taskOf(row) } }),
          },
        ];
  });
  const audit = (of: typeof judged): Audit => {
    const pairs = of.flatMap(({ mirror, ...row }) => (mirror === undefined ? [] : [{ ...row, mirror }]));
    const { difference, p } = compareWithBounds(
      pairs.map(({ cluster, original, mirror }) => ({
        cluster,
        first: possible(mirror),
        second: possible(original),
      })),
    );
    const shares = {
      original: shareBounds(of.map(({ original }) => original)),
      mirror: shareBounds(pairs.map(({ mirror }) => mirror)),
      both: shareBounds(pairs.map(({ original, mirror }) => bothRight(original, mirror))),
    };
    const value = (share: AuditShare) => shares[share] && valueWithin(shares[share]);
    const open = Object.entries(shares).filter(([, ends]) => ends && isOpen(ends));
    return {
      rows: of.length,
      original: value('original'),
      chance: null,
      ...meanChance(of.map(({ chance }) => chance)),
      pairs: pairs.length,
      mirror: value('mirror'),
      both: value('both'),
      ...(open.length > 0 && { bounds: Object.fromEntries(open) as Audit['bounds'] }),
      floor: floorOf(pairs.flatMap(({ asked }) => (asked ? [asked] : []))),
      keeps: of.filter(({ keeps }) => keeps).length,
      // Without a difference that is known, nothing is said.
      leans: difference !== null && difference > 0 && p! < 0.05,
    };
  };
  const tasks = [...new Set(judged.map(({ task }) => task))].sort();
  return new Map([
    ['all', audit(judged)],
    ...tasks.map((task): [string, Audit] => [task, audit(judged.filter((row) => row.task === task))]),
  ]);
}

/** The least and the greatest that a share of an audit can be; null if it has none. */
export const auditEnds = (audit: Audit, share: AuditShare): Ends | null =>
  endsOf({ value: audit[share], bounds: audit.bounds?.[share] as [number, number] | undefined });

/** The floor above which the audit recommends the mirror that keeps the question. */
const HIGH = 0.3;

/** The audit of all rows in a sentence. */
export const auditHeadline = (audit: Audit): string =>
  `Knowing only the words, without looking, gets ${percentsText(auditEnds(audit, 'original'))} of the questions right${audit.pairs > 0 ? `, and ${percentsText(auditEnds(audit, 'both'))} of the pairs in both views` : ''}.${audit.leans ? ' The data leans to one side.' : ''}`;

/**
 * What has to be known beside the figures: that they are below chance, and that rows are left out.
 * @param of how many rows were audited, judged or not
 */
export const auditNotes = ({ rows, original, chance, chance_n, bounds }: Audit, of: number): string[] => [
  ...(original !== null && chance !== null && original < (chance * (chance_n ?? rows)) / rows
    ? [
        'That is less than chance: the answers of other rows point to the wrong one, as they do where answers are spread evenly.',
      ]
    : []),
  ...(bounds ? ['A range: no rule can tell of every guess whether it is right.'] : []),
  ...(rows > 0 && rows < of
    ? [`${of - rows} of ${of} rows are left out: by rule, no answer to them is right or wrong.`]
    : []),
];

/** What the audit of all rows means, in words. */
export function auditWords(audit: Audit): string {
  const { rows, chance, chance_n, pairs, floor, keeps, leans } = audit;
  const [original, mirror, both] = (['original', 'mirror', 'both'] as const).map((share) =>
    percentsText(auditEnds(audit, share)),
  );
  if (rows === 0) return 'No answer of this file can be right or wrong by rule: nothing to audit.';
  const guessed =
    chance === null
      ? ''
      : ` (guessing: ${percentText(chance)}${chance_n === undefined ? '' : ` of the ${chance_n} that can be guessed`})`;
  const first = `Guessing from the words alone, without the picture, gets ${original} of the questions right${guessed}`;
  if (pairs === 0) return `${first}. No row has a mirror that could be used.`;
  return [
    `${first}, ${mirror} of their mirrors, and both views of ${both} of the pairs.`,
    ...(leans ? ['The data leans to one side.'] : []),
    ...(floor
      ? [
          `Floor without looking, if the answers of this set are known: ${floorText(floor)}. ${floor.words < 1 ? 'Only more shows that a model looks at the picture.' : 'So no figure of these pairs shows by itself that a model looks at the picture: more pictures with the same questions would.'}`,
        ]
      : []),
    ...(floor && floor.words > HIGH && keeps > 0
      ? [
          `Add the view ${MIRROR_KEEP}, which ${keeps} of the rows ${keeps === 1 ? 'has' : 'have'}: it keeps the question and turns the answer, so its floor is 0\u00a0%.`,
        ]
      : []),
  ].join(' ');
}
