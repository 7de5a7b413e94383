import { compilePattern, matches, type Pattern } from './patterns.ts';
import type { Token } from './tokens.ts';
import { CLASSES } from './words.ts';

/**
 * What *left* and *right* can mean in a sentence, told by the words around them. Each line is one observation and
 * argues for one reading: the side, or anything else (departed, remaining, exactly, correct), which is kept as it is.
 * `sure` observations beat the others; where both readings stand equal, nothing is decided. `open` says only that the
 * sentence is complete here and its surroundings must tell: "The cup is right."
 */
export type Reading = 'side' | 'kept' | 'open';

interface Observation {
  rule: string;
  reading: Reading;
  sure: boolean;
  pattern: Pattern;
}

const observe =
  (reading: Reading, sure: boolean) =>
  (rule: string, ...patterns: string[]): Observation[] =>
    patterns.map((source) => ({ rule, reading, sure, pattern: compilePattern(source, CLASSES) }));

const side = observe('side', true);
const perhapsSide = observe('side', false);
const kept = observe('kept', true);
const perhapsKept = observe('kept', false);
const open = observe('open', false);

const both: Observation[] = [
  side(
    'side.menu',
    '@ <or> <preposition>? <det>? <lr>',
    '<lr> <or> <preposition>? <det>? @',
    '@ to|from <lr>',
    '<lr> to|from @',
    'from the? @ to the? <lr>',
    'from the? <lr> to the? @',
    '@ -<lr>',
    '<lr> -@',
    '^ @ , or|and? <lr>',
    '^ <lr> , or|and? @',
    '<lr> , @ ,|or|and',
    '@ , or|and? <direction>',
    '<direction> , or|and? @',
    '@ <or> <direction>',
    '<direction> <or> @',
  ),
  side('side.of', '@ of !way|passage|return|what|whom'),
  side(
    'side.part',
    '@ <part> !up',
    '@ -handed|footed|eyed|most|facing|leaning|turning|sided|aligned|hander|handedness',
  ),
  side('side.frame', 'stage|house|camera|screen|field @ !<det>|<rest>'),
  side('side.numbered', '@ -<num>'),
  side('side.shift', '@ by|about <num>', '<move>|<turn>|<face> ~ <num> <unit> @', '@ than'),
  side('side.move', '<turn>|<face>|<move> @ $', '<turn>|<face>|<move> @ and|or|then|but|while|so'),
  perhapsSide('side.move', '<turn>|<face>|<move> @', '<turn>|<move> <det> ~ @ $', '<turn>|<move> <object> @'),
  side('side.parenthesis', '( @ )', '[ @ ]'),
  perhapsSide('side.shift', '<num> <unit> @'),
  open('open', '^ @ $', '<be> @ $', '^ @ <letter> .|)|:', '<letter> @ <letter>'),
].flat();

const left: Observation[] = [
  both,
  side(
    'side.noun',
    '<det> @ !luggage|baggage|overs',
    '<det> <num> @ !<rest>|<particle>|<det> _',
    '<ordinal> @',
    '<modifier> @',
  ),
  side('side.at', 'to|on|at|from|toward|towards @', '<corner> @', '<degree> @ of', 'a little|bit @ of'),
  side('side.parenthesis', ', @ ,', '^ @ :'),
  perhapsSide(
    'side.noun',
    '<preposition> @ !<det>',
    '<or> @ !<det>',
    '^^ @ !<det>|<object>|<rest>|<particle> _',
  ),
  perhapsSide('side.picture', '@ in|on|of the? <picture>'),

  kept(
    'kept.departed',
    '!<be>|<or> <subject> @ !of',
    '<have> <adverb>? @',
    'who|that @ !of',
    '<adverb> @ !of|or|and',
    '!<lead>|^^ @ <det>|<object>',
    '<possessive> @ <det>',
  ),
  perhapsKept('kept.departed', '^^ @ <det>|<object>', 'which @'),
  kept(
    'kept.participle',
    '<be> @ <particle>',
    'be|been|being|get|gets|got|getting @ !of|or|and',
    '@ side by side',
  ),
  kept('kept.participle', '!<lead> @ <particle>'),
  perhapsKept('kept.participle', '<be> @ <rest>', '!<lead> @ <rest>', '<move> @ <particle>|<rest>'),
  kept(
    'kept.remaining',
    'many|much ~ !<lead> @ $|<rest>',
    'many|much <be> @ of',
    '<num> !<lead> @ $|<rest>',
    '<num> _ !<lead>|<unit> @ $|<rest>',
    'only ~ !<lead> @ $',
    'what ~ <be> @ $|<rest>',
    'any|no|some|more|many|much|have|has _ !<lead> @ $|<rest>',
    '<remaining> !<lead> @ !of',
    'what|all <be> @ of',
    "what's|remains @ of|$",
    "there|there's ~ !<lead> @ $",
  ),
  perhapsKept('kept.remaining', '<remaining> @ of', '<num> <unit> @'),
  kept('kept.phrase', '@ -click|over|overs', '@ click|clicks|clicked|luggage|baggage'),
].flat();

const right: Observation[] = [
  both,
  side(
    'side.at',
    '<preposition> <det> @ !<correct>|<either>|<fixed>',
    'to|on|at|from|toward|towards @ !<target>|<correct>|<either>|<fixed>',
    '<corner> @ !<target>',
  ),
  side('side.noun', '<det> @ !<correct>|<either>|<fixed>|<target>', '<ordinal> @', '<modifier> @ !<target>'),
  side('side.move', '<turn> @ at|onto|into|on|to|toward|towards|from|by|along|until|when|with|for|where|as'),
  perhapsSide('side.noun', '<det> @ <either>|<target>', '^^ @ !<target>|<correct>|<either>|<fixed>|<det> _'),
  perhapsSide('side.noun', '<preposition>|<or> @ !<det>', '<corner> @', '<modifier> @', ', @ ,'),

  kept('kept.exactly', '@ now|away', '!<preposition>|<det> @ to|at|on the <lr>'),
  perhapsKept('kept.exactly', '!<det> @ <target>'),
  kept(
    'kept.correct',
    '!<lr> @ <correct>',
    "that's|you're|they're @ $",
    'that <be> @ $',
    '<be> that|this|it @ $',
    'feels|feel|felt|seems|seem|sounds|sound|guess|guessed|prove @',
    'look|looks it|this|that @',
    'it|this|that look|looks @',
    'get|gets|got|getting it|them|this|that @',
    '<be> it @ to|that',
    '@ <or> wrong',
    'wrong <or> @',
    'you|i|they are|am|were @ $',
  ),
  perhapsKept('kept.correct', '<det> @ <either>', '<choose> ~ @', '@ <either>'),
  kept('kept.tag', ', @ ? $$', 'yes|yeah|ok|okay|correct , @ $', '^^ @ ? $$', '^^ @ ! $$'),
  kept(
    'kept.phrase',
    'all @',
    '@ <fixed>',
    '@ of way|passage|return',
    '@ side up',
    '@ hand man',
    '@ as rain',
    '<have> the @ to',
    'human|civil|equal|animal|voting|property @',
    'bill of @',
    '@ reserved',
  ),
].flat();

/** The observations that hold at one bare *left* or *right*. */
export function observations(tokens: readonly Token[], at: number): Observation[] {
  const table = tokens[at]!.lower.startsWith('l') ? left : right;
  return table.filter(({ pattern }) => matches(pattern, tokens, at));
}

/** `undecided`: no observation holds, or both readings stand equal (then `contested`). */
export interface Verdict {
  reading: Reading | 'undecided' | 'contested';
  rule: string;
}

/** Weighs the observations: a sure one beats others; among equals, all must agree. */
export function weigh(found: readonly Observation[]): Verdict {
  const sure = found.filter((o) => o.sure);
  const voices = sure.length > 0 ? sure : found.filter((o) => o.reading !== 'open');
  const heard = voices.length > 0 ? voices : found;
  const [first] = heard;
  if (!first) return { reading: 'undecided', rule: 'undecided' };
  if (heard.some((o) => o.reading !== first.reading)) return { reading: 'contested', rule: 'contested' };
  return { reading: first.reading, rule: first.rule };
}
