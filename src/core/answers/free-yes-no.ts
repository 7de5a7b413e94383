import { isContent, plainWords } from './clauses.ts';
import { abstainsFromVerdict, leadingYesNo, type YesNo } from './yes-no.ts';
import { isOpposite, isPole } from './poles.ts';
import { asksWhetherThere, relationsOf, restated } from './restated.ts';
import { answerSentences } from './sentences.ts';

const SAYS_NOTHING =
  /^(?:yes|true|false|correct|incorrect|indeed|yet|any|anyone|anybody|anything|all|only|enough)$/;
/** The words that matter, without those of the verdict itself. */
const informative = (text: string): string[] =>
  plainWords(text)
    .filter((word) => (isContent(word) || isPole(word)) && !SAYS_NOTHING.test(word))
    .map((word) => word.replace(/(?<=\w{3})(?:ing|ed)$/, ''));

const VERDICT = /^\W*(?:yes|no|true|false|correct|incorrect|indeed)\b(?:[^\p{L}\p{N}\s]\W*|$)/iu;
const DENIES = /\b(?:no|not|never|nothing|nobody|none|neither|cannot|false)\b|n't\b/gi;
/** "The statement is false", asked whether it is true. */
const OF_STATEMENT =
  /^\W*(?:the|this|that) (?:statement|claim|caption|description|sentence) (?:is|would be|must be) (?=(?:true|false|correct|incorrect)\b)/i;
const OPENING =
  /^\W*(?:(?:hmm|okay|so|well)[ ,]+)*(?:(?:i|it|that|this)\b(?![^.,;]*\b(?:not|impossible|hard|difficult|cannot|wrong)\b|[^.,;]*n't\b)[^.,;]{0,30}?\b(?:say|answer|think|believe|guess|is|be|like)|it's|that's|definitely|certainly|surely|(?:most )?(?:likely|probably))(?: a)?[ ,:]+(?=(?:yes|no)\b\W*(?:$|[,;.]|to me|i think))/i;
const WRONG_TO_SAY =
  /\b(?:is|would be) (?:wrong|false|incorrect|untrue|mistaken|a mistake) to (?:say|claim|think|state|assume)(?: that)?(?= )/gi;
/** "Is it true that …?", "Is the following statement true or false: …" */
const WHETHER_TRUE = /^.*\btrue (?:or false\W+|that )/i;

/**
 * What an answer to a row that declares no task comes to: the verdict of its conclusion or its first words, unless the
 * rest says otherwise; else that of a statement which repeats the question. `none` if it says neither, null if rules
 * cannot tell.
 */
export function readYesNo(text: string, whole: string): YesNo | 'none' | null {
  const question = whole.replace(WHETHER_TRUE, '');
  const said = text.replace(WRONG_TO_SAY, 'is not the case that').replace(/\bindeed (?=\p{L}+ \p{L})/giu, '');
  const sentences = answerSentences(said).map((sentence) =>
    sentence.replace(OF_STATEMENT, '').replace(OPENING, ''),
  );
  const concluded = sentences.length === 1 ? leadingYesNo(sentences[0]!) : undefined;
  const lead = concluded === undefined ? leadingYesNo(text) : concluded;
  if (lead === null) return 'none';
  if (lead !== undefined) {
    const rest = (concluded === undefined ? text : sentences[0]!).replace(VERDICT, '');
    // "Yes, there is a pillow, but it touches nothing.", "Yes, the wall is behind the car.", asked the other way round.
    // "Yes, I can see a table. The cup is on the floor."
    const asked = informative(question);
    const isElsewhere = answerSentences(rest).some((sentence) => {
      const words = informative(sentence);
      return (
        relationsOf(sentence).length > 0 &&
        words.includes(asked[0] ?? '') &&
        !words.includes(asked.at(-1) ?? '')
      );
    });
    if (/\bif\b/i.test(rest) || (lead === 'yes' && relationsOf(question).length > 0 && isElsewhere))
      return null;
    const isTakenBack =
      lead === 'yes'
        ? rest.replace(/^\W*no doubt\b/i, '').search(DENIES) >= 0 || restated(rest, question) === 'no'
        : /\byes\b/i.test(rest) || (restated(rest, question) === 'yes' && !asksWhetherThere(question));
    return isTakenBack ? null : lead;
  }
  if (abstainsFromVerdict(said)) return 'none';
  return restated(said, question) ?? denied(sentences, question);
}

/** "It does not touch the bowl", "The cat is on the table, not under it": some of the question's words, denied. */
function denied(sentences: readonly string[], question: string): YesNo | 'none' | null {
  const asked = informative(question);
  const parts = sentences.flatMap((sentence) =>
    sentence.split(/[,;:] (?:with )?| but | because | since | so /i),
  );
  const verdicts = parts.flatMap((part): (YesNo | null)[] => {
    const denials = part.match(DENIES) ?? [];
    const words = informative(part);
    if (denials.length === 0) {
      // "She is looking at the dog": the question without its subject.
      const isRest = /^\W*(?:it|he|she|they)\b/i.test(part) && words.length > 0;
      const isAll = isRest && asked.slice(-words.length).join() === words.join();
      // "It's outside", asked whether it is inside.
      if (isRest && words.length === 1 && isPole(words[0]!) && isOpposite(words, asked)) return ['no'];
      return isAll && asked.slice(0, -words.length).every((word) => !isPole(word)) ? ['yes'] : [];
    }
    let at = 0;
    for (const word of asked) if (word === words[at]) at++;
    const isAsked = words.some(isPole) ? at === words.length : words.every((word) => asked.includes(word));
    // "There is no bicycle.", asked what it leans against.
    const isOfThere = /\bno(?:thing|body|ne)?\b/i.test(part) && !asksWhetherThere(question);
    return [isAsked && denials.length === 1 && !isOfThere ? 'no' : null];
  });
  return verdicts.length === 1 ? verdicts[0]! : null;
}

/** "No, it is yellow." against "No, it is green.": null if an answer says something else beyond the verdict. */
export function hasDetailOf(reference: string, text: string, question: string): true | null {
  const asked = informative(question);
  const beyond = (of: string) => informative(of.replace(VERDICT, '')).filter((word) => !asked.includes(word));
  const [detail, said] = [beyond(reference), beyond(text)];
  if (detail.length === 0 || said.length === 0 || detail.every((word) => said.includes(word))) return true;
  // "No, the gap is too small": a reason, of which there may be others.
  const isReason = /^\W*(?:the|its|an?) [\p{L} ]+? (?:is|are|has|have) /iu.test(
    reference.replace(VERDICT, ''),
  );
  return isReason && !isOpposite(said, detail) ? true : null;
}
