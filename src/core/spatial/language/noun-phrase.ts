import { referent } from './sentence.ts';

/** Word lists, as alternatives of a regular expression. */
export const FINITE =
  'is|are|was|were|has|have|appears?|lies?|stands?|sits?|looks?|seems?|comes?|rests?|hangs?|occupies|contains?|holds?';
export const PREPOSITION =
  'on|in|at|of|to|from|near|by|with|behind|above|below|under|than|beside|inside|outside|between|and|for|towards?|around|against|over';
export const OWNER = "the|an?|this|that|these|those|its|his|her|their|my|your|our|[\\w]+['’]s";
const PLACING = 'located|positioned|placed|situated|found|seen|shown|visible|set';
export const POSTURE =
  'standing|sitting|lying|resting|hanging|leaning|parked|kneeling|floating|hovering|walking|running|moving|flying';
export const POSTURE_BEFORE = new RegExp(`\\b(?:${POSTURE})\\s+$`, 'i');
export const DEGREE =
  'directly|immediately|just|right|slightly|far|much|way|exactly|significantly|considerably|clearly|somewhat|even|a lot|a bit|a little|partially|partly|mostly|completely|fully|entirely|noticeably|physically|actually|also|still|well';

/** "the cup positioned directly " → subject and the words between it and the phrase. */
export function splitSubject(text: string): [subject: string, between: string] {
  const between = new RegExp(
    `(?:(?:^|\\s+)(?:${PLACING}|${POSTURE}|${DEGREE}|more|the|a|an|one of|have|first|second|third|fourth|fifth|\\d+(?:st|nd|rd|th)))*\\s*$`,
    'i',
  ).exec(text)!;
  return [text.slice(0, between.index).trim(), between[0]];
}

const THING_ING =
  /^(?:building|ceiling|painting|railing|awning|clothing|lighting|wing|ring|king|string|swing|sibling|duckling|wedding|bedding|evening|morning|parking|drawing|opening|landing|crossing|thing|something|covering|frosting|icing|earring|stocking|pudding|dumpling|sling)s?$/i;
const STATE =
  'open|closed|empty|full|red|blue|green|yellow|black|white|brown|orange|purple|pink|gr[ae]y|visible|asleep|awake|broken|clean|dirty|wet|dry|round|square|wooden|metal|plastic|happy|sad|old|young|new|big|small|large|tall|short|long|wide|turned|lit|on|off';

/** Places that several things can share, so that "next to the plate on the left" may be the predicate. */
const SHARED =
  /\b(?:next to|beside|besides|by|near|adjacent to|touching|facing|against|around|between|along|with (?:the|his|her|its|their)|the same|of equal|identical|similar|alike|part of|each other|one another)\b/i;
const ACTION =
  /\b(?:wearing|holding|carrying|riding|eating|drinking|using|playing|reading|watching|looking|talking|pushing|pulling|driving|kicking|throwing|touching)\b/i;

/**
 * Whether a text is one noun phrase and cannot hide a predicate of its own. Without a parser, participles, states at
 * the end and definite places ("on the table") count as predicates, unless they plainly stand before a noun.
 */
export function isNounPhrase(phrase: string, role: 'subject' | 'other'): boolean {
  const text = referent(phrase.replace(/\([^()]*\)/g, '').split(/[,;?:]/)[0]!);
  if (text === '') return true;
  const words = text.split(/\s+/);
  const last = words.at(-1)!;
  // "The woman in white" is a noun phrase, "the truck red" is not.
  if (new RegExp(`^(?:${STATE})$`, 'i').test(last) && words.at(-2)?.toLowerCase() !== 'in') return false;
  if (/\b(?:is|are|was|were|has|have|does|do|will|appears|seems)\b/i.test(text)) return false;
  if (SHARED.test(text) || ACTION.test(text)) return false;
  // The cup on the table: of a subject only which cup; after a place perhaps what is asked.
  if (role === 'other' && /\b(?:on|in|at) (?:the|its|his|her|their)\b/i.test(text)) return false;
  return words.every((word, i) => {
    const next = words[i + 1];
    const participle =
      /(?:ing|ed|worn|held|made|taken|broken|hidden|left|cut|shown|seen|built|put|kept|lost)$/i.test(word) &&
      !THING_ING.test(word) &&
      !/^(?:red|bed|shed|sled|seed|weed|speed|reed)s?$/i.test(word);
    // "the parked car" goes on to a noun.
    return (
      !participle ||
      (next !== undefined &&
        !new RegExp(`^(?:${PREPOSITION}|${OWNER}|up|down|away|off|out|back|forward)$`, 'i').test(next))
    );
  });
}
