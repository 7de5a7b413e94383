/** Phrases that look like a pole of an axis but are not, in the pattern language (../patterns.ts). */
export const NO_POLES: readonly string[] = [
  'by|so|thus @far',
  'as @far as',
  'as @near|close|far … as',
  'near future',
  'nearby',
  'over there|here|time',
  'over and over',
  'over the course|year|years',
  'all @over',
  '[ @over ] #',
  '[ @over ] a|an hour|year|day|period',
  'under construction|repair|renovation|control|way|attack|pressure|maintenance|cover',
  '[ @under|above|below ] #',
  '[ @above|below ] zero',
  'above all|average|mentioned',
  'the @above',
  'below average',
  'see @below',
  'behind the scenes',
  'inside out',
  'more or less',
  'once|any|no @more',
  'anymore',
  'at @most|least',
  '@most of',
  'most|least|more|less likely',
  'no|any @longer',
  // Naming both poles together names no pole.
  ...[
    'left right',
    'right left',
    'top bottom',
    'front back',
    'near far',
    'above below',
    'inside outside',
  ].map((both) => {
    const [one, other] = both.split(' ') as [string, string];
    return `{ on|to|at the }? @${one} and the? ${other} { side|sides|end|ends of? }?`;
  }),
  // Directions of movement.
  '<motion> <manner>? { to|toward|towards <owner> }? @left|right !of|side',
  // "upper" and "lower" before a noun only say which one.
  '[ @upper|lower ] shelf|shelves|row|level|floor|deck|drawer|cabinet|half|part|body|bunk|window|corner',
];
