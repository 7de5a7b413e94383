import { findJson } from '../../base/find-json.ts';
import { isRecord } from '../../base/json.ts';
import { HOLDERS, marksIn, MARKUP, TOKEN, type Mark } from '../../base/turn-marks.ts';
import { remembered } from '../../base/recent-map.ts';

/**
 * Only stage between an answer's text and its readers. Removes additions of programs and politeness from an answer (end
 * tokens, boxes, TeX, tags, fences, JSON, headings, lead-ins, hedges, courtesies), and ranks the parts that can contain
 * the answer. A wrapper around an answer therefore changes no score: score(w(y)) = score(y).
 */

/** Matches GLM's tokens around a final answer. */
const BOX_TOKENS = /<\|(begin|end)_of_box\|>/g;

/** Removes pairs of formatting marks around parts of a text. */
function unmarked(text: string): string {
  const marks = marksIn(text);
  const open = new Map<string, Mark[]>();
  const paired: Mark[] = [];
  for (const mark of marks) {
    if (mark.kind === 'answer') continue;
    const before = open.get(mark.base) ?? [];
    open.set(mark.base, before);
    const first = mark.isClose ? before.pop() : undefined;
    if (first) paired.push(first, mark);
    else if (!mark.isClose) before.push(mark);
  }
  let [out, from] = ['', 0];
  for (const { start, end } of paired.sort((a, b) => a.start - b.start)) {
    out += text.slice(from, start);
    if (/[\p{L}\p{N}]$/u.test(out) && /^[\p{L}\p{N}]/u.test(text.slice(end, end + 1))) out += ' ';
    from = end;
  }
  return out + text.slice(from);
}
/** Matches tags with attributes, as around a named point: <point x="10" y="20" alt="jug">jug</point>. */
const ATTRIBUTED = /<(\w+)(?:\s+[\w-]+=(?:"[^"]*"|'[^']*'))+\s*\/?>|<\/(?:points?|box|ref)>/g;

const MARKUP_TAG = new RegExp(String.raw`<\/?(?:${MARKUP})(?:\s[^<>]{0,80})?\/?>`, 'gi');
const HOLDER_TAG = new RegExp(String.raw`<\s*(${HOLDERS})\s*>([^]*?)(?:<\s*\/\s*\1\s*>|$)`, 'gi');
const INLINE_CODE = /^\s*`+([^`]+)`+\s*$/;

/** Keys of the answer in a JSON object, the most certain first. */
const KEYS = 'final_answer finalanswer answer prediction choice option response result count'.split(' ');
const HAS_KEY =
  /["'](?:final[_ ]?answer|answer|prediction|choice|option|response|result|count|\w*units?)["']\s*:/i;
/** Key of a unit, which belongs to the number next to it: {"distance": 150, "unit": "cm"}. */
const UNIT_KEY = /^(?:\w+_)?units?$/i;
/** Returns the key of the answer; in an object with only a number and its unit, the key of the number. */
const keyOf = (object: Record<string, unknown>): string | undefined => {
  const names = Object.keys(object);
  const surest = KEYS.flatMap((key) =>
    names.filter((name) => name.toLowerCase().replace(' ', '_') === key),
  )[0];
  if (surest !== undefined) return surest;
  const [only, ...others] = names.filter((name) => !UNIT_KEY.test(name));
  return names.length === 2 && others.length === 0 ? only : undefined;
};

/** Returns all boxed texts in order: `\text{left}` from `\boxed{\text{left}}`. An unclosed box ends with the text. */
const boxesIn = (text: string): string[] =>
  [...text.matchAll(/\\(?:boxed|fbox|framebox)\s*\{/g)].map(({ 0: open, index }) => {
    const from = index + open.length;
    let [at, depth] = [from, 1];
    for (; depth > 0 && at < text.length; at++) depth += text[at] === '{' ? 1 : text[at] === '}' ? -1 : 0;
    return text.slice(from, depth > 0 ? at : at - 1);
  });

/** Returns the part that JSON, a box or a tag marks as the answer; null if there is none. */
function marked(text: string): string | null {
  if (HAS_KEY.test(text)) {
    const json = findJson(text, { accept: (value) => isRecord(value) && keyOf(value) !== undefined });
    const object = json?.value as Record<string, unknown> | undefined;
    const value = object && object[keyOf(object)!];
    const only = Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
    if (['string', 'number', 'boolean'].includes(typeof only)) {
      const unit = Object.entries(object!).find(([key]) => UNIT_KEY.test(key))?.[1];
      return typeof unit === 'string' && /\d\W*$/.test(String(only))
        ? `${String(only)} ${unit}`
        : String(only);
    }
    if (Array.isArray(only)) return JSON.stringify(only);
  }
  const box = text.includes('\\') ? boxesIn(text).findLast((inside) => inside.trim() !== '') : undefined;
  if (box !== undefined) return box;
  const held = text.includes('<') ? [...text.matchAll(HOLDER_TAG)].at(-1) : undefined;
  // An answer that is stated after the block, as after the result of a tool, takes precedence over the block.
  return held?.[2]!.trim() && statedIn(text.slice(held.index + held[0].length)).length === 0
    ? held[2]!
    : null;
}

/** Removes tokens of chat templates and formatting marks. Converts full-width characters. */
function bare(text: string): string {
  const parts = unmarked(
    text.replace(BOX_TOKENS, (_, side: string) => (side === 'begin' ? '\\boxed{' : '}')),
  ).split(TOKEN);
  return (parts.find((part) => part.trim() !== '') ?? '')
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[\u3002\uff0e]/g, '. ')
    .replace(/\u3001/g, ', ')
    .replace(/\u3000/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(/\\(?:text(?:bf|it|rm)?|math(?:rm|bf|it|sf)|operatorname|emph)\s*\{([^{}]*)\}/g, '$1')
    .replace(/\\sqrt\s*\{([^{}]*)\}/g, '√$1')
    .replace(/\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}/g, '$1/$2')
    .replace(/\^\s*\{?\s*\\circ\s*\}?|\\degree\b/g, '°')
    .replace(/<br\s*\/?>|<\/p>|<\/li>|<\/h\d>/gi, '\n')
    .replace(/```(?:[\w-]*[^\S\n]*\n)?/g, '\n')
    .replace(MARKUP_TAG, '')
    .replace(/\*\*|(?<!\d ?)\*|\*(?! ?\d)/g, '')
    .replace(/(?<![\p{L}\p{N}\\_])_{1,3}(?!_)|(?<!_)_{1,3}(?![\p{L}\p{N}_])/gu, '')
    .replace(/[\p{Extended_Pictographic}\ufe0f\u200d]/gu, (c) => (/[\d#*]/.test(c) ? c : ''))
    .trim();
}

/** Numbers of characters to read at the start and the end of a long text, where answers usually are. */
const [HEAD, TAIL] = [2000, 6000];
const ends = (text: string): string =>
  text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)}\n${text.slice(-TAIL)}`;

/** Text that contains no characters of a wrapper, and that is short enough to read completely. */
const PLAIN = /^[a-z\d \n.,;:!?'"()%/+=-]{0,8000}$/i;

/** Returns the answer inside all nested wrappers. */
export function unwrapped(text: string): string {
  if (PLAIN.test(text)) return text.trim();
  let inner = bare(ends(text));
  for (let depth = 0; depth < 5; depth++) {
    const held = INLINE_CODE.exec(inner)?.[1] ?? marked(inner);
    const next = held === null ? inner : bare(held);
    if (next === inner || next === '') break;
    inner = next;
  }
  return inner;
}

/** Matches phrases before an answer: "### Final Answer", "So the correct answer is", "答案：". */
const STATES = new RegExp(
  String.raw`(?<=^|[\n.!?;:,)] {0,2}|\b(?:so|thus|hence|therefore|and|that) )#* *(?:(?:so|thus|hence|therefore),? )?(?:(?:my|the|our|a) )?` +
    String.raw`(?:(?:final|correct|best|right|short|most (?:likely|plausible|probable)) ){0,2}(?:answer|ans|conclusion|prediction|verdict|response|option|choice|final|(?:grand )?total(?: number| count)?|overall|altogether)` +
    String.raw`(?:, (?:therefore|thus|hence|then|in this case),)?` +
    String.raw`(?: (?:to|for) (?:the|this|your) (?:\p{L}+ )?question)?(?: here)?` +
    String.raw`(?: ?(?:\n+|:|=|(?:is|would be|should be|must be)\b(?! (?:that )?(?:not|n't)\b):?) *)+` +
    String.raw`|(?:最终|正确|最後の?|正解)?(?:答案|回答|答え)(?:应该)?[是为は]?[:：= ]*\n?|\b(?:antwort|réponse|respuesta|risposta|resposta|odpowiedź|ответ)\b(?: ?(?:ist|est|es|è|é))? ?:? *`,
  'giu',
);

const HEDGE =
  /^(?:(?:it is|it's|that is|that's|this is)? ?(?:a bit |somewhat |quite |very )?(?:hard|difficult|tough|tricky|impossible) to (?:say|tell|be (?:sure|certain)|see|judge|know)(?: (?:for (?:sure|certain)|exactly|with certainty|from (?:the|this) \p{L}+))?|(?:i am|i'm|i cannot be|i can't be)? ?not (?:(?:entirely|completely|totally|quite|absolutely|100 ?%|fully) )?(?:sure|certain)|i (?:cannot|can't) (?:be (?:sure|certain)|say for (?:sure|certain)|tell for (?:sure|certain)))(?:[,;.:]? (?:but|though|however),?|[,;]) /iu;
const LEAD_INS = [
  /^(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|well|great(?: question)?|good question|alright|all right|hmm+|let me see|let's see|no problem|gladly|happy to help)(?:[!,.:;]|\.\.\.|…)+ ?/i,
  /^(?:here(?: is|'s)|below is|this is) (?:my|the|your) (?:final )?(?:answer|response|result)[:.]? ?/i,
  /^(?:based on|according to|relative to|compared (?:to|with)|with respect to|judging (?:by|from)|looking (?:closely )?at|after (?:looking|examining|analy[sz]ing)|considering|given|from|in|as (?:shown|seen|depicted|visible) in) (?:at )?(?:the|this|your|what|an?) (?!(?:(?!\b(?:is|are|appears?)\b)[^,])*\b(?:corner|side|half|part|left|right|top|bottom|middle|cent(?:er|re))\b)[^,.;:\n]{0,50}, ?/i,
  /^(?:(?:as|from what|so far as|as far as) i can (?:see|tell)|in my (?:opinion|view|estimation)|to me|honestly|to be honest|frankly|overall|so|therefore|thus|hence|then|now)[,:]? /i,
  // A first impression that is taken back: "My first estimate was 3 m, but …", "At first glance …. However, …".
  /^(?=i (?:thought|considered|assumed|said)\b|[^.;:!?\n]*\b(?:at first|initial(?:ly)?|originally|first (?:thought|considered|counted|estimated?|guess(?:ed)?|impression|glance|look|sight|count|reading|answer))\b)(?:[^.;:!?\n]|\.(?=\d))*?[,.;:]? (?:but|however|yet)\b,? (?:now )?/i,
  /^(?:(?:if|when) you look|looking|on (?:a )?closer (?:inspection|look))(?: more)?(?: closely| carefully)?, /i,
  /^(?:i (?:can )?(?:clearly )?(?:confirm|see|tell|observe|note)|(?:we|you|one) (?:can )?(?:clearly )?(?:see|tell|observe)|it (?:is|'s|seems|appears) (?:quite |very |fairly )?(?:clear|evident|apparent|obvious|visible)|it can be (?:clearly )?(?:seen|observed)|(?:the|this) (?:image|picture|photo) (?:clearly )?(?:shows|indicates|reveals)|there is no doubt) that /i,
  /^(?:(?:one|you|some(?:one)?|people|it|at first(?: glance)?,? (?:one|it)) (?:might|may|could|would)|it(?:'s| is) tempting to) (?:think|say|expect|assume|guess|seem|look)\b[^.;]*?[.;,]? (?:but|however|yet)\b,? /i,
  /^(?:(?:out )?of|between|among) (?:the two|both|these|them|the \p{L}+ and the \p{L}+)(?: \p{L}+)?, /iu,
  /^(?:(?:but |and )?(?:if i had to (?:guess|choose|pick)|at a guess),? )/i,
  /^i(?:'d| would|'ll| will| am|'m)? (?:(?:probably|definitely|just|rather|have to) )?(?:think|believe|guess|suppose|say|go(?:ing)? (?:with|for)|choose|pick|answer|select|lean(?:ing)? towards?|bet(?: on)?|assume|would say|am going with)(?: that)?:? (?!so\b)/i,
  /^my (?:best )?(?:guess|pick|choice|answer|estimate|vote)(?: here)?(?: is| would be|:)+ (?!not\b)/i,
  /^(?:it|that|this)(?:'s| is| was| (?:seems|appears|looks)(?: like| to be)?| must be| should be| would be| is probably| is likely) (?!not\b|hard\b|difficult\b|impossible\b|unclear\b)/i,
  /^(?:maybe|perhaps|possibly),? (?!not\b)(?=[^,;]*$)/i,
  /^(?:probably|likely|most likely|very likely|presumably|definitely|clearly|obviously|surely|simply|just)[,:]? (?!not\b)/i,
];
const MAY_BE_COURTEOUS = /\b(?:know|free|hesitate|hope|you|thank|anything|have|happy)/i;
const COURTESY =
  /(?:^|(?<=[.!?\n,;]|\p{L}))\s*(?:(?:please )?(?:let me know|feel free|don't hesitate)\b[^\n]*|(?:i )?hope (?:this|that|it)(?: answer| information)? (?:helps?|answers)\b[^\n]*|(?:if|should) you (?:have|need|want|would like|like)\b[^\n]*|is there anything (?:else|more)\b[^\n]*|(?:do|would) you (?:need|want|like) (?:anything|more|me to)\b[^\n]*|(?:many )?thank(?:s| you)\b[^\n]*|have a (?:nice|great|good) (?:day|one)\b[^\n]*|happy to help\b[^\n]*|you're welcome\b[^\n]*)$/iu;
const AFTERTHOUGHT =
  /,? ?\(?(?:i (?:think|believe|guess|suppose|would say|assume)|most likely|probably|apparently|as far as i can (?:see|tell)|for (?:sure|certain)|of course|clearly|definitely|obviously|by far|without (?:a )?doubt|in my (?:opinion|view)|(?:but|though|although) (?:i am|i'm) not (?:(?:entirely|completely|quite|fully) )?(?:sure|certain))\)?[.!]*$/i;

/** Matches phrases after an answer, as in "A is the correct answer." */
const IS_ANSWER =
  /(?: is| would be) (?:the |my )?(?:(?:most|correct|right|best|likely|final) )*(?:answer|option|choice)[.!]*$/i;

/** Removes lead-ins, hedges and courtesies from a part of an answer. */
function withoutManners(text: string): string {
  let stretch = text.trim();
  for (let before = ''; before !== stretch;) {
    before = stretch;
    const rest = MAY_BE_COURTEOUS.test(stretch) ? stretch.replace(COURTESY, '').trim() : stretch;
    if (/[\p{L}\p{N}]/u.test(rest)) stretch = rest;
    for (const lead of [HEDGE, ...LEAD_INS, AFTERTHOUGHT, IS_ANSWER]) {
      const without = stretch.replace(lead, '').trim();
      if (/[\p{L}\p{N}°²+√-]/u.test(without)) stretch = without;
    }
  }
  return stretch;
}

const CONCLUDES =
  /(?:^|[,;:.] |\band )(?:so|therefore|thus|hence|overall|altogether|consequently|in (?:conclusion|summary|short|total)|to (?:summari[sz]e|conclude|sum up)|(?:this|which|that) (?:means|makes|implies|suggests|indicates|leaves)(?: that)?|leaving),? (?=\S)/gi;

/** Returns the conclusion of an answer ("…, hence C."); null if it has none. */
function conclusionOf(text: string): string | null {
  const last = [...text.matchAll(CONCLUDES)].at(-1);
  return last ? text.slice(last.index + last[0].length) : null;
}

/** Matches the end of a sentence or line: after a unit ("2 m. It"), but not after an option's letter ("B. left"). */
const SENTENCE_END = /(?<=[.!?])(?<!(?:^|(?<!\d)\s|[("'])[A-Za-z]\.)(?<!^\d{1,2}\.)\s+|\n+/;
const FINITE =
  /\b(?:is|are|was|were|am|be|been|has|have|had|do|does|did|can|could|would|should|will|may|might|must|stands?|sits?|lies?|appears?|seems?|looks?|shows?|sees?|see|think|count|hangs?|rests?|faces?|contains?|holds?)\b|'(?:s|re|m)\b|(?<=\p{L} )(?:shifted|moved|turned|rotated)\b/iu;
/** Maximum number of words in a bare answer, which has no verb. */
const MOST_BARE = 8;

/** Returns whether a text is only an answer, and not a statement that contains an answer. */
export const isBareAnswer = (text: string): boolean =>
  !FINITE.test(text) && (text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0) <= MOST_BARE;

/**
 * Returns the parts of an answer by rank, the most certain first: what follows the last correction; the stated answer; a
 * bare first sentence and its conclusion; the whole text. Parts of the same rank must agree.
 */
export const ranksOf = remembered(100, (said: string): readonly string[][] => {
  const text = withoutQuestions(unwrapped(said).replace(ATTRIBUTED, ''));
  if (text === '') return [];
  if (/^[\p{L}\d-]*$/u.test(text)) return [[text]];
  const correction = correctionIn(text);
  if (!correction) return ranksIn(text);
  const mark = text.slice(correction.before.length, -correction.now.length);
  // "Wait" may add something, but "no, wait" takes the text before it back.
  return [...ranksOf(correction.now), ...(/\bno\b/i.test(mark) ? [] : ranksIn(text))];
});

/** Returns the parts before and after the last correction in an unwrapped answer; null without a correction. */
export function correctionIn(text: string): { before: string; now: string } | null {
  const last = MAY_CORRECT.test(text) ? [...text.matchAll(CORRECTS)].at(-1) : undefined;
  const now = last ? text.slice(last.index + last[0].length) : '';
  return /[\p{L}\p{N}]/u.test(now) ? { before: text.slice(0, last!.index), now } : null;
}

const MAY_CORRECT =
  /\b(?:wait|sorry|correct|again|closer look|scratch|strike|on second|i mean|or rather|actually|no,)/i;
/** Matches a correction, which takes back the text before it: "Left. Wait, right.", "2, I mean 3", "1 m... no, 2 m". */
const CORRECTS =
  /(?=\p{L})(?<=[^\p{L}\p{N}\s]\s*)(?:(?:(?:oh|hmm|but),? )?(?:no,? )?(?:(?:wait|sorry|correction)(?=[^\p{L}\p{N}]| (?:no|it|that|actually)\b)(?! \p{L}{4})|(?:scratch|strike) that|on second thoughts?|let me correct (?:that|myself)|(?:looking|on (?:a )?closer) (?:again|look)(?:,? no)?|i meant?|or rather)|(?<=[.!?…\n]\s*)actually|(?<=(?:\.\.|…|[—–]| -)\s*)no(?=, ))\b(?:[\s,.;:!?…—–]+actually)?(?:[\s,;:!?…—–]|\.(?!\d)|-(?!\d))*/giu;

function ranksIn(text: string): string[][] {
  const answer = withoutManners(text);
  const [first] = answer.split(SENTENCE_END, 1) as [string];
  const lead = first === answer ? answer : withoutManners(first);
  const conclusion = conclusionOf(answer);
  const list = text.includes('\n') ? listIn(text) : -1;
  const reasonless =
    isBareAnswer(answer) || !MAY_REASON.test(answer)
      ? answer
      : answer
          .replace(REASON, ' ')
          .replace(/ +(?=[.!?]|$)/g, '')
          .trim();
  const unstated = [
    [
      ...(isLead(lead) && list !== 0 ? [lead] : []),
      ...(conclusion === null ? [] : [withoutManners(conclusion)]),
    ],
    list > 0 ? [withoutManners(text.slice(0, list))] : [],
    [answer],
    [text],
    reasonless === answer ? [] : [reasonless],
  ];
  const stated = statedIn(text).map((sentence) => withoutManners(sentence));
  const leads = stated.map((sentence) => withoutManners(sentence.split(SENTENCE_END, 1)[0]!));
  // Skip parts that already have a higher rank: they contained no answer.
  const seen = new Set<string>();
  const isNew = (stretch: string) => seen.size < seen.add(stretch).size;
  return [leads.filter(isLead), stated, ...unstated].filter((rank) => rank.map(isNew).includes(true));
}

/** Removes questions from an answer, unless "yes" follows: "The lamp? No, the sofa." Keeps a lone question. */
const withoutQuestions = (text: string): string =>
  text.includes('?')
    ? text.replace(QUESTION, (asked, yes?: string) => (yes ? asked.replace(/\?\W*/, ': ') : ''))
    : text;
const QUESTION =
  /(?<=^|[.!?\n]\s*)(?:[^.!?\n]|[.](?=\d))*\?["')]*\s+(?=[^\n]*[\p{L}\p{N}])(?:(yes|yeah|yep|correct|right|indeed|i think so)\b[.!,]*\s*)?/giu;

/** Returns whether a first sentence is a bare answer, and not an entry of a one-line list ("Balls: 5. Cubes: 4."). */
const isLead = (text: string): boolean => isBareAnswer(text) && !LABEL.test(text);
const LABEL = /^(?:\p{L}+ ){0,3}\p{L}+: ?\d/u;

/** Matches an entry of a list: "- 5 balls", "2. **Balls**", "Balls: 5". */
const ENTRY = /^\s*(?:[-*•]\s|\d{1,2}[.)]\s|\d+ \p{Ll}|(?:\p{L}+ ){0,3}\p{L}+: ?\d)/u;

/** Returns the start of a list of several entries; -1 without a list. The text before the list is its summary. */
function listIn(text: string): number {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => ENTRY.test(line));
  const next = lines.slice(first + 1).find((line) => line.trim() !== '');
  return first < 0 || next === undefined || !ENTRY.test(next) ? -1 : lines.slice(0, first).join('\n').length;
}

const MAY_REASON =
  /\b(?:because|since|as|while|whereas|given|due|contrast|hand|conversely|it|they|this|that)\b| [.!?]|, (?:who|which|whose|with|followed|next|beside|near|between|behind)\b/i;
/** Reasons for an answer, statements about the alternative, and further details: ", which hangs next to the lamp". */
const REASON =
  /(?<=^|[.!?\n]|\b(?:and|but),?)\s*\b(?:because|since|as|while|whereas|given that|due to)\b(?:[^,.!?\n]|[.,](?=\d))*,|,? ?\b(?:because|since|as (?=the\b|it\b|its\b|there\b|both\b)|while|whereas|given that|due to)\b(?:[^.!?\n]|\.(?=\d))*|(?<=^|[.!?\n])[^.!?\n]*\b(?:(?:by|in) contrast|on the other hand|conversely)\b[^.!?\n]*|(?<=[.!?\n]\s*)\b(?:it|they|this|that) (?!is\b|are\b|was\b|must\b|would\b|should\b|seems?\b|appears?\b|looks?\b|has to\b)[^.!?\n]*|, (?:who|which|whose|with|followed by|next to|beside|near|between|behind)\b(?! (?:means?|corresponds?|implies|translates?|makes?|places?|puts?|would|only|\d|one|two|three|four|five|six)\b|[^,.;!?\n]*(?:\b(?:not|no|but|made)\b|n't\b))(?:[^,.;!?\n]|[.,](?=\d))*(?:,(?= (?:is|are|was|were|has|looks|seems|appears|stands)\b)|(?=[.;!?\n]|$))/gi;

/** Returns the answers in the last line with an answer; two if the line corrects itself. Later text explains. */
function statedIn(text: string): string[] {
  const statements = [...text.matchAll(STATES)].map(({ 0: state, index }) => ({
    index,
    from: index + state.length,
  }));
  const last = statements.at(-1);
  if (last === undefined) return [];
  const line = text.lastIndexOf('\n', text.slice(last.index).search(/\S/) + last.index);
  return statements
    .filter(({ from }) => from > line || ALTERNATIVELY.test(text.slice(from, last.index)))
    .map(({ from }, i, all) => {
      const rest = text.slice(from, all[i + 1]?.index);
      return rest.trim().split('\n', 1)[0]!;
    })
    .filter((answer) => answer !== '');
}

/** Matches the start of an alternative answer: "… is B, OR, if …, the answer is A". */
const ALTERNATIVELY = /\n\W*(?:OR|or)\b[^\n]*\n/;

/**
 * Reads the highest-ranked parts of an answer that contain a value.
 * @param read returns null for a part without a value, and undefined for a part with several different values
 * @returns null if no part has a value, or if the values differ
 */
export function readSaid<T>(
  text: string,
  read: (stretch: string) => T | null | undefined,
  keyOf: (value: T) => unknown = (value) => value,
): T | null {
  for (const rank of ranksOf(text)) {
    const values = rank.map(read).filter((value) => value !== null);
    const [value] = values;
    if (values.length === 0) continue;
    const isOne = values.every((other) => other !== undefined && keyOf(other) === keyOf(value!));
    return isOne ? value! : null;
  }
  return null;
}
