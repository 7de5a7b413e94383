import { choiceIndex } from '../../sample/choices.ts';
import { nameKey } from '../../read/names.ts';
import { polarPhrases } from '../../read/polar.ts';
import { optionsOf } from '../../read/asked.ts';
import { readingOf } from '../../read/reading.ts';
import { verdictOf } from '../../read/verdict.ts';
import type { CheckResult, PolarityVariant, Sample } from '../../sample/sample.ts';
import { checkAnswer } from '../../scene-graph/answer.ts';
import { graphOf } from '../../scene-graph/read.ts';
import { comesBack } from '../view-variant.ts';
import { draftFlip, deferredDraft, type Draft } from './draft.ts';

/**
 * Makes the polarity flip of a sample: the picture stays, the question's main predicate is replaced by its opposite,
 * and the answer follows (docs/polarity.md). `needs_info` has the flipped question but no answer. A row that fails one
 * of its checks is deferred as `needs_llm`. The reasoning of a chain-of-thought sample supports the old answer, so a
 * flipped variant has an empty one.
 */
export function flipPolarity(sample: Sample): PolarityVariant {
  const draft = draftFlip(sample);
  const checks = draft.status === 'flipped' ? flipChecks(sample, draft) : {};
  const failed = Object.keys(checks).filter((name) => checks[name] === 'fail');
  const { status, question, answer, choices, rules, reason, assumes } = failed.length
    ? deferredDraft(sample, draft.rules, `failed: ${failed.join(', ')}`)
    : draft;
  return {
    status,
    question,
    answer,
    ...(status === 'flipped' && sample.reasoning !== undefined && { reasoning: '' }),
    ...(choices && { choices }),
    route: 'rules',
    rules,
    checks,
    ...(assumes && { assumes }),
    ...(reason !== undefined && { reason }),
  };
}

/**
 * Checks a polarity flip that the rules did not write. The checks are the same except for `double_flip`, which needs a
 * flip by the rules to reverse; in addition, `predicate_only`: the question differs from the original only in polar
 * phrases (undecidable if the rules find none in it).
 */
export function checkPolarity(
  sample: Sample,
  rewrite: { question: string; answer: string; choices?: string[] },
): Record<string, CheckResult> {
  const [before, after] = [withoutPoles(sample.question, false), withoutPoles(rewrite.question, false)];
  const hasPoles = polarPhrases(sample.question).length > 0;
  const checks = flipChecks(sample, { status: 'flipped', rules: [], ...rewrite });
  delete checks.double_flip;
  return {
    ...checks,
    predicate_only: before === after ? (hasPoles ? 'pass' : 'undecidable') : 'fail',
  };
}

/**
 * The checks of a flipped row. `question_changed`; `answer_in_choices`, if the old answer was; `graph_agrees`: the new
 * answer is true by scene graph and `meta`; `double_flip`: flipping again restores the question (up to synonyms) and
 * the answer, if the rules can flip the result at all.
 */
function flipChecks(sample: Sample, draft: Draft): Record<string, CheckResult> {
  const { question, answer, choices = sample.choices } = draft;
  const turned = { ...sample, question, answer, ...(choices && { choices }) };
  const { verdict } = checkAnswer(question, answer, choices, graphOf(sample), sample.meta, readingOf(turned));
  return {
    question_changed: question === sample.question ? 'fail' : 'pass',
    answer_in_choices: answerInChoices(sample, draft),
    graph_agrees: ({ consistent: 'pass', contradicts: 'fail', not_decidable: 'undecidable' } as const)[
      verdict
    ],
    double_flip: doubleFlip(sample, turned),
  };
}

function answerInChoices(sample: Sample, { question, answer, choices }: Draft): CheckResult {
  const before = readingOf(sample).asked.options;
  if (choiceIndex(sample.answer, before) === null) return 'undecidable';
  return choiceIndex(answer, optionsOf(question, choices ?? sample.choices)) === null ? 'fail' : 'pass';
}

function doubleFlip(sample: Sample, turned: Sample): CheckResult {
  const back = draftFlip(turned);
  if (back.status !== 'flipped') return 'undecidable';
  const { question, answer } = back;
  const meaning = (text: string, field: string) =>
    (field === 'answer' && verdictOf(text)?.value.toString()) || withoutPoles(text, true);
  return comesBack({ row: sample, seen: turned, undo: () => ({ ...sample, question, answer }), meaning })
    ? 'pass'
    : 'fail';
}

/** Replaces each polar phrase of a text by its axis, and its pole if that matters: "nearest" equals "closest". */
function withoutPoles(text: string, polesMatter: boolean): string {
  let out = '';
  let at = 0;
  for (const { axis, pole, start, end } of polarPhrases(text)) {
    // "Shorter" is the opposite of both longer and taller.
    const scale = axis === 'length' ? 'height' : axis;
    out += `${text.slice(at, start)}<${scale}${polesMatter ? ` ${pole}` : ''}>`;
    at = end;
  }
  return nameKey(out + text.slice(at));
}
