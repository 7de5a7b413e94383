/** Phrases for the rules that read a row, in the pattern language (../patterns.ts) with one pattern per line. */

/** End of a phrase with "near" or "close" if no object follows. */
const PHRASE_END = '{ ?|.|,|;|:|and|or|but|yet|while / as well as / $$ }';

const THAT = 'if|whether|that?';

export const PHRASES = {
  // Phrases in questions (../asked.ts).

  distance: 'distance|gap|spacing',
  order: '^^ @what|could|can|tell|give|measure|estimate|determine|provide|find',
  magnitude: `
    how @close|near|far|distant|much|tall|big|large|small|wide|long|high|deep
    how many @more|fewer|less
    what is|was the|its _? @height|width|length|size|depth`,
  relation: `
    ^^ <mark>* @where
    ^^ <mark>* on|to|in? the? which|what @side|direction|way|part`,
  corner: 'top|bottom|upper|lower @left|right',
  negation: 'not|cannot|never|neither|nor|except|without|nothing|nobody|<negated>',
  /**
   * Phrases such as "near" without an object. Their opposite requires other words, because "far from" needs an object.
   */
  bareContrary: `
    near ${PHRASE_END}
    !to @close ${PHRASE_END}
    far away? ${PHRASE_END}`,
  /** Words that weaken the predicate, such as "may", "at least" and "enough", so that its opposite does not follow. */
  hedge: `
    equally|hardly|barely|scarcely|almost|nearly|roughly
    half @under|behind|above|below|over|in|inside|outside|hidden|visible
    possible|possibly|likely|probably|probable|perhaps|maybe|might|may|should|able|enough|too|always|ever|usually|sometimes
    at @least|most`,
  inPosture: '<posture> $$',
  thanThird: 'than !{ the other }',
  menu: `
    left|leftmost .. @or|/|vs .. right|rightmost
    left , @right ,|or
    right , @left ,|or
    right|rightmost .. @or|/|vs .. left|leftmost`,
  asks: `
    which|what _? @side|direction|way|hand|arm|eye|ear|foot|leg|lane|half|shoulder|knee|wing|corner|turn
    which|what @part of the|this <picture>
    where
    how should|do|must|can|would i|you|we|he|she|it @turn|move|rotate|get|go
    how should|do|must|can|would the _ @turn|move|rotate|get|go`,
  yesNo: `
    ^^ <mark>* @is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might|isn't|aren't|doesn't|don't`,
  request: `
    ^^ <mark>* can|could|would|will you please? @describe|explain|name|list|count|estimate|give|provide|specify|state|indicate|identify|measure
    ^^ <mark>* can|could|would|will you please? @tell|show me|us? what|which|where|who|how|the`,
  or: 'or',
  tag: ', @right|correct ? $$',
  which: 'which|who',
  choose: 'correct|choose|pick|select',
  lone: '^^ <mark>* { <lone> .|:|) }? <mark>* on|to|at? the? @left|right side|hand? <mark>* $$',
  lonePlace: `
    ^^ <mark>* @<direction>
    ^^ <mark>* in @front`,

  // Phrases in yes/no questions and statements (../clause.ts).

  /** Words that turn a statement into the question whether it is true. */
  confirm: `
    ^^ can|could|would you please? @confirm|verify|tell|say|check|determine me? ${THAT}
    ^^ do you @think|believe|agree that?
    ^^ would you @say that?
    ^^ is it the? @true|correct|right|case|accurate { to say }? that
    ^^ tell me @if|whether
    ^^ please? @determine|verify|check|confirm|decide|say if|whether|that
    ^^ true or @false :|,|\\-?
    ^^ i @think|believe that?
    ^^ is the|this following? @statement|claim|sentence|caption true|correct { or false }? :|,|\\-?`,
  seeing: `
    ^^ can|could|do|does|did you|we|i|one @see|find|spot|notice|observe|show|identify|contain|have
    ^^ can|could|do|does|did the|this image|picture|photo @see|find|spot|notice|observe|show|identify|contain|have`,
  among: '^^ [ @among|amongst|of|out|between … , ] is|are|does|do',
  noWords: `
    not|either
    to @be`,
  comparing: 'than|or|compared',
  compared: `
    @than { that of / the one of }?
    as? @compared to|with { that of / the one of }?
    in @comparison to|with { that of / the one of }?`,
  eachOther: 'each|one @other|another',
  indefinite:
    '^^ @a|an|any|anyone|anything|anybody|some|someone|something|somebody|one|another|there|no|none',
  indefiniteArticle: '^^ @a|an|any|another _',
  several: 'and|both|all|each|every|most|either|only|neither',
  moreThanOrder: `
    <graded>
    a @lot|bit|little`,
  /** Words for a part of an object. The opposite can be true of another part: partly above, partly below. */
  inPart: `
    partly|partially
    in @part`,
  stance: '<posture>|stand|stands|sit|sits|hang|hangs|rest|rests',
  measured: `
    by|twice|times
    at @least
    more @than`,

  // Phrases around the main phrase of a sentence (../sentence.ts).

  aboutStatement: `
    ^^ @true|yes or false|no ? $$
    ^^ is|was { this|that|the? statement|sentence|claim|description|caption? / it } @true|correct|right|accurate { or false|incorrect|wrong|not }? ? $$
    ^^ @right|correct|agree|agreed ? $$`,
  anyVerb: 'is|are|was|were|does|do',
  choice: '_ … @or … ? $$',
  ofSoMany: `
    of|among|amongst|between the|these|those|all? @two|three|four|five|six|seven|eight|nine|ten|<integer>`,
  fromTheEnd: 'last|next|penultimate|middle _? $$',
  rank: '<ordinals> _? _? $$',
  askingWord: 'which|who|what|whose',
  verb: '<finite>|would|will|be',
  howMany: '^^ how @many',
  /** Questions about a property of the object that the phrase identifies. */
  aboutIt: `
    ^^ what|which { is|are the }? @color|colors|colour|colours|shape|material|pattern|texture|brand|number|letter|word|text|kind|type|sort|time|day of|do|does
    ^^ what|which { is|are the }? @color|colors|colour|colours|shape|material|pattern|texture|brand|number|letter|word|text|kind|type|sort|time|day is|are|was|were the|a|an|this|that|his|her|its|on
    ^^ @count|describe|locate|point|draw|mark|segment|detect|give|provide|show|find|predict|output|return
    ^^ how @many
    ^^ what is|are|was @written|printed|shown|depicted|painted|drawn|displayed|happening
    ^^ what @does
    ^^ what is|are the @coordinates|box|location|position
    ^^ what is|are the @bounding box
    @doing|wearing|holding|carrying|called|facing <question>* $$
    @looking at <question>* $$
    @made of <question>* $$
    @used for <question>* $$`,
  joined: `
    and|but|while|yet|or
    as @well as
    @, it? is|are? $$`,
  /** Relative clause as main predicate: "Is it the cup that is closer?", "Choose the object that is closer". */
  pointed: `
    ^^ is|was @it
    ^^ @choose|pick|select|name|identify|state|indicate`,
  relativeClause: '_ !and|but|or @that|which|who <finite>? <placed>* $$',
  subjectBegun: '^^ @is|are|was|were|does|do|did|would|will <determiner> $$',
  nounBegun: '@<before> <determiner> { !<finite> _ }? $$',
  andThe: 'and @the $$',

  // Phrases in names of objects (../names.ts).

  /** Matches noun phrases such as "the woman in white", but not "the truck red". */
  stateLast: `
    !in @open|closed|empty|full|red|blue|green|yellow|black|white|brown|orange|purple|pink|gray|grey|visible|asleep|awake|broken|clean|dirty|wet|dry|round|square|wooden|metal|plastic|happy|sad|old|young|new|big|small|large|tall|short|long|wide|turned|lit|on|off $$`,
  verbInName: 'is|are|was|were|has|have|does|do|will|appears|seems',
  /** Relations of several objects, after which a place ("next to the plate on the left") can be the predicate. */
  shared: `
    beside|besides|by|near|touching|facing|against|around|between|along|identical|similar|alike
    next|adjacent @to
    with the|his|her|its|their
    the @same
    of @equal
    part @of
    each|one @other|another`,
  action: `
    wearing|holding|carrying|riding|eating|drinking|using|playing|reading|watching|looking|talking|pushing|pulling|driving|kicking|throwing|touching`,
  atPlace: 'on|in|at the|its|his|her|their',
  /** Words after a participle that begin a new phrase. The participle is then the predicate. */
  newPhrase: '^^ @<before>|<determiner>|up|down|away|off|out|back|forward',

  /** Words about handedness or habits, which contain no side. */
  turning: `
    usual|customary|proper|conventional|backward|backwards|reversed|reverse|inverted|mirrored|slanted|slanting|spiral|spirals|spiralling|coil|coils|coiled|helical|twisted|orientation|handedness|chiral|crooked|askew|italic|italics|cursive|convex|concave
    normal|correct|wrong @way|order|direction|rotation
    flag .. that|one @of`,

  // Phrases that suggest that people find an answer by reading the image (../lettering.ts).

  /** Question such as "What is on the badge? → Anna" */
  onSurface: `
    what|which _? _? is|are|was|were _? @on|across the|a|an|his|her|its|their|this|that
    what can|do|does _ _ @on|across the|a|an|his|her|its|their|this|that`,
  /** Question such as "What does his badge tell?" */
  teller: 'what @do|does|did the|his|her|its|their|this|that _ _? _?',
  /** Question such as "What does the poster advertise?" or "What is the warning about?" */
  makesKnown: `
    what do|does|did … @advertise|announce|allow|permit|forbid|prohibit|promise|recommend|offer|warn
    what is|are|was|were … @advertising|announcing|allowing|permitting|forbidding|prohibiting|promising|recommending|offering
    what is|are|was|were the|this|that @warning|notice|announcement about`,
  whereWho: `
    ^ @where|who|whose|when
    to|from|at|in @where|whom|when`,
  /** Words in an answer which show that the answer is an object and not a name. */
  bringsAThing: `
    the|a|an|his|her|its|their|your|my|our|this|that|these|those|no|none|other|another|<be>|<quantity>|<remaining>|<before>
    one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several|couple`,
  /** Yes/no questions about writing or names: "Is this Waterloo?", "is it from Texas?", "is the plate N738SW?" */
  identifies: `
    ^^ <mark>* is|are|was|were this|that|it|these|those|they the|a|an? @<name>
    ^^ <mark>* is|are|was|were the|his|her|its|their _ @<name> ?
    ^^ <mark>* is|are|was|were|do|does|did|has … from|called|named|for|to @<name>`,
  /** Words of answers such as "Turn left at the sofa". These answers require no reading, whatever the question. */
  moves: '<turn>|<move>|<face>|<lr>',
  /** Matches an answer that is an object: "The church", "B) the church". */
  thing: '^^ { (? <lone> )|.|: }? @the|a|an|one|his|her|its|their|both|neither|none',

  // Phrases for hours that are a bearing, and spellings of a direction of rotation (../side-words.ts).

  counter: `
    counterclockwise|anticlockwise|contraclockwise
    counter|anti|contra @clockwise`,
  /** Hour with words that mark it as a bearing: "at your 3 o'clock", "towards 11 o'clock", "the 2 o'clock position". */
  bearing: `
    <facing> _ { o'clock|oclock / o clock }
    { o'clock|oclock / o clock } @position|direction|bearing|angle|orientation`,
  bearingNear: `
    my|your|his|her|its|our|their _ { o'clock|oclock / o clock }
    @o'clock|oclock position|direction
    @o'clock|oclock from \\<|the|it|me|you|him|her
    clock @direction|directions|position|bearing`,
  time: `
    # @am|pm
    time|morning|afternoon|evening|tonight|noon|midnight|opens|closes|dinner|lunch|breakfast|supper|train|will|until|since|meeting|schedule|start|starts|begin|begins|alarm|watch
    a|p .? @m`,
  direction: `
    direction|bearing|orientation|where|relative|turn|turned
    which @way
    !o @clock position
    you are? @face|facing|stand|standing|look|looking
    behind @you`,

  // Phrases for the task of a question or reference answer, from the papers and from Chirality (../../answers/task.ts).

  /** Words in paper B's BBOX_KEYWORDS. */
  asksBox: `
    bounding box
    box coordinates
    coordinates
    bbox
    where is
    x coordinate
    y coordinate
    draw a box
    top left
    bottom right
    region of`,
  /** Words in paper B's DISTANCE_KEYWORDS that ask for a length. */
  asksLength: `
    how far
    distance between
    distance from
    measure the distance
    what is the distance
    spacing between
    gap between`,
  /** Words in paper B's DISTANCE_KEYWORDS that only compare distances. */
  compares: `
    which is closer
    which is farther
    closer
    further
    nearer
    farthest`,
  /** Start of a reference answer that begins with yes or no. */
  startsWithVerdict: `
    ^^ <mark>* @yes|no|true|false|correct|incorrect|indeed|actually
    ^^ <mark>* in @fact`,
  /** Start of a question with the answer yes or no, but not of an instruction such as "Do not explain." */
  asksYesNo: `
    { ^^ / .|,|:|;|?|!|\\n } @is|are|was|were|does|did|can|could|has|have|had|will|would|should|isn't|aren't|wasn't|weren't|doesn't|didn't|couldn't|hasn't|haven't|hadn't|wouldn't|shouldn't
    { ^^ / .|,|:|;|?|!|\\n } @do !not|your|only|nothing
    { ^^ / .|,|:|;|?|!|\\n } @don't !add|answer|assume|be|consider|count|describe|explain|forget|give|guess|include|just|list|look|make|mention|name|output|provide|repeat|return|say|show|state|tell|think|use|worry|write
    yes or|/ no`,
  /** Words that mark a question about space. */
  spatial: `
    left|right|leftmost|rightmost|clockwise|counterclockwise|anticlockwise|above|below|beneath|underneath|under|over|behind|beside|adjacent|between|inside|outside|near|nearer|nearest|closer|closest|far|farther|farthest|further|furthest|distance|apart|spacing|gap|position|positioned|positioning|located|location|where|direction|facing|oriented|orientation|tall|taller|tallest|height|shorter|shortest|wide|wider|widest|width|thinner|thinnest|narrow|narrower|narrowest|thick|thicker|thickest|big|bigger|biggest|large|larger|largest|small|smaller|smallest|size|long|longer|longest|length|deep|deeper|deepest|depth|bbox|coordinate|coordinates|region|horizontal|horizontally|vertical|vertically|short|thin|o'clock
    in @front
    @front of
    next @to
    on @top
    @top of
    @bottom of
    @close to
    bounding @box`,
  /** "Right" and "left" that are no sides, "how long" for a duration, and similar phrases without spatial meaning. */
  notSpatial: `
    all @right
    that's @right
    @right now|away|answer
    is|are @left in|on|over
    as @long as
    how @long ago
    how @long does it take
    @over there`,
} as const;
