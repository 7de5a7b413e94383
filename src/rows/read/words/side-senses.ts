import { entries } from './sets.ts';

/**
 * Meaning of *left* and *right* in a sentence, determined by the surrounding words. Each line of the tables is one
 * observation and supports one reading: the side, or another meaning (departed, remaining, exactly, correct), which
 * stays unchanged. `open` means that the sentence is complete, so that the context must decide: "The cup is right."
 */
export type Sense = 'side' | 'kept' | 'open';

/** Weights of observations: `fixed` outweighs all others, `sure` outweighs `perhaps`, `last` only counts alone. */
export const WEIGHT = { fixed: 3, sure: 2, perhaps: 1, last: 0 };

export interface SenseRow {
  rule: string;
  reading: Sense;
  weight: number;
  /** Pattern in which `@` is the word whose meaning is decided (../patterns.ts). */
  pattern: string;
}

/** Reads observations from a table: "rule, weight", with the patterns below it. The default weight is `sure`. */
const senses = (text: TemplateStringsArray): SenseRow[] =>
  entries(String.raw(text)).flatMap(({ head, lines }) => {
    const [rule, weight = 'sure'] = head.split(', ') as [string, keyof typeof WEIGHT];
    const reading = rule.split('.')[0] as Sense;
    return lines.map((pattern) => ({ rule, reading, weight: WEIGHT[weight], pattern }));
  });

const both = senses`
  side.menu
    @ <or> <preposition>? <det>? <lr>
    <lr> <or> <preposition>? <det>? @
    @ to|from <lr>
    <lr> to|from @
    from the? @ to the? <lr>
    from the? <lr> to the? @
    @ -<lr>
    <lr> -@
    ^ @ , or|and? <lr>
    ^ <lr> , or|and? @
    @ , <lr> ,|or|and|.
    <lr> , @ ,|or|and
    <lr> ,? and? then @
    @ , or|and? <direction>
    @ <or> <direction>
    <direction> or|/|nor @
    <direction> , or @
    <direction> , <direction> , and? @
    <place> ,|and and? @
    <turn>|<face>|<move> ~ <direction> and @
  side.of
    @ of !what|whom
    <degree> @ of
  side.to
    // "F presents left to G", as people write for "left of".
    present|presents|presented|appears|lies|stands|located|positioned|placed|situated|<be> @ to !{ the|a <lr> } { <det> / <name> / <code> / _ <code> / it|them|him }
  side.to, perhaps
    !<be>|<subject>|<have>|it @ to !{ the|a <lr> } <det>|<name>|<code>
  side.part
    <article>|<preposition>|<corner>|<or>|<grip>|^ @ <part>
    this|that @ side|hand|part|half
    @ -<part>|most|facing|leaning|turning|sided
    @ handed|handedness|hander|handers|footed|justified|aligned|facing|pointing|leaning|turned
  side.frame
    stage|house|camera|screen|field @ !<det>|<rest>
  side.numbered
    @ -<num>
  side.at
    // "above-left", "left-down", but not "left-behind".
    <direction> -@
    @ !behind -<direction>
    ^^ <mark>* <direction> @ <mark>* $$
  side.shift
    <turn>|<face>|<move>|<article>|^ @ by|about <num>
    <turn>|<move> <det>|<object> ~ @ by|about <num>
    <move>|<turn>|<face> ~ <num> <unit> @
    @ than
    than @
    the way @
  side.move
    <turn>|<face>|<move> <degree>|more @
    <turn>|<face>|<move> @ $|and|or|then|but|while|so
  side.move, fixed
    <turn>|<move> <num> @
  side.move, perhaps
    <turn>|<face>|<move>|<stay> @
    <turn>|<move> <det>|<object> ~ @
  side.parenthesis
    (|\[ @ )|\]
    no , @ $
  side.shift, perhaps
    <num> <unit> @
  side.part, perhaps
    @ <part>
  open, last
    ^|<be> @ $
    ^ @ <letter> .|)|:
    <letter> @ <letter>
`;

export const LEFT_SENSES = [
  ...both,
  ...senses`
  side.noun
    <article>|<ordinal> @
    <possessive> @ _
    <preposition> ~ <possessive> @
    <det> <num> @ !<rest>|<particle>|<det> _
    the most @
  side.at
    to|on|at|from|toward|towards|<corner>|<modifier> @
  side.move
    <turn>|<face>|<move> @
  side.parenthesis
    , @ ,
    ^ @ :
  side.noun, perhaps
    <preposition> @ !<det>
    "|“|' @ !<det>|<object>|<rest>|<particle> _
    <or>|then|<degree> @
    ^^ @ !<det>|<object>|<rest>|<particle> _
  side.picture, perhaps
    @ in|on|of the? <picture>
    @ in both|each|all
  kept.departed
    !<be>|<or> <subject> @ !of
    !<be>|<turn>|<move>|<face> it|they @ $|<rest>
    <have> <adverb>? @
    ^^ <have> ~ !<lead> @
    who|that @ !of|<part>
    <adverb> @ !of|or|and
    !<article>|<corner>|<modifier>|<degree> @ <det>|<object>
    ^ <article> <corner> @ <det>|<object>
    !<article> <corner> @ <det>|<object>
    after|before|when|once|since|until|because|if|while ~ !<lead> @ $
  kept.departed, perhaps
    which @
    <or>|then @
    <stay> @ $
    !<lead>|<grip>|^ @ <part>
  kept.participle
    be|been|being|get|gets|got|getting @ !of|or|and
    !<lead> @ <particle>
  kept.participle, perhaps
    _ !<lead>|<degree>|then @ <rest>
    <move> <det> ~ @ <particle>|<rest>
  kept.remaining
    many|much ~ !<lead> @ $|<rest>
    many|much <be> @ of
    how much of … <be> @ $|<rest>
    <num> @ $|<rest>
    !which <num> _ !<lead>|<unit> @ $|<rest>
    !which|what|the|these <num>|<remaining>|<quantity> ~ <be> @ $|<rest>
    any|no|some|more|many|much|have|has|enough|little|few _ !<lead> @ $|<rest>
    any|no|some|more|much|enough|little space|room|time|money|food @
    only ~ !<lead> @ $
    what|how _ <be> @ $|<rest>
    <remaining> @
    <remaining>|<quantity>|what <be> @ of
    what's|remains @ of|$
    there|there's ~ !<lead> @ $
    !<lead> @ to the <lr>
  kept.remaining, perhaps
    <num> <unit> @
    time|space|room|money|food @ $|<rest>
    those|these @
  kept.remaining, fixed
    all|everything|little|much that <be> @ of
    only crumbs|scraps|bits|pieces|fragments|ruins|bones|ashes|traces <be> @ of
  kept.phrase, fixed
    @ click|clicks|clicked|luggage|baggage
    @ -over|overs|click
    @ side by side
    @ of his|her|its|their own
`,
];

export const RIGHT_SENSES = [
  ...both,
  ...senses`
  side.menu
    <direction> ,|and and? @
  side.at
    <preposition> <det> @ !<correct>|<either>
    to|on|at|from|toward|towards @ !<target>|<correct>|<either>
    <corner> @ !<target>
    <preposition> <det>? <corner> @ !<contact>
    <det> far|upper|lower @
    <corner> @ in the <picture>
  side.noun
    <det> @ !<correct>|<either>|<target>
    <ordinal>|<modifier> @
    most|more @ !<target>
    ^^ @ !<target>|<correct>|<either>|<det> _
    "|“|' @ !<target>|<correct>|<either>|<det> _
    <det> @ one|ones _
    which|this|that|it|these <be> the @ !<correct>
    <be> this|that|it|these the @ !<correct>
    one the @ one ?|.
  side.move
    <stay> @ $
    <turn> @ at|onto|into|on|to|toward|towards|from|by|along|until|with|for|down|up|through
    <turn> @ in !front
    ^ <turn> @ !now|away|around|through|over|up|down|off|out|back|ahead
    ^ look @ before|after
    <turn>|<face>|<move> @ in ~ <picture>
  side.noun, perhaps
    <det> @ <either>|<target>|<correct>
    <preposition>|<or> @ !<det>
    , @ ,
    <corner> @
    then|slightly|immediately|directly @
    , @ at|into|onto|down|up|through
  kept.exactly
    !<det> @ now|away
    !<preposition>|<det> @ to|at|on the <lr>
    <stay> @ <contact>|near|here|there|on|outside|inside|where
  kept.exactly, perhaps
    !<det> @ <target>
    <det> @ to
  kept.correct
    // After a verb for what somebody does with it: "Did the waiter bring the right glass?", "She presses the right
    // button."
    ^^ <mark>* did|has|have|had … the @ !<part>|<target>|<lr>
    ^^ <mark>* do|does the|a|an|he|she|they|it … !<preposition>|<before>|<or> the @ !<part>|<target>|<lr>
    <doing> the @ !<part>|<target>|<lr>
    !<lr>|to @ <correct> $|<after>
    that's|you're|they're @ $
    that <be> @ $
    <be> that|this|it @ ?|.|!
    <be> that|this|it @ $$
    <correct> <be> @ ?|.
    <be> <det> <correct> @ ?|.
    you|i|they|we <be> @ $
    <be> i|you|they|we @ $
    feels|feel|felt|seems|seem|sounds|sound|guess|guessed|prove @
    look|looks|get|gets|got|getting it|this|that|them @
    !<animate>|^ look|looks|looked @ $
    it|this|that look|looks @
    <be> it @ to|that
    @ <or> wrong
    wrong <or> @
    // Identity, not position: "Which is the right box?", "Is this the right chair for a toddler?"
    which|this|that|it|these <be> the @
    <be> this|that|it|these the @
    the @ feet
  kept.fit
    one the @ one ?|.
    the @ _ for
    !<before>|<be> the @ _ to !the|a|an|his|her|its|their
  kept.correct, perhaps
    <choose> ~ @
    @ <either>|<correct>
  kept.tag
    ,|. @ ? $$
    yes|yeah|ok|okay|correct , @ $
    ^^ @ ?|! $$
  kept.phrase, fixed
    all @
    !<det>|<preposition>|<turn>|<move>|<face>|or|<corner>|<modifier>|<lr> !{ <lr> ,? and } @ in front of
    @ angle|angles|angled|triangle|triangles|triangular|whale|whales|click|clicks|clicked|clicking|minded|mind
    @ of way|passage|return
    @ side up
    @ hand man
    <have> the @ to
    mr . @
`,
];

const SHIP =
  'ship|ships|boat|boats|vessel|yacht|yachts|sailboat|sailboats|sailing|ferry|deck|hull|aboard|starboard|bow|stern|lifeboat|canoe|kayak|captain|aircraft|airplane|plane|jet|cockpit|rudder|helm|rower|rowing|anchor|anchors|anchored|anchoring';

/** Contexts in which a word, `@`, is a side (../patterns.ts). `or`: other meaning of a word that can be a side. */
interface SideWord {
  patterns: readonly string[];
  /** Phrase that must also occur in the row. */
  about?: string;
  or?: string;
}

/**
 * Words that are a side only in certain contexts. The first line that applies counts; if no line applies, the word
 * stays unchanged. Forms of left and right are in `EXCEPTIONS` (signs.ts).
 */
export const SIDE_WORDS: readonly [
  rule: string,
  word: string,
  partner: string,
  where: readonly SideWord[],
][] = [
  ['side.ship', 'starboard', 'port', [{ patterns: ['@'] }]],
  [
    'side.ship',
    'port',
    'starboard',
    [
      { patterns: ['@ side|bow'] },
      {
        patterns: ['@ quarter|beam|tack|engine|wing|light|hand|rail|and|or', 'to|and|or|/ @ !city|of'],
        about: SHIP,
      },
      { patterns: ['!the|a|of|in|at|this|usb|hdmi @'], about: SHIP, or: 'a harbour' },
      { patterns: ['@'], about: 'starboard', or: 'a harbour' },
      { patterns: ['to @ $|of'], or: 'a harbour' },
    ],
  ],
];
