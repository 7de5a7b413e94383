import { scoreAnswer, taskOf } from '../answers/score-row.ts';
import { isNotJudged, isRight } from '../answers/verdict.ts';
import { bothRight, compareWithBounds, possible, shareBounds, valueWithin } from './bounds.ts';
import { chanceOf, meanChance } from './chance.ts';
import { floorOf, type Asked } from './floor-search.ts';
import { isOpen } from './metric.ts';
import { imageKey } from '../evaluation/scored-row.ts';
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
   * @param asked a learnt row, which must not contribute to its own answer.
   * @returns null if no similar question was seen, or none of the choices was ever the answer.
   */
  answer(sample: Sample, asked?: Sample): string | null {
    const ownKeys = asked && keysOf(asked);
    for (const [level, key] of keysOf(sample).entries()) {
      let best: [answer: string, count: number] | null = null;
      for (const [answer, count] of this.seen[level]!.get(key) ?? []) {
        if (sample.choices && !sample.choices.includes(answer)) continue;
        const others = count - (ownKeys?.[level] === key && answer === asked!.answer ? 1 : 0);
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

/** What an audit keeps of a row: of rows by the million, no more. */
interface AuditedRow {
  cluster: string;
  /** What it shows without its picture, and so does its mirror; null without a mirror. */
  asked: readonly [Asked, Asked] | null;
  keeps: boolean;
  task: string;
  /** Null if no rule can judge what was guessed; for the mirror, undefined if nothing is right or wrong. */
  original: boolean | null;
  mirror: boolean | null | undefined;
  chance: number | null;
}

/**
 * Audits a data set for shortcuts: the baseline learns rows, and then answers originals and mirrors. First `learn` every
 * row, then `add` those that are audited: no row is held, so that a file can be read twice instead.
 */
export class ShortcutAudit {
  private readonly reader = new QuestionOnly();
  private readonly judged: AuditedRow[] = [];

  /** @param isLearnt whether the audited rows are those that are learnt: none contributes to its own answer */
  constructor(private readonly isLearnt: boolean) {}

  learn(row: Sample): void {
    this.reader.learn(row);
  }

  add(row: Sample): void {
    const right = (sample: Sample) => {
      const score = scoreAnswer(this.reader.answer(sample, this.isLearnt ? row : undefined) ?? '', sample);
      return isRight(score) ?? (isNotJudged(score) ? null : undefined);
    };
    const original = right(row);
    if (original === undefined) return;
    const mirrored = inView(row, MIRROR);
    const task = taskOf(row);
    this.judged.push({
      cluster: imageKey(row),
      asked: mirrored && [shown(row), shown(mirrored)],
      keeps: inView(row, MIRROR_KEEP) !== null,
      task: row.task ?? task,
      original,
      mirror: mirrored ? right(mirrored) : undefined,
      chance: chanceOf({ ...row, score: { task } }),
    });
  }

  /** The audit of all rows, under `all`, and those of the rows of each task. */
  audits(): Map<string, Audit> {
    const tasks = [...new Set(this.judged.map(({ task }) => task))].sort();
    return new Map([
      ['all', auditRows(this.judged)],
      ...tasks.map((task): [string, Audit] => [
        task,
        auditRows(this.judged.filter((row) => row.task === task)),
      ]),
    ]);
  }
}

/** The audit of rows that are held. @param learnt rows that the baseline learns; by default, the audited rows themselves */
export function auditShortcuts(
  rows: readonly Sample[],
  learnt: readonly Sample[] = rows,
): Map<string, Audit> {
  const audit = new ShortcutAudit(learnt === rows);
  for (const row of learnt) audit.learn(row);
  for (const row of rows) audit.add(row);
  return audit.audits();
}

/** What scores an answer to a row, without what is heavy and does not. */
const shown = (row: Sample): Asked => ({ ...row, ...HEAVY });
const HEAVY = { variants: undefined, meta: undefined, scene_graph: undefined, reasoning: undefined };

function auditRows(audited: readonly AuditedRow[]): Audit {
  const pairs = audited.flatMap(({ mirror, ...row }) => (mirror === undefined ? [] : [{ ...row, mirror }]));
  const { difference, p } = compareWithBounds(
    pairs.map(({ cluster, original, mirror }) => ({
      cluster,
      first: possible(mirror),
      second: possible(original),
    })),
  );
  const shares = {
    original: shareBounds(audited.map(({ original }) => original)),
    mirror: shareBounds(pairs.map(({ mirror }) => mirror)),
    both: shareBounds(pairs.map(({ original, mirror }) => bothRight(original, mirror))),
  };
  const value = (share: AuditShare) => shares[share] && valueWithin(shares[share]);
  const open = Object.entries(shares).filter(([, ends]) => ends && isOpen(ends));
  return {
    rows: audited.length,
    original: value('original'),
    chance: null,
    ...meanChance(audited.map(({ chance }) => chance)),
    pairs: pairs.length,
    mirror: value('mirror'),
    both: value('both'),
    ...(open.length > 0 && { bounds: Object.fromEntries(open) as Audit['bounds'] }),
    floor: floorOf(pairs.flatMap(({ asked }) => (asked ? [asked] : []))),
    keeps: audited.filter(({ keeps }) => keeps).length,
    // Without a difference that is known, nothing is said.
    leans: difference !== null && difference > 0 && p! < 0.05,
  };
}
