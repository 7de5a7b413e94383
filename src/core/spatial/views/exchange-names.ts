import { choiceIndex } from '../choices.ts';
import { bareName, nameKey } from '../language/names.ts';
import { optionsOf, readQuestion } from '../language/question.ts';
import { oppositeHead, verdictOf } from '../language/verdict.ts';
import { swapWord } from '../mirror/exceptions.ts';
import type { Sample, ViewVariant } from '../sample.ts';
import { exchangedNames, readRelation, reasoningStays, replaced, unworded, worded } from './relation.ts';

/** "Is the cup to the left or right of the jug?", "On which side of the jug is the cup, left or right?" */
const DIRECTION = [
  /^((?:in the image,\s*)?is\s+)(the [\p{L} -]+?)(\s+(?:to |on )?(?:the )?(?:left|right) or (?:to the |on the )?(?:left|right) of\s+)(the [\p{L} -]+?)(\s*\?\s*)$/iu,
  /^((?:in the image,\s*)?on which side of\s+)(the [\p{L} -]+?)(\s+is\s+)(the [\p{L} -]+?)(,?\s*(?:on the |to the )?(?:left|right) or (?:on the |to the )?(?:left|right)\s*\?\s*)$/iu,
];
const PLAIN_SIDE = /^\W*(?:(?:on|to) the )?(left|right)(?: side)?\W*$/i;

/**
 * Exchanges two things in the question and keeps its relation. For a strict relation, yes becomes no; no becomes yes
 * only if ties are excluded. Of two candidates, the same one is right, and letters follow.
 */
export function exchangeNames(sample: Sample): ViewVariant {
  return ofDirection(sample) ?? ofCandidates(sample) ?? ofVerdict(sample);
}

function ofVerdict(sample: Sample): ViewVariant {
  const relation = readRelation(sample);
  if (typeof relation === 'string') return unworded(sample, 'no_relation', relation);
  const question = replaced(
    sample.question,
    exchangedNames(sample.question, relation.subject, relation.other),
  );
  if (relation.opposite === null) return worded(sample, 'exchange.symmetric', { question });
  const said = verdictOf(sample.answer)!;
  if (!said.value && sample.meta?.no_tie !== true)
    return unworded(
      sample,
      'tie',
      'A "no" may be a tie, whose exchange is a "no" too (meta.no_tie).',
      'discard',
    );
  const { choices } = sample;
  const letter = choices && choiceIndex(sample.answer, choices);
  const answer = replacedHead(sample.answer, said.head);
  const named = letter === null || letter === undefined || choiceIndex(answer, choices!) !== null;
  return named
    ? worded(sample, 'exchange.strict', { question, answer })
    : unworded(sample, 'no_relation', 'The other answer is not among its choices.');
}

const replacedHead = (answer: string, head: string): string => answer.replace(head, oppositeHead(head));

function ofDirection(sample: Sample): ViewVariant | null {
  const { question, answer, choices, reasoning } = sample;
  const match = DIRECTION.map((form) => form.exec(question)).find(Boolean);
  if (!match || !PLAIN_SIDE.test(answer) || choices || reasoning) return null;
  const [, lead, one, middle, two, end] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (/\b(?:of|that|with|and|on|in|near)\b/i.test(`${one} ${two}`)) return null;
  return worded(sample, 'exchange.direction', {
    question: `${lead}${two}${middle}${one}${end}`,
    answer: swapWord(answer),
  });
}

function ofCandidates(sample: Sample): ViewVariant | null {
  const { question, answer, choices, reasoning } = sample;
  const read = readQuestion(question, choices, answer);
  if (read.kind !== 'choice' || read.candidates.length !== 2 || read.openOptions.length > 0) return null;
  if (!reasoningStays(reasoning))
    return unworded(sample, 'no_relation', 'Its reasoning argues in the words of the question.');
  const [one, two] = read.candidates.map(({ text }) => text) as [string, string];
  const places = [one, two].map((name) => placesOf(question, name));
  const inQuestion = places.every((list) => list.length === 1);
  if (!inQuestion && !(choices && places.every((list) => list.length === 0)))
    return unworded(sample, 'no_relation', 'Its two candidates cannot be told apart.');
  const asked = inQuestion
    ? replaced(question, exchangedNames(question, places[0]![0]!, places[1]![0]!))
    : question;
  const options = optionsOf(question, choices);
  const index = choiceIndex(answer, options);
  const byName = [one, two].some((name) => nameKey(bareName(name)) === nameKey(bareName(answer)));
  if (index === null && !byName)
    return unworded(sample, 'no_relation', 'Its answer names neither candidate.');
  const lettered = index !== null && !byName;
  if (lettered && !/^\W*[A-Ba-b]\W*$/.test(answer))
    return unworded(sample, 'no_relation', 'Its answer says more than a letter.');
  return worded(sample, 'exchange.candidates', {
    question: asked,
    answer: lettered ? answer.replace(/[A-Ba-b]/, (letter) => OTHER_LETTER[letter]!) : answer,
    ...(choices && { choices: [...choices].reverse() }),
  });
}

const OTHER_LETTER: Record<string, string> = { A: 'B', B: 'A', a: 'b', b: 'a' };

function placesOf(text: string, name: string): { start: number; end: number }[] {
  const found = [];
  const [lower, key] = [text.toLowerCase(), name.toLowerCase()];
  for (let at = lower.indexOf(key); at >= 0; at = lower.indexOf(key, at + key.length))
    found.push({ start: at, end: at + key.length });
  return found;
}

/** Turns "Is A left of B?" into "Is B right of A?": the same fact, so the same answer. */
export function converseSample(sample: Sample): ViewVariant {
  const relation = readRelation(sample);
  if (typeof relation === 'string') return unworded(sample, 'no_relation', relation);
  const { question } = sample;
  const { subject, phrase, other, opposite } = relation;
  return worded(sample, 'converse', {
    question: replaced(question, [
      ...exchangedNames(question, subject, other),
      ...(opposite === null ? [] : [{ ...phrase, by: opposite }]),
    ]),
  });
}
