import type { Note } from './edits.ts';

/**
 * What a mirror cannot keep although the grammar is clear: writing, dials, maps, conventions. Each trigger is one
 * observation on the text of a row. `chiral` triggers only matter where a side, a rotation or a number is about to
 * change; the others hold by themselves.
 */
interface Trigger {
  rule: string;
  level: Note['level'];
  message: string;
  in: 'question' | 'answer' | 'any';
  when: RegExp;
  unless?: RegExp;
  chiral?: true;
}

const what = "\\b(?:what|which|whose)(?:'s| is| are| was| were)?(?: the| this| that| his| her| its| their)?";
/** "which number is …", "what is the player's number"; up to two words between. */
const asks = (nouns: string): RegExp =>
  new RegExp(`${what}(?: [\\w'-]+){0,2} (?:${nouns})\\b(?! of\\b)`, 'i');

/** A question about a property that writing keeps in the mirror. */
const ABOUT_LOOKS =
  /\b(?:what|which) (?:side|colou?rs?|shape|size|material|direction|part|corner|kind|type|object|half)\b|\bwhere\b|\bhow many\b|\b(?:colou?r|size|font|shape|position) of\b/i;

const TEXT: Trigger[] = [
  {
    rule: 'text.says',
    in: 'question',
    when: /\b(?:what|which)\b[^?.!]*\b(?:says?|saying|spells?|spelled|spelt|written|inscribed|engraved|printed)\b|\b(?:does|do|did)\b[^?.!]*\b(?:say|spell)\b/i,
  },
  {
    rule: 'text.read',
    in: 'question',
    when: /\b(?:read|transcribe|extract|decipher)\b[^?.!]*\b(?:text|sign|words?|writing|label|letters?|numbers?|plate|caption|shirt)\b|\b(?:sign|text|label|shirt|billboard|banner|poster|screen|plate|display|meter|scoreboard|caption|words?|letters?|clock|watch|gauge|dial)s?\b[^?.!]*\breads?\b|\bwhat (?:do|does|did) [^?.!]*\bread\b|\bOCR\b/i,
  },
  {
    rule: 'text.asked',
    in: 'question',
    when: asks(
      'text|words?|letters?|number|numbers|digits?|numerals?|brand|logo|language|slogan|initials|headline|inscription|score|year|speed limit|zip code|url|website|e-?mail|serial number',
    ),
    unless: ABOUT_LOOKS,
  },
  {
    rule: 'text.number',
    in: 'question',
    when: /\b(?:jersey|bib|player|house|room|bus|train|phone|telephone|flight|gate|route|street|registration)(?:'s)? number\b|\bnumber (?:of|on) the (?:bus|train|jersey|house|player|plate|door|truck|plane|boat|car|shirt|bib)\b|\bwhat (?:is|are) (?:shown |displayed )?on the [\w ]*\b(?:plate|scoreboard|sign|label|billboard|banner)\b/i,
    unless: ABOUT_LOOKS,
  },
  {
    rule: 'text.price',
    in: 'question',
    when: /\b(?:what|which)\b[^?.!]*\b(?:prices?|cost|costs)\b|\bhow much (?:do|does|did|is|are)\b[^?.!]*\b(?:costs?|charge|pay|priced?)\b|\bhow expensive\b/i,
  },
  {
    rule: 'text.brand',
    in: 'question',
    when: /\b(?:brand|manufacturer|sponsor|company|airline|maker)\b|\bmake and model\b|\bwho (?:makes|made|manufactur\w+|sponsors?)\b/i,
    unless: /\bbrand new\b/i,
  },
  {
    rule: 'text.name',
    in: 'question',
    when: /\bname of the (?:store|shop|street|restaurant|company|airline|team|hotel|building|station|road|avenue|bank|boat|ship|business|city|town|brand|school|player|book|magazine|product)\b|\bwhat (?:street|avenue|store name|team name)\b|\bstreet name\b/i,
  },
  {
    rule: 'text.quoted',
    in: 'answer',
    when: /\b(?:says?|reads?|reading|written|labell?ed|spells?|displays?)\b[^.?!"“]*["“']\S/i,
  },
  {
    rule: 'text.digits',
    in: 'any',
    when: /(?<![\d:])\d{1,2}:[0-5]\d(?![\d:])|[$€£]\s?\d/,
    unless: /\b(?:ratio|scale|direction|bearing)\b/i,
  },
].map(
  (t) =>
    ({
      level: 'discard',
      message: 'It asks for writing, which the mirror makes unreadable.',
      ...t,
    }) as Trigger,
);

const TRIGGERS: readonly Trigger[] = [
  ...TEXT,
  {
    rule: 'clock.dial',
    level: 'discard',
    message: 'A mirrored clock or dial shows another value.',
    in: 'question',
    when: /\bwhat(?:'s| is)? (?:the )?(?:current )?time\b(?! of (?:the )?(?:day|year))|\btime\b[^?.!]*\b(?:clock|watch)\b|\b(?:clock|watch|dial|gauge|speedometer|odometer|thermometer|meter)s?\b[^?.!]*\b(?:show|shows|showing|display|displays|displaying|indicates?|say|says)\b|\b(?:hour|minute) hand\b|\btime (?:is|does) (?:it|the)\b/i,
  },
  {
    rule: 'convention.country',
    level: 'discard',
    message: 'The side of traffic or writing gives a country away, and the mirror changes it.',
    in: 'question',
    when: /\b(?:country|countries|nation|nationality|continent)\b|\b(?:what|which) (?:city|flag|state is this)\b|\bwhose flag\b/i,
  },
  {
    rule: 'view.flipped',
    level: 'discard',
    message: 'It speaks of a mirrored or flipped picture itself.',
    in: 'any',
    when: /\b(?:image|picture|photo|photograph|text|writing)\b[^.?!]*\b(?:flipped|mirrored|reversed|inverted|backwards)\b|\bmirror(?:ed)?[- ]image\b|\bflip(?:ped)? horizontally\b|\bhorizontal(?:ly)?[- ]flip/i,
  },
  {
    rule: 'medical',
    level: 'discard',
    message: 'Organs and film markers are sided by convention.',
    in: 'any',
    chiral: true,
    when: /\b(?:x-?rays?|radiograph\w*|CT|MRI|ultrasound|mammogra\w+|tomograph\w*|angiogra\w+|pneumothorax|pleural|lung|lungs|opacity|consolidation|ventricle|atrium)\b/i,
  },
  {
    rule: 'medical.organ',
    level: 'review',
    message: 'Organs are sided by anatomy.',
    in: 'any',
    chiral: true,
    when: /\b(?:liver|spleen|appendix|aorta|gallbladder|stomach|dextrocardia|his heart|her heart|human heart)\b/i,
  },
  {
    rule: 'mirror.inside',
    level: 'review',
    message: 'A mirror inside the picture has a left and right of its own.',
    in: 'any',
    chiral: true,
    when: /\b(?:in|through|via) (?:a|the|its|his|her|their|this|that) (?:[\w-]+ )?(?:mirrors?|reflection)\b|\breflect(?:ed|ion|ions|s|ing)\b|\bselfie\b/i,
  },
  {
    rule: 'convention.screw',
    level: 'review',
    message: 'Screws, taps and clock hands turn by convention.',
    in: 'any',
    when: /\b(?:screw\w*|unscrew\w*|bolts?|nuts?|threads?|threaded|lids?|caps?|tighten\w*|loosen\w*|faucet|tap|valve|knob|dial|clocks?|watch|jar|bulb)\b[^.?!]*\bclockwise\b|\bclockwise\b[^.?!]*\b(?:screw\w*|unscrew\w*|bolts?|nuts?|threads?|threaded|lids?|caps?|tighten\w*|loosen\w*|faucet|tap|valve|knob|dial|clocks?|watch|jar|bulb)\b|\b(?:right|left)y[- ](?:tighty|loosey)\b|\b(?:right|left)[- ]hand(?:ed)? (?:screws?|threads?|rule)\b/i,
  },
  {
    rule: 'convention.sign',
    level: 'review',
    message: 'A sign keeps its meaning by law, not by geometry.',
    in: 'question',
    when: /\bsigns?\b[^.?!]*\b(?:means?|meaning|indicat\w+|tells?|telling|instruct\w*|warn\w*|command\w*)\b|\bmeaning of\b[^.?!]*\bsign\b|\b(?:allow\w*|permit\w*|prohibit\w*|legal|illegal|forbidden)\b[^.?!]*\bturns?\b|\bturns?\b[^.?!]*\b(?:allow\w*|permit\w*|prohibit\w*|legal|illegal|forbidden)\b|\bno (?:left|right) turns?\b/i,
  },
  {
    rule: 'convention.traffic',
    level: 'review',
    message: 'The driving side belongs to a named country.',
    in: 'any',
    chiral: true,
    when: /\b(?:UK|U\.K\.|Britain|England|British|Japan|Japanese|Australia|India|Ireland|America|USA|U\.S\.|Europe|Germany|France|Thailand|Hong Kong|Singapore|traffic law|law|laws)\b/,
  },
  {
    rule: 'convention.sport',
    level: 'review',
    message: 'The rules of the game place it.',
    in: 'any',
    when: /\b(?:first|second|third|1st|2nd|3rd) base(?:man)?\b|\b(?:king|queen)side\b|\bsouthpaw\b|\bgoofy[- ](?:foot\w*|stance)\b|\bshortstop\b/i,
  },
  {
    rule: 'convention.handed',
    level: 'review',
    message: 'A word that is sided by custom.',
    in: 'any',
    when: /\b(?:nearside|offside|dexter|sinister side|waxing|waning|ring finger of)\b/i,
  },
  {
    rule: 'other.plan',
    level: 'review',
    message: 'It refers to a plan or a map, which does not change with the picture.',
    in: 'any',
    when: /\bfloor ?plan\b|\bblueprint\b|\b(?:on|in|with|to) the (?:plan|map|diagram|sketch)\b/i,
  },
  {
    rule: 'angle.signed',
    level: 'review',
    message: 'A signed angle or offset changes its sign by a convention that is not stated.',
    in: 'any',
    when: /(?<![\w.)\]-])(?:[-−]|\+)\d+(?:\.\d+)?\s*(?:°|deg\b|degrees?\b|px\b|pixels?\b|m\b|meters?\b|metres?\b|cm\b|units?\b|rad\b|radians?\b)|\b(?:quaternion|yaw|azimuth|euler angles?|roll angle|heading of \d|rotation matrix|[xyz][- ]ax[ei]s)\b/i,
  },
  {
    rule: 'coordinates.compared',
    level: 'review',
    message: 'It argues with the size of x.',
    in: 'any',
    when: /\bx[12]?(?:[- ](?:coordinate|value|position)s?)?\b[^.?!]*\b(?:smaller|less|lower|greater|larger|higher|bigger|increases?|decreases?|minimum|maximum|min|max)\b|\b(?:smaller|less|lower|greater|larger|higher|smallest|largest|lowest|highest) x\b|\bx[12]?\s?[<>]|[<>]\s?x[12]?\b/i,
  },
  {
    rule: 'grid.cell',
    level: 'review',
    message: 'Columns and cells count from a side that is not named.',
    in: 'any',
    when: /\bcol(?:umn)?\.? ?(?:\d|[A-H]\b)|\b(?:first|second|third|fourth|1st|2nd|3rd|4th|last) (?:column|panel|pane)\b|\bcell \(?[A-H]?\d|\bsquare [a-h][1-8]\b/i,
    unless: /\bfrom (?:the |your |its )?(?:left|right)\b/i,
  },
];

/** Triggers that hold for single images only: a composite has a first picture on its left. */
const SINGLE: Trigger = {
  rule: 'other.picture',
  level: 'review',
  message: 'It speaks of one of several pictures; in a composite they count from the left.',
  in: 'any',
  when: /\b(?:first|second|third|last|1st|2nd|3rd|previous|other|reference|original|earlier|next) (?:image|picture|photo|frame)\b|\b(?:image|picture|photo) (?:1|2|3|A|B)\b/i,
};
const SEVERAL: Trigger = {
  rule: 'other.layout',
  level: 'review',
  message: 'With several images, "the left image" is their order on the page.',
  in: 'any',
  when: /\b(?:left|right)(?:most|-hand)? (?:image|picture|photo|frame|view)\b|\b(?:image|picture|photo) (?:on|to) the (?:left|right)\b/i,
};

export interface RowTexts {
  question: string;
  answer: string;
  /** Reasoning and choices. */
  others: readonly string[];
  images: number;
}

/** Every trigger that a row pulls. `chiral`: whether a rule found anything sided in it. */
export function triggered(row: RowTexts, chiral: boolean): Note[] {
  const answers = [row.answer, ...row.others];
  const texts = { question: [row.question], answer: answers, any: [row.question, ...answers] };
  return [...TRIGGERS, row.images > 1 ? SEVERAL : SINGLE]
    .filter((trigger) => chiral || !trigger.chiral)
    .filter(({ in: place, when, unless }) =>
      texts[place].some((text) => when.test(text) && !unless?.test(text)),
    )
    .map(({ level, rule, message }) => ({ level, rule, message }));
}
