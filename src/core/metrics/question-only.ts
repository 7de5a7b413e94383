import { mean } from '../numbers.ts';
import { isRight, scoreAnswer, taskOf } from '../answers/score-row.ts';
import type { Sample } from '../sample/sample.ts';
import { inView } from '../views/view.ts';
import { chanceOf, imageKey, meanChance } from './scored-row.ts';
import { floorOf, floorText, type Floor } from './floor.ts';
import { compare } from './statistics.ts';
import { MIRROR, MIRROR_KEEP } from '../view-list.ts';

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

/** Accuracies of answers without the picture, 0–1. Null if no row can be right or wrong. */
export interface Audit {
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
    const right = (sample: Sample) =>
      isRight(scoreAnswer(reader.answer(sample, itself ? row : undefined) ?? '', sample));
    const original = right(row);
    const mirrored = inView(row, MIRROR);
    return original === null
      ? []
      : [
          {
            cluster: imageKey(row),
            asked: mirrored && ([row, mirrored] as const),
            keeps: inView(row, MIRROR_KEEP) !== null,
            task: row.task ?? taskOf(row),
            original,
            mirror: mirrored && right(mirrored),
            chance: chanceOf({ ...row, score: { task: taskOf(row) } }),
          },
        ];
  });
  const audit = (of: typeof judged): Audit => {
    const pairs = of.filter(({ mirror }) => mirror !== null);
    const { difference, p } = compare(
      pairs.map(({ cluster, original, mirror }) => ({
        cluster,
        first: Number(mirror),
        second: Number(original),
      })),
    );
    return {
      rows: of.length,
      original: mean(of.map(({ original }) => Number(original))),
      chance: null,
      ...meanChance(of.map(({ chance }) => chance)),
      pairs: pairs.length,
      mirror: mean(pairs.map(({ mirror }) => Number(mirror))),
      both: mean(pairs.map(({ original, mirror }) => Number(original && mirror))),
      floor: floorOf(pairs.flatMap(({ asked }) => (asked ? [asked] : []))),
      keeps: of.filter(({ keeps }) => keeps).length,
      leans: difference !== null && difference > 0 && p! < 0.05,
    };
  };
  const tasks = [...new Set(judged.map(({ task }) => task))].sort();
  return new Map([
    ['all', audit(judged)],
    ...tasks.map((task): [string, Audit] => [task, audit(judged.filter((row) => row.task === task))]),
  ]);
}

const percent = (share: number | null): string =>
  share === null ? '–' : `${Math.round(100 * share)}\u00a0%`;

/** The floor above which the audit recommends the mirror that keeps the question. */
const HIGH = 0.3;

/** The audit of all rows in a sentence. */
export const auditHeadline = ({ original, both, pairs, leans }: Audit): string =>
  `Knowing only the words, without looking, gets ${percent(original)} of the questions right${pairs > 0 ? `, and ${percent(both)} of the pairs in both views` : ''}.${leans ? ' The data leans to one side.' : ''}`;

/**
 * What has to be known beside the figures: that they are below chance, and that rows are left out.
 * @param of how many rows were audited, judged or not
 */
export const auditNotes = ({ rows, original, chance, chance_n }: Audit, of: number): string[] => [
  ...(original !== null && chance !== null && original < (chance * (chance_n ?? rows)) / rows
    ? [
        'That is less than chance: the answers of other rows point to the wrong one, as they do where answers are spread evenly.',
      ]
    : []),
  ...(original !== null && rows < of
    ? [`${of - rows} of ${of} rows are left out: no rule can tell whether what was guessed is right.`]
    : []),
];

/** What the audit of all rows means, in words. */
export function auditWords({
  original,
  chance,
  chance_n,
  mirror,
  both,
  pairs,
  floor,
  keeps,
  leans,
}: Audit): string {
  if (original === null) return 'No answer of this file can be right or wrong by rule: nothing to audit.';
  const guessed =
    chance === null
      ? ''
      : ` (guessing: ${percent(chance)}${chance_n === undefined ? '' : ` of the ${chance_n} that can be guessed`})`;
  const first = `Guessing from the words alone, without the picture, gets ${percent(original)} of the questions right${guessed}`;
  if (pairs === 0) return `${first}. No row has a mirror that could be used.`;
  return [
    `${first}, ${percent(mirror)} of their mirrors, and both views of ${percent(both)} of the pairs.`,
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
