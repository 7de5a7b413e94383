import { answerFor, choiceIndex } from '../../sample/choices.ts';
import type { CheckResult, PolarityVariant, RewrittenFields, Sample } from '../../sample/sample.ts';
import { checkAnswer, rankedIn, truthOf } from '../../scene-graph/check-answer.ts';
import { factsOf, type Facts } from '../../scene-graph/facts.ts';
import { graphOf } from '../../scene-graph/read-graph.ts';
import { inlineOptions } from '../../read/inline-options.ts';
import { headWord, nameKey, singular } from '../../read/names.ts';
import { polarPhrases, type PolarPhrase } from '../../read/polar-phrases.ts';
import { optionsOf, type Question } from '../../read/asked.ts';
import { readingOf } from '../../read/reading.ts';
import { applyEdits } from '../../read/tokens.ts';
import { verdictOf } from '../../read/clause.ts';
import { comesBack, rewriteEach } from '../view-variant.ts';
import { explanationOf, namedAnswer, opposed, oppositeAnswer } from './opposite-answer.ts';

/**
 * Flips the polarity of a row: the image is unchanged, the question's main predicate becomes its opposite, and the
 * answer follows (docs/rewriting-rules.md). `needs_info` has the flipped question but no answer. A row that fails a
 * check is deferred as `needs_llm`. The reasoning supports the old answer, so a flipped variant has empty reasoning.
 */
export const flipPolarity = (sample: Sample): PolarityVariant => rewriteEach(sample, flipOne);

function flipOne(sample: Sample): PolarityVariant {
  const draft = draftFlip(sample);
  const checks = draft.status === 'flipped' ? flipChecks(sample, draft) : {};
  const failed = Object.keys(checks).filter((name) => checks[name] === 'fail');
  const kept: Draft =
    failed.length > 0 ? { ...deferred(`failed: ${failed.join(', ')}`), rules: draft.rules } : draft;
  const { question = sample.question, answer = sample.answer } = kept;
  const { status, choices, rules, reason, assumes } = kept;
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
 * Checks a polarity flip that the rules did not write. The checks equal the checks of the rules' flips, without
 * `double_flip`, which can only reverse a flip by the rules. In addition, `predicate_only`: the question differs from
 * the original only in polar phrases (undecidable if the rules find none).
 */
export function checkPolarity(
  sample: Sample,
  rewrite: { question: string; answer: string; choices?: string[] },
): Record<string, CheckResult> {
  const [before, after] = [withoutPoles(sample.question, false), withoutPoles(rewrite.question, false)];
  const hasPoles = polarPhrases(sample.question).length > 0;
  const checks = flipChecks(sample, rewrite);
  delete checks.double_flip;
  return { ...checks, predicate_only: before === after ? (hasPoles ? 'pass' : 'undecidable') : 'fail' };
}

/**
 * Checks a flipped row. `question_changed`: the question differs. `answer_in_choices`: the new answer is a choice if
 * the old answer was. `graph_agrees`: the new answer is true by scene graph and `meta`. `double_flip`: another flip
 * restores the question (up to synonyms) and the answer, if the rules can flip the result.
 */
function flipChecks(sample: Sample, texts: Partial<RewrittenFields>): Record<string, CheckResult> {
  const turned: Sample = { ...sample, ...texts };
  const { question, answer, choices } = turned;
  const { asked } = readingOf(turned);
  const { verdict } = checkAnswer(question, answer, choices, graphOf(sample), sample.meta, { asked });
  const isOption = choiceIndex(answer, optionsOf(question, choices)) !== null;
  const wasOption = choiceIndex(sample.answer, readingOf(sample).asked.options) !== null;
  return {
    question_changed: question === sample.question ? 'fail' : 'pass',
    answer_in_choices: !wasOption ? 'undecidable' : isOption ? 'pass' : 'fail',
    graph_agrees: ({ consistent: 'pass', contradicts: 'fail', not_decidable: 'undecidable' } as const)[
      verdict
    ],
    double_flip: doubleFlip(sample, turned),
  };
}

function doubleFlip(sample: Sample, turned: Sample): CheckResult {
  const { status, question = '', answer = '' } = draftFlip(turned);
  if (status !== 'flipped') return 'undecidable';
  const meaning = (text: string, field: string) =>
    (field === 'answer' && verdictOf(text)?.value.toString()) || withoutPoles(text, true);
  return comesBack({ row: sample, seen: turned, undo: () => ({ ...sample, question, answer }), meaning })
    ? 'pass'
    : 'fail';
}

/** Replaces each polar phrase in a text by its axis, and by its pole if poles matter: "nearest" equals "closest". */
function withoutPoles(text: string, polesMatter: boolean): string {
  const scales = polarPhrases(text).map(({ axis, pole, start, end }) => {
    // "Shorter" is the opposite of "longer" and of "taller".
    const scale = axis === 'length' ? 'height' : axis;
    return { start, end, to: `<${scale}${polesMatter ? ` ${pole}` : ''}>` };
  });
  return nameKey(applyEdits(text, scales));
}

/** Flip before its checks: changed texts, status and rules. */
type Draft = Partial<RewrittenFields> & Pick<PolarityVariant, 'status' | 'rules' | 'reason' | 'assumes'>;

const deferred = (reason: string): Draft => ({ status: 'needs_llm', rules: [], reason });
const needsInfo = (reason: string): Draft => ({ status: 'needs_info', rules: [], reason, answer: '' });
const flipped = (answer: string, rule: string): Draft => ({ status: 'flipped', rules: [rule], answer });

/** Maximum length of texts to flip, because the rules take quadratic time. Typical questions are shorter. */
const MAX_CHARACTERS = 20_000;

/** Flips a row without the checks, because the checks flip again. */
function draftFlip(sample: Sample): Draft {
  if (sample.question.length + sample.answer.length > MAX_CHARACTERS)
    return deferred('The texts are too long for the rules.');
  const { predicate: read, sentence } = readingOf(sample).asked;
  if (read.kind === 'unclear') return deferred(`The question ${read.reason}.`);
  if (read.kind === 'none')
    return { status: 'not_applicable', rules: [], reason: `The question ${read.reason}.` };
  const facts = factsOf(graphOf(sample), sample.meta);
  const draft =
    read.kind === 'verdict'
      ? flipVerdict(sample, read, facts)
      : read.kind === 'choice'
        ? flipChoice(sample, read, facts)
        : flipObject(sample, read, facts);
  if (draft.status === 'needs_llm') return draft;
  const { main } = read;
  const whole = opposed(sample.question, main);
  const from = sentence.end + whole.length - sample.question.length;
  const menu = turnedMenu(whole.slice(from), main);
  const rules = [`axis-${main.axis.replace('_', '-')}`, ...draft.rules];
  const question = whole.slice(0, from) + menu;
  if (draft.status === 'needs_info') return { ...draft, question, rules };
  if (isHalf([menu, ...(draft.choices ?? sample.choices ?? [])], main))
    return {
      ...deferred('An option states the predicate in words without an opposite.'),
      rules: rules.slice(0, 1),
    };
  const assumes = main.form === 'contrary' ? 'contrary' : 'no_tie';
  return { ...draft, question, rules, ...(main.axis !== 'containment' && { assumes }) };
}

/** Flips a list of options in the question. Options can repeat the predicate: "(A) The cup is closer (B) …". */
const turnedMenu = (menu: string, main: PolarPhrase): string =>
  inlineOptions(menu).reduce((text, option) => text.replace(option, () => turnedOption(option, main)), menu);

/** Returns whether an option still contains the old predicate, which shows that the edit is incomplete. */
function isHalf(options: readonly string[], main: PolarPhrase): boolean {
  const compares = main.form === 'comparative' || main.form === 'superlative';
  const says = ({ axis, pole, form }: PolarPhrase) =>
    axis === main.axis && pole === main.pole && form === main.form;
  return compares && options.some((text) => polarPhrases(text).some(says));
}

/** Uses of "or" that do not join two objects in a question. */
const OTHER_OR =
  /\b(?:yes or no|no or yes|true or false|false or true|correct or incorrect|right or wrong|more or less)\b/gi;

/** Returns whether the question asks about any of several objects. A "yes" does not identify one of the objects. */
function asksEither(sample: Sample): boolean {
  const { start, end } = readingOf(sample).asked.sentence;
  return /\bor\b/i.test(sample.question.slice(start, end).replace(OTHER_OR, ''));
}

/** Flips "yes" to a strict predicate into "no". Flips "no" into "yes" only if a tie is excluded. */
function flipVerdict(sample: Sample, read: Question & { kind: 'verdict' }, facts: Facts): Draft {
  const { main, clause, rank } = read;
  const options = readingOf(sample).asked.options;
  const option = choiceIndex(sample.answer, options);
  const verdict = verdictOf(option === null ? sample.answer : options[option]!);
  if (!verdict) return deferred('The answer names an option that does not exist.');
  if (/^right$/i.test(verdict.head) && (main.axis === 'left_right' || verdict.explanation === ''))
    return deferred('The answer "right" might be a side.');
  if (verdict.value && asksEither(sample))
    return deferred('The "yes" might answer the other part of the question.');
  const graph = graphOf(sample);
  const truth = truthOf(read, facts, graph);
  if (truth !== undefined && truth !== verdict.value)
    return deferred('The answer contradicts the scene graph.');
  if (clause.existential) return needsInfo('A different object might be at the opposite end.');

  const explanation = explanationOf(verdict, clause);
  const other = explanation.says === 'pole' && explanation.pole === 'other' && !explanation.negated;
  const opposite = truthOf(read, facts, graph, true);
  const agrees =
    explanation.says !== 'pole' || (explanation.pole === 'asked') === (explanation.negated !== verdict.value);
  if (!agrees || (other && opposite === false)) return deferred('The explanation contradicts the answer.');

  const answerWith = (value: boolean): string | null => {
    if (option === null)
      return value === verdict.value ? sample.answer : oppositeAnswer(sample.answer, verdict, explanation);
    const next = options.findIndex((text) => verdictOf(text)?.value === value);
    return next < 0 ? null : answerFor(sample.answer, option, next, options);
  };
  const result = (value: boolean, rule: string): Draft => {
    const answer = answerWith(value);
    return answer === null ? deferred('No option is the opposite.') : flipped(answer, rule);
  };

  if (opposite !== undefined) return result(opposite, opposite ? 'known-true' : 'known-false');
  if (main.form === 'superlative') {
    return verdict.value && rank === 1
      ? result(false, 'yes-to-no')
      : needsInfo('The ranking of all candidates is unknown.');
  }
  if (verdict.value) return result(false, 'yes-to-no');
  const strict = clause.plain && clause.single;
  if (main.axis === 'containment' && strict) return result(true, 'contradictory');
  if (other && clause.plain) return result(true, 'explanation');
  if (main.form === 'contrary') return needsInfo('"Not near" does not mean "far".');
  if (sample.meta?.no_tie === true && strict && explanation.says !== 'open') return result(true, 'no-to-yes');
  return needsInfo('A "no" might mean a tie.');
}

/**
 * Flips the answer to a choice. Of two candidates, it becomes the other candidate. Of more candidates, the ranking
 * decides, unless the requested rank is the middle.
 */
function flipChoice(sample: Sample, read: Question & { kind: 'choice' }, facts: Facts): Draft {
  const { main, candidates, rank, openOptions, third, role } = read;
  const n = candidates.length;
  const options = readingOf(sample).asked.options;
  const flippedOptions = options.map((option) => turnedOption(option, main));
  const isTurned = sample.choices && flippedOptions.some((text, i) => text !== options[i]);
  const choices = isTurned && { choices: flippedOptions };
  const option = choiceIndex(sample.answer, options);
  const answerText = option === null ? sample.answer : options[option]!;
  const open = openOptions.find((text) => nameKey(text) === nameKey(answerText));
  if (open !== undefined) {
    const tie = n === 2 && /\b(?:same|equal|equally|tie|tied|identical)\b/i.test(open);
    return tie
      ? { ...flipped(sample.answer, 'tie'), ...choices }
      : deferred('The answer names no candidate.');
  }
  const named = namedAnswer(sample.answer, read, sample.question, options, flippedOptions);
  if (!named || rank > n) return deferred('The answer is not the name of a candidate, or contains more.');
  const truth = role === 'subject' ? rankedIn(read, facts) : undefined;
  if (truth !== undefined && truth !== named.index)
    return deferred('The answer contradicts the scene graph.');
  const result = (to: number, rule: string): Draft => {
    const answer = named.say(to);
    return answer === null || (to !== named.index && answer === sample.answer)
      ? deferred('The words of the answer do not fit the other candidate.')
      : { ...flipped(answer, rule), ...choices };
  };

  const ranked = role === 'subject' ? rankedIn(read, facts, true) : undefined;
  if (ranked !== undefined) return result(ranked, 'ranking');
  if (main.form === 'contrary') return needsInfo('"Not near" does not mean "far".');
  // "Which is left of the table?" only implies that the second candidate is not left of the table.
  const settled = !third || ((main.axis === 'containment' || sample.meta?.no_tie === true) && !read.posture);
  if (n === 2) {
    return settled
      ? result(1 - named.index, 'two-candidates')
      : needsInfo('The other candidate might be at neither end.');
  }
  if (!third && main.axis !== 'containment' && 2 * rank - 1 === n) return result(named.index, 'middle');
  return needsInfo(`The ranking of the ${n} candidates is unknown.`);
}

function turnedOption(option: string, main: PolarPhrase): string {
  const [phrase, second] = polarPhrases(option);
  const carries =
    phrase &&
    !second &&
    phrase.axis === main.axis &&
    phrase.pole === main.pole &&
    / (?:is|are|appears?|stands?) /i.test(option);
  return carries ? opposed(option, phrase) : option;
}

/** Flips a superlative without a list of candidates. Only a ranking of all objects determines the opposite answer. */
function flipObject(sample: Sample, read: Question & { kind: 'object' }, facts: Facts): Draft {
  const { main, rank, of, anchor, identity } = read;
  if (of !== null && 2 * rank - 1 === of && main.form === 'superlative') {
    const [phrase, second] = polarPhrases(sample.answer);
    if (!phrase) return flipped(sample.answer, 'middle');
    if (!second && phrase.axis === main.axis && phrase.pole === main.pole)
      return flipped(opposed(sample.answer, phrase), 'middle');
  }
  const names =
    identity && main.form !== 'position'
      ? comparable(sample.question, main, facts.names(main.axis, anchor))
      : [];
  const listed = {
    ...read,
    kind: 'choice' as const,
    candidates: names.map((text) => ({ text, option: null })),
    role: 'subject' as const,
    posture: false,
    third: false,
    openOptions: [],
  };
  const named = names.length >= 2 ? namedAnswer(sample.answer, listed, sample.question, [], []) : null;
  const [now, then] = named ? [rankedIn(listed, facts), rankedIn(listed, facts, true)] : [];
  const answer = named && now === named.index && then !== undefined ? named.say(then) : null;
  if (answer !== null) return flipped(answer, 'ranking');
  return needsInfo('The object at the opposite end is unknown.');
}

/** Returns the names that the noun of a question includes: all names for "object", only names of cars for "car". */
function comparable(question: string, main: PolarPhrase, names: string[]): string[] {
  const noun =
    /\b(?:which|what)\s+(?:(?:of )?(?:the|these|those)\s+)?([\p{L}]+)\b/iu
      .exec(question.slice(0, main.start))?.[1]
      ?.toLowerCase() ?? 'one';
  if (/^(?:objects?|things?|items?|ones?|is|are|of|appears?|stands?|lies?)$/.test(noun)) return names;
  return names.filter((name) => headWord(name) === singular(noun));
}
