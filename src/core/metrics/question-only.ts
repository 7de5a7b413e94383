import { isRight, scoreAnswer } from '../answers/score-row.ts';
import type { Sample } from '../spatial/sample.ts';
import { inView } from '../spatial/views/view.ts';
import { mean } from './metric.ts';
import { PAIR } from '../spatial/views/list.ts';

/** From the whole question to nothing of it: the first that has been seen decides. */
const VIEWS_OF_A_QUESTION: readonly ((words: readonly string[], sample: Sample) => string)[] = [
  (words) => words.join(' '),
  (words) => words.slice(0, 4).join(' '),
  (words) => words.slice(0, 2).join(' '),
  (_, { task }) => `task ${task ?? ''}`,
];

/**
 * A reader without eyes: it answers by what was most often right for questions that begin like this one. How far it
 * gets is how far words alone lead, and a model that is no better has not looked.
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
   * @param own a row that was learnt and must not answer itself.
   * @returns null where nothing like the question was seen, or none of its choices was ever the answer.
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

/** How often answers without the picture are right, 0–1. Null where no row can be right or wrong. */
export interface Audit {
  rows: number;
  original: number | null;
  /** Of the rows that have a mirror. */
  pairs: number;
  mirror: number | null;
  both: number | null;
}

/**
 * The shortcut audit of a data set: the reader learns the originals, and answers originals and mirrors. Rows that are
 * themselves learnt are left out of what answers them.
 * @param learnt rows that the reader learns from; the audited ones where a set is audited on its own.
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
    const mirrored = inView(row, PAIR[1]);
    return original === null
      ? []
      : [{ task: row.task ?? 'untyped', original, mirror: mirrored && right(mirrored) }];
  });
  const audit = (of: typeof judged): Audit => {
    const pairs = of.filter(({ mirror }) => mirror !== null);
    return {
      rows: of.length,
      original: mean(of.map(({ original }) => Number(original))),
      pairs: pairs.length,
      mirror: mean(pairs.map(({ mirror }) => Number(mirror))),
      both: mean(pairs.map(({ original, mirror }) => Number(original && mirror))),
    };
  };
  const tasks = [...new Set(judged.map(({ task }) => task))].sort();
  return new Map([
    ['all', audit(judged)],
    ...tasks.map((task): [string, Audit] => [task, audit(judged.filter((row) => row.task === task))]),
  ]);
}
