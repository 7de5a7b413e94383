import { referent } from './sentence.ts';

/** Word lists, as alternatives of a regular expression. */
export const FINITE =
  'is|are|was|were|has|have|appears?|lies?|stands?|sits?|looks?|seems?|comes?|rests?|hangs?|occupies|contains?|holds?|reaches';
export const PREPOSITION =
  'on|in|at|of|to|from|near|by|with|behind|above|below|under|than|beside|inside|outside|between|and|for|towards?|around|against|over';
export const OWNER = "the|an?|this|that|these|those|its|his|her|their|my|your|our|[\\w]+['’]s";
export const PLACING = 'located|positioned|placed|situated|found|seen|shown|visible|set';
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

/** Whether what follows a place is one noun phrase, so that the place is the sentence's predicate and not its subject's. */
export function isNounPhrase(tail: string): boolean {
  const text = referent(tail.replace(/\([^()]*\)/g, '').split(/[,;?:]/)[0]!);
  if (text === '') return true;
  const words = text.split(/\s+/);
  const last = words.at(-1)!;
  if (new RegExp(`^(?:${STATE})$`, 'i').test(last)) return false;
  if (new RegExp(`\\b(?:${FINITE}|will|can|does|do)\\b`, 'i').test(text)) return false;
  return words.every((word, i) => {
    const next = words[i + 1];
    const participle =
      /(?:ing|ed|worn|held|made|taken|broken|hidden)$/i.test(word) &&
      !THING_ING.test(word) &&
      !/^(?:red|bed|shed|sled|seed|weed|speed|reed)s?$/i.test(word);
    // "the parked car" goes on to a noun; "the woman wearing a hat" is another predicate, or may be one.
    return (
      !participle ||
      (next !== undefined && !new RegExp(`^(?:${PREPOSITION}|${OWNER}|up|down)$`, 'i').test(next))
    );
  });
}
