import { answerVerdict, isNotJudged, isRight, type AnswerVerdict } from '../../answers/verdict.ts';
import { OPEN_TASKS } from '../../answers/score.ts';
import { MIRROR, ORIGINAL, viewOfRow } from '../../../rows/view-list.ts';
import type { JudgedRow } from '../outcomes.ts';
import { groupBy, imageKey, pairedRows, problemKey } from '../../evaluation/scored-row.ts';
import { answerKey } from '../../evaluation/judgement.ts';

/** Score of an answer without human ratings: by the rules, or by the judge if the rules do not decide. */
export type Predicted = AnswerVerdict | 'judge_right' | 'judge_wrong';

/** Expected share of right answers for each score before any rating. Uncertain scores are rated more often. */
export const EXPECTED: Readonly<Record<Predicted, number>> = {
  right: 0.95,
  wrong: 0.05,
  unparsed: 0.05,
  judge_right: 0.8,
  judge_wrong: 0.2,
  not_judged: 0.5,
};

/** An answer that a person can rate. */
export interface AuditAnswer {
  key: string;
  /** Evaluation of the answer: 0 for the first or only evaluation, 1 for the evaluation compared with it. */
  side: 0 | 1;
  view: string;
  predicted: Predicted;
  rules: AnswerVerdict;
  /** Score by an LLM judge; null if the answer has no such score. */
  judge: boolean | null;
}

/** Answers that are selected and rated together: one, both of a pair, or both evaluations' answers to a question. */
export interface AuditUnit {
  /** Rank in the rating order, equal for a row in all views, so that audits of one or two evaluations match. */
  rank: string;
  set: string;
  /** Key of the unit's image. Units about one image are not independent. */
  cluster: string;
  answers: readonly [AuditAnswer, ...AuditAnswer[]];
}

/** Whether an answer can be right or wrong, according to a rule or a person. */
const isAuditable = ({ score }: JudgedRow): boolean =>
  score.problem === undefined &&
  (isRight(score) !== null || isNotJudged(score) || OPEN_TASKS.some((task) => task === score.task));

function answerOf(row: JudgedRow, side: 0 | 1): AuditAnswer {
  const { score } = row;
  const read = answerVerdict(score, String(row.answer ?? ''));
  // An open answer whose words differ from the reference answer can still be right.
  const rules = score.task === 'open' && read === 'wrong' ? 'not_judged' : read;
  const judge = score.judge == null ? null : score.judge === 1;
  const predicted =
    rules === 'not_judged' && judge !== null ? (judge ? 'judge_right' : 'judge_wrong') : rules;
  return { key: answerKey(row), side, view: viewOfRow(row), predicted, rules, judge };
}

const unitOf = (row: JudgedRow, answers: AuditUnit['answers']): AuditUnit => ({
  rank: JSON.stringify([row.set ?? '', row.id, Number(row.completion_index ?? 0)]),
  set: row.set ?? '',
  cluster: imageKey(row),
  answers,
});

/**
 * Returns the units of an evaluation: the original and the mirror of a question together if each has one answer; each
 * other answer alone. With a second evaluation, each unit has both answers to a row in a view (completions in order).
 */
export function unitsOf(first: readonly JudgedRow[], second?: readonly JudgedRow[]): AuditUnit[] {
  if (second)
    return pairedRows(first.filter(isAuditable), second.filter(isAuditable)).map(({ row, other }) =>
      unitOf(row, [answerOf(row, 0), answerOf(other, 1)]),
    );
  const problems = groupBy(first.filter(isAuditable), problemKey);
  return [...problems.values()].flatMap((group) => {
    const row = group[0]!;
    const view = viewOfRow(row);
    const partners = problems.get(problemKey({ ...row, view: view === MIRROR ? ORIGINAL : MIRROR }));
    const isPair = (view === ORIGINAL || view === MIRROR) && group.length === 1 && partners?.length === 1;
    if (isPair && view === MIRROR) return [];
    if (isPair) return [unitOf(row, [answerOf(row, 0), answerOf(partners[0]!, 0)])];
    return group.map((judgedRow) => unitOf(judgedRow, [answerOf(judgedRow, 0)]));
  });
}
