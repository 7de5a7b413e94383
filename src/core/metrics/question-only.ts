import { scoreAnswer, taskOf } from '../answers/score-row.ts';
import { isNotJudged, isRight } from '../answers/verdict.ts';
import { bothRight, compareWithBounds, possible, shareBounds, valueWithin } from './bounds.ts';
import { chanceOf, meanChance } from './chance.ts';
import { floorOf } from './floor-search.ts';
import { isOpen } from './metric.ts';
import { imageKey } from './scored-row.ts';
import type { Audit, AuditShare } from './shortcuts.ts';
import type { Sample } from '../sample/sample.ts';
import { MIRROR, MIRROR_KEEP } from '../view-list.ts';
import { inView } from '../views/view.ts';

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
