import type { Sign } from '../words.ts';

/** Signs of what a question about several pictures asks, and whether their order matters for it. */
export const ORDERS = {
  /** Words that may say when, or that something happens. */
  time: {
    pattern:
      /\b(?:before|after\w*|then|while|when\w*|during|until|till|first|second|third|last|next|previous\w*|later|earlier|again|now|current\w*|still|already|final\w*|initial\w*|start\w*|beg[aiu]n\w*|end|ends|ended|ending|becom\w+|chang\w+|mov\w+|motion|turn\w*|rotat\w*|appear\w*|disappear\w*|happen\w*|enter\w*|leav\w+|opens|opened|opening|closes|closed|closing|go|goes|going|went|com(?:e|es|ing)|came|walk\w*|run\w*|driv\w+|fl(?:y|ies|ying)|jump\w*|grow\w*|shrink\w*|frames?|images?|pictures?|photos?|times?|often|speed\w*|fast\w*|slow\w*)\b/i,
    example: 'before it turned',
    counterExample: 'the red cup',
  },
  /** Actions, which may have a direction in time; states and names of things in -ing are excluded. */
  action: {
    pattern:
      /\b(?!(?:holding|missing|wearing|standing|sitting|lying|hanging|facing|leaning|touching|building|ceiling|painting|clothing|thing|something|anything|string|ring|wing|king|sibling)s?\b)\w{2,}ing\b/i,
    example: 'the man singing',
    counterExample: 'the man standing',
  },
  viewer: {
    pattern: /\b(?:camera|viewer|observer|you|your|me)\b/i,
    example: 'close to the camera',
    counterExample: 'close to the man',
  },
  /** What runs in one direction of time only. */
  oneWay: {
    pattern:
      /\b(?:why|because|caus\w+|reasons?|purpose|in order to|pour\w*|spill\w*|break\w*|broke|shatter\w*|burn\w*|melt\w*|fall\w*|fell|drop\w*|explo\w+|sp(?:eak|oke)\w*|speech|talk\w*|say|says|said|sing|sings|sang|walk(?:s|ed|ing)? (?:for|back)wards?)\b/i,
    example: 'Why is the glass broken?',
    counterExample: 'Is the glass red?',
  },
  /** It asks about the clip itself. */
  ofClip: {
    pattern:
      /\b(?:how many (?:frames|images|pictures|photos)|how long is (?:the|this) (?:clip|video|sequence)|(?:duration|length) of (?:the|this) (?:clip|video|sequence)|frame rate)\b/i,
    example: 'How many frames are there?',
    counterExample: 'How many cups are there?',
  },
  clipLength: {
    pattern: /\bhow long|duration|length of\b/i,
    example: 'How long is it?',
    counterExample: 'How large is it?',
  },
  appears: {
    pattern:
      /\bappears? (first|last)\b|\b(?:first[- ]time )?(?:appearance order|order of (?:first )?appearances?)\b/i,
    example: 'Which appears first?',
    counterExample: 'Which is first?',
  },
  /** Distances, sizes, numbers, colours: what all pictures of a sequence show of things together. */
  ofThings: {
    pattern:
      /^(?:measuring from [^,]+, )?(?:how (?:far|close|tall|high|wide|long|deep|big|large|thick)\b|what (?:is|are) the (?:approximate )?(?:distance|height|width|length|size|depth|diameter|thickness|area|colou?r|material|shape)\b|what colou?r (?:is|are)\b|how many (?:different )?[\p{L}\p{N}() -]+? (?:are (?:there|in|on|visible|shown)|can be seen|do you see)\b|(?:is there an?|are there(?: any)?)\b)/iu,
    example: 'How far is the cup from the lamp?',
    counterExample: 'Does the cup move?',
  },
  ofNumber: {
    pattern: /^(?:how many\b|is there\b|are there\b)/i,
    example: 'How many cups are there?',
    counterExample: 'How far is it?',
  },
  duration: {
    pattern: /^how long\b/i,
    example: 'How long is it?',
    counterExample: 'How far is it?',
  },
  lengthUnit: {
    pattern: /\b(?:m|cm|mm|km|ft|in|inch(?:es)?|feet|foot|yards?|(?:centi|milli|kilo)?met(?:er|re)s?)\b/i,
    example: '3 metres',
    counterExample: '3 minutes',
  },
} as const satisfies Record<string, Sign>;
