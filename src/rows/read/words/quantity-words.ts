import { triggers } from './conventions.ts';

/**
 * Numbers, ordinals and orders along an axis of the image. A view that reverses the axis would also have to change
 * them, but their unit and origin are rarely known. Therefore they defer the row, or remove the row's reasoning.
 * Measurements from a side in the text ("30 % of the width from the left") stay right, because the side changes.
 */

/** Condition that the text after a number does not contain the side from which the number is counted. */
const UNNAMED =
  '!{ ,? counted|counting|measured|measuring|starting? to|from|of|right|left _? _? left|right|leftmost|rightmost|center|centre|middle }';
const UNNAMED_HEIGHT = '!{ ,? to|from|of|up|down|above|below _? _? top|bottom|ground|floor|center|centre }';
const SIDE_NAMED = 'from|to the|your|its|his|her? _? @left|right';
const NTH = 'first|second|third|fourth|fifth|sixth|seventh|last|1st|2nd|3rd|4th|5th|6th|7th';
/** Pattern of an answer or option that is a number or a position: "III", "the third", "3". */
const COUNTS = String.raw`\n <mark>* { <lone> .|)|: }? <mark>* the|number|cell|quadrant? @I|II|III|IV|#|${NTH}|one|two|three|four|five|six`;

export const QUANTITIES = triggers`
  quantity.x, along x, of text, undeclared: A position along x is a number that turns with the picture; its unit is not declared.
    x @coordinate|coordinates|position|positions|value|values|location|pixel|range|center|centre
    horizontal @position|positions|coordinate|coordinates|location|index|pixel|offset
    with: #
  quantity.y, along y, of text, undeclared: A position along y is a number that turns with the picture; its unit is not declared.
    y @coordinate|coordinates|position|positions|value|values|location|pixel|range|center|centre
    vertical @position|positions|coordinate|coordinates|location|index|pixel|offset
    at|what @height in|of px|pixels|pixel
    at what|which @height
    with: #
  quantity.width, along x, of text: A share of the width is measured from a side that is not named.
    %|percent|fraction|half|third|quarter|fifth|tenth|thirds|quarters of|along|across|into|in the? ~ @width ${UNNAMED}
    # of|along|across|into the ~ @width ${UNNAMED}
    #|%|percent|third|thirds|quarter|quarters|fifth|fifths|tenth|tenths of the @way !down|up|vertically ${UNNAMED}
    third|thirds|quarter|quarters|fifth|fifths|tenth|tenths|# _? @across|horizontally ${UNNAMED}
    how far @across|along the <picture>|width
    what|which percentage|percent|share|fraction|proportion|part of the ~ @width ~ is|does|do|are
    at what|which percentage|percent|share|fraction|proportion … @width ${UNNAMED}
    the @width ~ #
    unless: percentage|percent|share|fraction|proportion|part of the ~ @width lies|is to the left|right
    unless: how @far is|are … from the left|right edge|border|side|margin … of the width
  quantity.height, along y, of text: A share of the height is measured from an end that is not named.
    %|percent|fraction|half|third|quarter|fifth|tenth|thirds|quarters of|along|up|down the? ~ @height ${UNNAMED_HEIGHT}
    #|%|percent|third|thirds|quarter|quarters|fifth|fifths of the @way !across|along|horizontally
    how far @up|down the <picture>|height
  quantity.part, of text: The parts of the picture count from an end that is not named.
    ${NTH} @third|quarter|fifth|tenth|sixth !{ of|from a|an|the? hour|century|race|game|match|video|clip }
    ${NTH} @half|strip|band|section|segment|part of|in the|this <picture>|width|height
    third|quarter|fifth|part|strip|section|zone @#|I|II|III|IV
    unless: ${SIDE_NAMED}
  quantity.cell: Quadrants and cells are counted from a corner that is not named.
    ${NTH} @quadrant|cell|sector
    quadrant|cell|sector|zone @I|II|III|IV|#
    quadrant|cell|sector|zone|square @A|B|C|D =#
  quantity.cell, in question: Quadrants, cells and pixels are counted from a corner that is not named.
    which|what @quadrant|cell|sector|grid|column|pixel|third|quarter|strip
    with: ${COUNTS}
    unless: how many
    unless: number of
    unless: ${SIDE_NAMED}
    unless: 1|I \=|:|(|is? ~ @left|right
  quantity.pixel, along x, of text: A pixel is counted from a side that is not named.
    pixel|px|pixels @#
    at # @%|percent !of ${UNNAMED} !{ ,? counted|measured|from }
    # %|percent @is|<|> less|smaller|greater|larger|more|lower|higher? than? # %|percent
    # px|pixels|pixel|%|percent @horizontally|across|along|in|into
    horizontally|sideways ~ ~ @#
    at|around|near|about|from|between|to ~ # @px|pixels !{ from|to|of the? _? left|right|top|bottom }
    centered|centred|located|placed|positioned|starts|ends|begins|extends|spans ~ ~ # @px|pixels|%|percent
    unless: apart|wide
  quantity.row: Places in a row of things are counted from an end that is not named.
    ${NTH} ~ ~ @in|of|along|on the|this|a|their _? row|lineup|sequence|shelf
    position|place|number # in|of|along the @row|lineup|line
    which|what|the @position|place ~ ~ ~ in|of|along the row|lineup|line
    unless: ${SIDE_NAMED}
    unless: left|right @to
    unless: starting|counting|counted from
    unless: front|back|near*|clos*|far*|top|bottom|tall*|big*|small*|larg*|time|happen*|video
  quantity.sorted, of text: It sorts things by their place along an axis.
    sort|sorts|sorted|sorting|order|orders|ordered|ordering|rank|ranked|arrange|arranged|listed by ~ ~ @x|y|horizontal|horizontally|vertical|column|position|coordinate|coordinates
    in order of ~ ~ @x|y|horizontal|vertical|column|position|coordinate|coordinates
    scan|scans|scanned|scanning|sweep|sweeping|sweeps ~ ~ @horizontally|across|along|sideways|vertically
    horizontal|vertical @scan|sweep|pass|order
    first i|we|you @meet|encounter|reach|hit|pass|come|find|see
    i|we|you first @meet|encounter|reach|hit|pass|come
    i|we|you @meet|encounter|reach|hit|pass … before|next
  quantity.axis, along x, of text: It says in which direction numbers grow.
    larger|greater|higher|bigger|smaller|lower|increasing|decreasing|low|high|small|large value|values|number|numbers|x|coordinate|coordinates|pixel|pixels|percentage|percentages|position|positions|index|column|columns … @left|right|leftmost|rightmost
    increase|increases|increasing|grow|grows|growing|rise|rises|decrease|decreases … @left|right|leftwards|rightwards
    @0|zero is|at|on|means|being ~ ~ left|right
    unless: from left|right to
  quantity.axis, along y, of text: It says in which direction numbers grow.
    larger|greater|higher|bigger|smaller|lower|increasing|decreasing|low|high|small|large value|values|number|numbers|y|coordinate|coordinates|pixel|pixels|percentage|percentages|position|positions|index|row|rows … @up|down|above|below|top|bottom|upper|lower|higher
    increase|increases|increasing|grow|grows|growing|decrease|decreases … @up|down|upwards|downwards|top|bottom|below|above
`;

/** Triggers for objects whose shape is not symmetric, and for writing that the question does not ask for. */
export const SHAPES = triggers`
  shape.letter: A letter or digit is another one, or none, in a turned picture.
    @S|N|Z|J|P|Q|R|F|G|s|z -shape|shaped|curve|curved|bend|bends|turn
    like|resemble|resembles|form|forms|forming|make|makes|making|as|spell|spells|show|shows|describe|describes|trace|traces an|a|the letter|letters|capital|number|digit|figure? @<lone>|I|J|K|L|M|N|O|P|Q|R|S|T|U|V|W|X|Y|Z
    like|resemble|resembles|form|forms|forming|make|makes|shaped an|a|the letter|letters|capital|number|digit|figure? @2|3|4|5|6|7|9|two|three|four|five|six|seven|nine
    letter|digit|numeral|numerals|capital @A|B|C|D|E|F|G|H|I|J|K|L|M|N|O|P|Q|R|S|T|U|V|W|X|Y|Z|#
    shape of an|a|the letter? @A|B|C|D|E|F|G|H|I|J|K|L|M|N|O|P|Q|R|S|T|U|V|W|X|Y|Z|#
    is|are|was ~ ~ a|an|the? @6|9|six|nine or a|an|the? 6|9|six|nine
    plus|minus or a|an|the? @plus|minus
    forward|forwards|back|backward? @slash|backslash
    /|\\ or|and ~ @/|\\
    unless: point|points|marker|markers|region|regions|label|labels|option|options
  shape.glyph, in question: A letter or digit is another one, or none, in a turned picture.
    a|an|the @b|d|f|g|h|j|k|l|n|p|q|r|s|z
    '|"|‘|“ =@b|d|p|q|s|z|J|L|N|S|Z ='|"|’|”
    letter|character|glyph|symbol … @b|c|d|e|f|g|h|j|k|l|m|n|p|q|r|s|t|u|v|w|x|y|z
    letter @a|i|o
    letter|letters|digit|digits|character|numeral … @orientation
    unless: point|points|marker|markers|region|regions|label|labels|option|options
  shape.glyph, in question: A letter or digit is another one, or none, in a turned picture.
    letter|letters on|of the|a ~ @label|labels … letter
  shape.slope, in question: A slope is another one in a turned picture.
    correlation|correlated|trend|trends
    does|do … @slope
    the @slope of
    line|curve|graph|plot|chart|function … @increase|increases|increasing|decrease|decreases|decreasing|rise|rises|rising|fall|falls|falling|climb|climbs|climbing|drop|drops|dropping|up|down|upward|upwards|downward|downwards
  shape.upright, along y: Its name says which way up it is.
    inverted|upturned
    C|E|H|K|M|T|U|V|W|X|Y @shape|shaped
  shape.reversed, discard, in question: It asks whether something is mirrored or turned.
    letter|letters|number|numbers|digit|digits|logo|word|words|lettering|print|sign|flag|symbol|numeral … @mirrored|reversed|backwards|backward|flipped|inverted|upside|rotated
    the|a|an B|C|D|E|F|G|J|K|L|N|P|Q|R|S|Z … @mirrored|reversed|backwards|backward|flipped|inverted
    ^^ <mark>* is|are|was|were _ _? <lone>? @mirrored|reversed|flipped|inverted ?
    mirrored|reversed|backwards|backward|flipped|inverted @letter|letters|number|numbers|digit|digits|logo|word|words|lettering|sign|flag|symbol
  text.told, in reasoning, of text: It reads writing or a dial, which a turned picture does not show.
    clock|watch|dial|gauge|speedometer|odometer|thermometer|needle|scoreboard ~ ~ @show|shows|showing|read|reads|reading|say|says|point|points|pointing|indicate|indicates|at
    sign|signs|label|labels|plate|text|shirt|jersey|bib|screen|poster|banner|board|sticker|lettering|writing|word|words|logo|billboard|cover|badge|caption ~ ~ @say|says|read|reads|reading|spell|spells|show|shows|saying
    written|printed|labelled|labeled|lettered|inscribed|spelled|engraved|numbered ~ ~ @"|“|'|‘|<capitals>|#
    number|digit|digits|letter|letters|word|words|text|lettering|writing|name @on|is|printed|written|shown
    i|we|you can? @read
  text.stated, in question: Whether it is so has to be read in the picture.
    number|digits|figure|score|price|speed|time|temperature|value|reading ~ on|of|in|at the|his|her|its|this ~ ~ ~ @#|noon|midnight
    bib|jersey|shirt|locker|platform|gate|bus|room|door|house|train|flight|tram|racer|runner|player|car|taxi|number number|no|nr? @# !=.
    number|no|nr @# !of|out
    wear|wears|wearing|bears|bearing|carries|carrying|has|have the|a number? @#  !<unit>
    speedometer|odometer|tachometer|thermometer|gauge|dial|meter|scale|scoreboard|timer|clock|watch … @#|noon|midnight|half|quarter|past
    #|noon|midnight … @speedometer|odometer|tachometer|thermometer|gauge|dial|scoreboard|timer|clock|watch
    is|was it|the time @before|after|past|nearly|almost|exactly|about|around|already? #|noon|midnight
    is|was it|the time @#
    is|was it|the time _? # @o'clock|oclock
    hand|hands of the @clock|watch
    unless: how many
    unless: left|right of the @clock|watch|meter|scale
    unless: clock @direction|position|bearing
    unless: D @world|space|location|locations|position|positions
`;

/**
 * Triggers for content that depends on a side or sign that the row does not contain: plans, angles, x, columns, orders,
 * rows with several images.
 */

const SMALLER_OR_LARGER = 'smaller|less|lower|greater|larger|higher';
const COMPARED = `${SMALLER_OR_LARGER}|bigger|increase|increases|decrease|decreases|minimum|maximum|min|max`;
const LISTING = 'what|which|list|name|write|give|state|tell|enumerate|describe|sort|arrange|rank';
/** Words for an order of objects other than their order along an axis of the image. */
const ORDERED_BY =
  'left*|right*|near*|far*|clos*|top|bottom|front|back|small*|larg*|big*|tall*|short*|size|sizes|height|depth|distance|weight|alphabetical*|time|temporal*|chronolog*|happen*|event|events|step|steps|clockwise|counterclockwise|anticlockwise|age|price|bright*|dark*';
const NTH_PICTURE = 'first|second|third|last|1st|2nd|3rd|previous|other|reference|original|earlier|next';

export const COUNTING = triggers`
  other.plan: It refers to a plan or a map, which does not change with the picture.
    floorplan|blueprint
    floor plan
    on|in|with|match*|from|than|given the|a|this|that|your _? -_? @plan|map|diagram|sketch
    !next|close|due to the|a|this|that|your _? -_? @plan|map|diagram|sketch
  angle.signed, of text: A signed angle or offset changes its sign by a convention that is not stated.
    !#|. !=_|.|,|)|\]|\- @\-|−|+ # !=\- !-_
    quaternion|yaw|azimuth
    euler angle|angles
    roll angle
    heading of #
    rotation matrix
    !{ facing along the positive } @x|y|z axis|axes
    @+|− x|y|z
    unless: # @if ~ ~ left|right
  angle.signed, of text: A signed angle or offset changes its sign by a convention that is not stated.
    # @rad|radian|radians
    joint|joints|servo|servos|steering|pan|roll … # @degree|degrees|°
    lateral @offset|deviation|displacement|velocity|acceleration
    unless: degree|degrees|°|rad|radian|radians @to|towards|toward|leftwards|rightwards|left|right|clockwise|counterclockwise|anticlockwise
  angle.absolute, in question: An angle from a fixed direction changes by a convention that is not stated.
    @bearing of|from|to|between
    orientation|direction|rotation|heading … @in degrees|radians
    how many degrees … @rotated|turned|tilted|rotate|tilt|inclined|leaning
    unless: left|right|clockwise|counterclockwise|anticlockwise
  coordinates.compared, of text: It argues with the size of x.
    <x> =1|2? … @${COMPARED}
    x @coordinate|coordinates|value|values|position|positions … ${COMPARED}
    smaller|less|lower|greater|larger|higher|smallest|largest|lowest|highest @x
    <x> =1|2? @\<|>
    @\<|> <x>
    # px|pixels? @\<|> #
    # px|pixels? is @${SMALLER_OR_LARGER} than #
  grid.cell, of text: Columns and cells count from a side that is not named.
    col|column .? #|A|B|C|D|E|F|G|H
    first|second|third|fourth|1st|2nd|3rd|4th|last @column|panel|pane
    cell (? #|A|B|C|D|E|F|G|H
    square a|b|c|d|e|f|g|h =#
    unless: from the|your|its? left|right
  order.unnamed, in question: An order along the picture goes from left to right by habit.
    ${LISTING} … !they|he|she|we|you|people|to|did|can|will @order !to
    ${LISTING} … @one { by one / after another / after the other }
    ${LISTING} … in @sequence|succession
    ${LISTING} … @starting at|from|with
    ${LISTING} … @along the|it
    ${LISTING} … @from one|the|beginning|start end|side|beginning|start { of … }? to
    unless: ${ORDERED_BY}
  order.unnamed, in question, one image: An order along the picture goes from left to right by habit.
    what|which … @sequence|arrangement|succession of
    what|which|who ~ @comes|stands|is directly|immediately|right|just? after|before
    what|which|who ~ @follows|precedes
    what|which|who ~ @comes first|second|third|fourth|last|next
    first|second|third|fourth|fifth|last|next color|colour|stripe|bead|tile @in|on|of
    read|describe|list|name|give the @sequence|arrangement|succession of
    what|which pattern … @follow|follows|form|forms
    colors|colours|stripes|beads|tiles|shapes @go|run|come|alternate
    is|are|was|were the @first|second|third|fourth|fifth|last !floor|storey|story|base|place|half|time|one|image|picture|photo|frame|<superlative>
    unless: ${ORDERED_BY}
  other.layout, several images: With several images, "the left image" is their order on the page.
    left|right|leftmost|rightmost|lefthand|righthand hand|most? side? @image|images|picture|pictures|photo|photos|pic|pics|frame|frames|view|views
    image|picture|photo|pic on|to the @left|right
  other.picture, one image: It speaks of one of several pictures; in a composite they count from the left.
    ${NTH_PICTURE} @image|picture|photo|frame
    image|picture|photo 1|2|3|A|B !=.|)|:
`;
