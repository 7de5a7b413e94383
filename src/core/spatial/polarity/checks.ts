import { choiceIndex } from '../choices.ts';
import type { CheckResult, Sample } from '../sample.ts';
import { checkAnswer } from '../scene-graph/answer.ts';
import { graphOf } from '../scene-graph/read.ts';
import { bareName, nameKey } from '../language/names.ts';
import { polarPhrases } from '../language/polar.ts';
import { optionsOf, readQuestion, type Question } from '../language/question.ts';
import { verdictOf } from '../language/verdict.ts';
import { draftFlip, type Draft } from './draft.ts';

/**
 * The checks of a flipped row. `question_changed`; `answer_in_choices`, where the old answer was; `graph_agrees`: the
 * new answer is true by scene graph and `meta`; `double_flip`: flipping again gives the question (up to synonyms) and
 * the answer back, where the rules can flip the result at all.
 */
export function flipChecks(sample: Sample, draft: Draft): Record<string, CheckResult> {
  const { question, answer, choices = sample.choices } = draft;
  const asked = readQuestion(question, choices, answer);
  const { verdict } = checkAnswer(question, answer, choices, graphOf(sample), sample.meta, asked);
  return {
    question_changed: question === sample.question ? 'fail' : 'pass',
    answer_in_choices: answerInChoices(sample, draft),
    graph_agrees: ({ consistent: 'pass', contradicts: 'fail', not_decidable: 'undecidable' } as const)[
      verdict
    ],
    double_flip: doubleFlip(sample, draft, asked),
  };
}

function answerInChoices(sample: Sample, { question, answer, choices }: Draft): CheckResult {
  const before = optionsOf(sample.question, sample.choices);
  if (choiceIndex(sample.answer, before) === null) return 'undecidable';
  return choiceIndex(answer, optionsOf(question, choices ?? sample.choices)) === null ? 'fail' : 'pass';
}

function doubleFlip(sample: Sample, { question, answer, choices }: Draft, asked: Question): CheckResult {
  const back = draftFlip({ ...sample, question, answer, ...(choices && { choices }) }, asked);
  if (back.status !== 'flipped') return 'undecidable';
  const [said, before] = [verdictOf(back.answer), verdictOf(sample.answer)];
  const sameAnswer =
    said && before ? said.value === before.value : plain(back.answer) === plain(sample.answer);
  return plain(back.question) === plain(sample.question) && sameAnswer ? 'pass' : 'fail';
}

/** A text in which each polar phrase is only its axis and pole, so that "nearest" equals "closest". */
function plain(text: string): string {
  let out = '';
  let at = 0;
  for (const { axis, pole, start, end } of polarPhrases(text)) {
    // "Shorter" is the opposite of both longer and taller.
    const scale = axis === 'length' ? 'height' : axis;
    out += `${text.slice(at, start)}<${scale} ${pole}>`;
    at = end;
  }
  return nameKey(bareName(out + text.slice(at)));
}
