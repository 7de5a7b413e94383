import type { Note } from '../tokens.ts';
import { entries } from './sets.ts';

/**
 * Things that a mirror cannot preserve even if the grammar is clear: writing, dials, maps, conventions. Each trigger is
 * one observation about the texts of a row.
 */
export interface Trigger {
  rule: string;
  level: Note['level'];
  message: string;
  /** Where the patterns are searched for; `row` is question, answer, reasoning and choices together. */
  in: 'question' | 'answer' | 'reasoning' | 'row';
  /** One of these must match (../patterns.ts), and none of `unless`. */
  patterns: readonly string[];
  unless: readonly string[];
  /** One of these must also match, anywhere in the row, if there are any. */
  with: readonly string[];
  /** Applies only if something sided is about to change. */
  sided?: true;
  /** Applies only if the answer is free text, not an option. */
  free?: true;
  /** Applies only if the view turns this axis of the picture. */
  axis?: 'x' | 'y';
  /** It is about one text alone: without that text, the row has no such doubt (../reading.ts). */
  ofText?: true;
  /** Applies only if the row does not declare what its coordinates are. */
  undeclared?: true;
  /** Applies only to rows with one image, or with several. */
  images?: 'one' | 'several';
}

/** What the head of a trigger may say besides its rule; without it, it is for review, and about the whole row. */
const FLAGS: Readonly<Record<string, Partial<Trigger>>> = {
  discard: { level: 'discard' },
  'in question': { in: 'question' },
  'in answer': { in: 'answer' },
  'in reasoning': { in: 'reasoning' },
  'along x': { axis: 'x' },
  'along y': { axis: 'y' },
  'one image': { images: 'one' },
  'several images': { images: 'several' },
  sided: { sided: true },
  free: { free: true },
  'of text': { ofText: true },
  undeclared: { undeclared: true },
};

function flagOf(flag: string): Partial<Trigger> {
  const meaning = FLAGS[flag];
  if (!meaning) throw new Error(`Unknown flag "${flag}" of a trigger.`);
  return meaning;
}

/** Reads triggers from a table: "rule, flags: message", and below it the patterns. */
export const triggers = (text: TemplateStringsArray, ...parts: readonly string[]): Trigger[] =>
  entries(String.raw(text, ...parts)).map(({ head, lines }) => {
    const [, names = '', message = ''] = /^([^:]+)(?:: (.+))?$/.exec(head)!;
    const [rule = '', ...flags] = names.split(', ');
    const after = (mark: string) => lines.flatMap((line) => line.split(mark).slice(1));
    const trigger: Trigger = {
      rule,
      level: 'review',
      message,
      in: 'row',
      patterns: lines.filter((line) => !/^(?:unless|with): /.test(line)),
      unless: after('unless: '),
      with: after('with: '),
    };
    return flags.reduce((row, flag) => ({ ...row, ...flagOf(flag) }), trigger);
  });

/** "which number is …", "what is the player's number", with up to two words between. */
const ASKED_THING = 'what|which|whose is|are|was|were? the|this|that|his|her|its|their? _? _?';

/** Questions about a property of writing that does not change in the mirror. */
const ABOUT_LOOKS = `
    unless: what|which side|sides|color|colors|colour|colours|shape|size|material|direction|part|corner|kind|type|object|half|way
    unless: where
    unless: how many
    unless: color|colour|size|font|shape|position of
    unless: describe|describes
    unless: time of
    unless: percentage|percent of the ~ @width|height`;

/** Questions about a property of things that happen to bear writing. */
const ABOUT_COLOUR = `
    unless: what|which side|color|colors|colour|colours|shape|size
    unless: color|colour|size of`;

const WRITTEN = 'says|say|saying|spell|spells|spelled|spelt|written|inscribed|engraved|printed';
const BEARER =
  'sign|signs|text|texts|label|labels|shirt|shirts|billboard|billboards|banner|banners|poster|posters|screen|screens|plate|plates|display|displays|meter|meters|scoreboard|scoreboards|caption|captions|word|words|letter|letters|clock|clocks|watch|watchs|gauge|gauges|dial|dials';
const SHOP =
  'store|shop|street|restaurant|company|hotel|road|bank|boat|ship|city|town|brand|school|book|magazine|movie|film|game|cafe|café|bar';

const ASKS_WRITING = 'It asks for writing, which the mirror makes unreadable.';
/** Questions about writing and numbers, which a mirror makes unreadable. Whether there is text does not change. */
export const WRITING: readonly Trigger[] = triggers`
  text.says, in question
    what|which … @${WRITTEN}
    does|do|did … @say|spell
    unless: what|which side|color|colors|colour|colours|shape|size|material
    unless: color|colour|size|font of
  text.read, in question
    read|transcribe|extract|decipher … text|sign|word|words|writing|label|letter|letters|number|numbers|plate|caption|shirt
    ${BEARER} … @read|reads
    what do|does|did … @read
    ocr
  text.asked, in question
    ${ASKED_THING} @text|writing|message|word|words|letter|letters|month|weekday|destination|digit|digits|numeral|numerals|brand|logo|language|slogan|initials|headline|inscription|score|year|date|title|subtitle|nickname|temperature|hour|percentage|url|website|email
    ${ASKED_THING} @number|numbers !of
    ${ASKED_THING} @day of the week
    ${ASKED_THING} playing|speed|zip|serial|e @card|limit|code|number|mail${ABOUT_LOOKS}
  text.part, in question
    name|names { is|are? / that is } on|written|shown|printed|displayed
    plate|plates|number|numbers|sign|signs|word|words|name|names … @start|starts|begin|begins|end|ends with|in
    according to the|this|that _? _? @sign|label|menu|poster|screen|clock|receipt|text|board|scoreboard|display|timetable|ticket|calendar
    sign|text|word|words|menu|label|book|newspaper|poster|writing|letter|letters|language … in @english|chinese|japanese|french|spanish|german|korean|arabic|russian|italian|hindi|thai|hebrew|latin|greek|dutch|portuguese
    translate
  text.number, in question
    jersey|bib|player|house|room|bus|train|phone|telephone|flight|gate|route|street|registration|lot|track|platform|page|floor|exit|channel|line @number
    @number|digit|digits|letter|letters|title|text|word|words of|on the bus|train|jersey|house|player|plate|door|truck|plane|boat|car|shirt|bib|book|sign|cover|poster|screen
    what is|are shown|displayed? on the ~ ~ @plate|scoreboard|sign|label|billboard|banner${ABOUT_LOOKS}
  text.price, in question
    what|which … @price|prices|cost|costs
    how much do|does|did|is|are … @cost|costs|charge|pay|price|priced
    how expensive
  text.price, in question
    how much is|are a|an|one|the|this|that|these|those ~ ~ ?
    unless: left|right|full|open|taller|wider|bigger|larger|longer|closer|higher|farther|further|of|distance|space
  text.contains, in question
    contain|contains|include|includes|show|shows|display|displays|have|haves|has … the @word|words|letter|letters|number|numbers|digit|digits "|“|'|‘|<capitalised>|#
  text.brand, in question
    what|which|whose|who … @brand|manufacturer|sponsor|company|airline
    what|which|whose|who … @maker of
    make and model
    who @makes|made|manufactures|manufactured|sponsor|sponsors|wrote|published
    who is the @author
    unless: brand @new${ABOUT_COLOUR}
    unless: how many
  text.name, in question
    @name of the|this|that ${SHOP}|airline|team|building|station|avenue|business|player|newspaper|product
    what @street|avenue
    what store|team @name
    street @name
    what is the|this|that ${SHOP} @called|named
  text.quoted, in answer
    say|says|read|reads|reading|written|labeled|labelled|spell|spells|display|displays|title|titled … "|“|' =_
  text.dial, in question
    { how fast|hot|cold|warm / what is? the? date|month|day|speed|temperature|reading|value|pressure } … @speedometer|odometer|tachometer|thermometer|barometer|altimeter|gauge|scale|calendar|timer|stopwatch|timetable|dial
    { how fast|hot|cold|warm / what is? the? date|month|day|speed|temperature|reading|value|pressure } … departure @board
    how @late is|was it
    according|judging to|by|from ~ @clock|watch|wristwatch|speedometer|odometer|tachometer|thermometer|barometer|altimeter|gauge|scale|scales|calendar|timer|stopwatch|timetable|dial|display|meter|scoreboard|compass|sundial|hourglass|label|sign|board
    by the|his|her|its|this _? @wristwatch|thermometer|barometer|speedometer|sundial
  text.digits, of text
    !=: <hour> =@: =<minute> !=:
    @\$|€|£ #
    unless: ratio|scale|direction|bearing
`.map((trigger) => ({ ...trigger, level: 'discard', message: ASKS_WRITING }));

/**
 * Triggers for things that depend on a side or sign which the row does not name: plans, angles, x, columns, orders,
 * rows with several pictures.
 */

const SMALLER_OR_LARGER = 'smaller|less|lower|greater|larger|higher';
const COMPARED = `${SMALLER_OR_LARGER}|bigger|increase|increases|decrease|decreases|minimum|maximum|min|max`;
const LISTING = 'what|which|list|name|write|give|state|tell|enumerate|describe|sort|arrange|rank';
const NTH = 'first|second|third|last|1st|2nd|3rd|previous|other|reference|original|earlier|next';

export const COUNTING = triggers`
  other.plan: It refers to a plan or a map, which does not change with the picture.
    floorplan|blueprint
    floor plan
    on|in|with|match*|from|than|given the|a|this|that|your _? -_? @plan|map|diagram|sketch
    as in the|a|this|that|your _? -_? @plan|map|diagram|sketch
    !next|close|due to the|a|this|that|your _? -_? @plan|map|diagram|sketch
  angle.signed, of text: A signed angle or offset changes its sign by a convention that is not stated.
    !#|. !=_|.|,|)|\]|\- @\-|−|+ # !=\- !-_
    quaternion|yaw|azimuth
    euler angle|angles
    roll angle
    heading of #
    rotation matrix
    !{ facing along the positive } @x|y|z axis|axes
    unless: # @if ~ ~ left|right
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
    unless: left|right|near*|far*|clos*|top|bottom|front|back|small*|larg*|big*|tall*|short*|size|sizes|height|depth|distance|weight|alphabetical*|time|temporal*|chronolog*|happen*|event|events|step|steps|clockwise|counterclockwise|anticlockwise|age|price|bright*|dark*
  other.layout, several images: With several images, "the left image" is their order on the page.
    left|right|leftmost|rightmost|lefthand|righthand hand|most? side? @image|images|picture|pictures|photo|photos|pic|pics|frame|frames|view|views
    image|picture|photo|pic on|to the @left|right
  other.picture, one image: It speaks of one of several pictures; in a composite they count from the left.
    ${NTH} @image|picture|photo|frame
    image|picture|photo 1|2|3|A|B !=.|)|:
`;
