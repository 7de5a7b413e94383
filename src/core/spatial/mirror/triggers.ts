import type { Sample } from '../sample.ts';
import type { Note } from './edits.ts';
import type { Trigger } from './trigger.ts';
import { WRITING } from './writing.ts';

const TRIGGERS: readonly Trigger[] = [
  ...WRITING.map((trigger): Trigger => ({
    level: 'discard',
    message: 'It asks for writing, which the mirror makes unreadable.',
    ...trigger,
  })),
  {
    rule: 'clock.dial',
    level: 'discard',
    message: 'A mirrored clock or dial shows another value.',
    in: 'question',
    when: /\bwhat(?:'s| is)? (?:the )?(?:current )?time\b(?! of (?:the )?(?:day|year))|\bwhat time\b(?! of)|\b(?:clock|watch|dial|gauge|speedometer|odometer|thermometer)(?: [\w']+){0,8}? (?:shows?|showing|shown|displays|displaying|indicat(?:es?|ed|ing)|says?|points? to|tells?)\b|\b(?:does|do)\b[^?.!]*\b(?:clock|watch|dial|gauge)\b[^?.!]*\bdisplay\b|\btime\b[^?.!]*\b(?:clock|watch)\b|\b(?:clock|watch)\b[^?.!]*\btime\b|\b(?:hour|minute) hand\b|\btime (?:is|does) (?:it|the)\b/i,
  },
  {
    rule: 'text.team',
    level: 'review',
    message: 'A team is known by its letters, or by its colours.',
    in: 'question',
    when: /\b(?:what|which) team (?:do|does|did|won|scored|are they|is (?:he|she|it|this|that|winning|playing))\b/i,
  },
  {
    rule: 'text.capitals',
    level: 'review',
    message: 'The answer looks like words or figures that were read from the picture.',
    in: 'answer',
    when: /^(?!.*\b(?:YES|NO|LEFT|RIGHT|TRUE|FALSE|TOP|BOTTOM|UP|DOWN|ABOVE|BELOW|FRONT|BEHIND|SUV|BMX|LED|CD|DVD|ATM)\b)\W*[A-Z]{3,}(?:\s+[A-Z\d]+)*\W*$/,
  },
  {
    rule: 'text.figure',
    free: true,
    level: 'review',
    message: 'The answer may be a figure that was read from the picture.',
    in: 'question',
    when: /^\W*what(?:'s| is| are| does)?\b/i,
    with: /\n\W*\d+\W*(?:\n|$)/,
    unless:
      /\b(?:number|count|total|many|much|sum|difference|distance|age|height|width|depth|length|size|index|id|region|object|option|angle|degrees?|ratio|percent\w*|rank|position|coordinates?)\b/i,
  },
  {
    rule: 'convention.country',
    level: 'discard',
    message: 'Traffic and writing give a place away, and the mirror changes them.',
    in: 'question',
    when: /\b(?:country|countries|nation|nationality|continent)\b|\b(?:what|which) (?:city|flag|state is this)\b|\bwhose flag\b|\b(?:is|was|are|could|does|might)\b[^?.!]{0,1000}\b(?:in|from) (?:the )?(?:UK|U\.K\.|United Kingdom|United States|USA?|U\.S\.A?\.|Great Britain|England|Scotland|Ireland|Japan|Australia|New Zealand|India|America|Europe|Germany|France|Italy|Spain|Thailand|China|Hong Kong|Singapore|London|Tokyo|Sydney|South Africa|Canada|Malaysia|Indonesia)\b|\bis (?:this|it|that) (?:an? )?(?:British|Japanese|American|Australian|Indian|English|European|German|French|Chinese|Thai)\b/i,
  },
  {
    rule: 'view.flipped',
    level: 'discard',
    message: 'It speaks of a mirrored or flipped picture itself.',
    in: 'row',
    when: /\b(?:image|picture|photo|photograph|scene|view|text|writing)s?(?: (?:is|are|was|were|been|be|being|looks?|appears?|seems?))?(?: (?:horizontally|vertically))? (?:flipped|mirrored|reversed|inverted)\b|\b(?:flipped|mirrored|reversed|inverted) (?:image|picture|photo|photograph|scene|view|version|text|writing)\b|\b(?:text|writing) (?:is |are )?backwards?\b|\bmirror(?:ed)?[- ]image\b|\bflip(?:ped)? horizontally\b|\bhorizontal(?:ly)?[- ]flip|\b(?:mirror|flip)(?:s|ed|ped|ring|ing|ping)? (?:the |this |that |an? )?(?:image|picture|photo|scene|view)\b/i,
  },
  {
    rule: 'medical',
    level: 'discard',
    message: 'Organs and film markers are sided by convention.',
    in: 'row',
    chiral: true,
    when: /\b(?:x-?rays?|radiograph\w*|CT|MRI|ultrasound|mammogra\w+|tomograph\w*|angiogra\w+|pneumothorax|pleural|lungs?|opacity|consolidation|ventricles?|lesions?|tumou?rs?|nodules?|effusion|fractured?|femur|tibia|kidneys?|(?:brain|bone|body) scan|hemisphere)\b/i,
  },
  {
    rule: 'medical.organ',
    level: 'review',
    message: 'Organs are sided by anatomy.',
    in: 'row',
    chiral: true,
    when: /\b(?:patient(?:'s)?|liver|spleen|appendix|aorta|gallbladder|dextrocardia|(?:his|her|the human) heart)\b/i,
  },
  {
    rule: 'mirror.inside',
    level: 'review',
    message: 'A mirror inside the picture has a left and right of its own.',
    in: 'row',
    chiral: true,
    when: /\b(?:in|through|via) (?:a|the|its|his|her|their|this|that) (?:[\w-]+ )?(?:mirrors?|reflection)\b|\breflect(?:ed|ion|ions|s|ing)\b|\bmirrors?\b[^.?!]*\b(?:shows?|showing)\b|\bselfie\b/i,
  },
  {
    rule: 'convention.screw',
    level: 'review',
    message: 'Screws, taps and clock hands turn by convention.',
    in: 'row',
    when: /\b(?:un)?screw\w*|\b(?:bolts?|nuts?|threads?|threaded|lids?|caps?|tighten\w*|loosen\w*|faucet|tap|valve|knob|dial|clocks?|watch|jar|bulb|roundabouts?|hurricanes?|cyclones?|tornado\w*)\b/i,
    with: /\bclockwise\b|\b(?:right|left)y\b|\banticlockwise\b|\bcounterclockwise\b/i,
  },
  {
    rule: 'convention.screw',
    level: 'review',
    message: 'Threads and hand rules are conventions.',
    in: 'row',
    when: /\b(?:right|left)y[- ](?:tighty|loosey)\b|\b(?:right|left)[- ]hand(?:ed)? (?:screws?|threads?|rule)\b/i,
  },
  {
    rule: 'convention.sign',
    level: 'review',
    message: 'A sign keeps its meaning by law, not by geometry.',
    in: 'question',
    when: /\bsigns?\b[^.?!]*\b(?:means?|meaning|indicat\w+|tells?|telling|instruct\w*|warn\w*|command\w*|require\w*|order\w*)\b|\bmeaning of\b[^.?!]*\bsign\b|\b(?:according to|obey\w*|follow\w*)\b[^.?!]*\bsigns?\b/i,
  },
  {
    rule: 'convention.law',
    level: 'review',
    message: 'A traffic rule keeps its side by law, not by geometry.',
    in: 'row',
    chiral: true,
    when: /\b(?:yields?|priority|right[- ]of[- ]way|give way|overtak\w+|forbid\w*|forbidden|prohibit\w*|permit(?:ted|s)?|allow(?:ed|s)?|illegal|legal|legally|law|laws|must(?! (?:be|answer|choose|select|pick|respond|contain))|obliged|supposed to|no (?:left|right) turns?)\b|^\W*(?:may|can|should) (?:I|we|you|the \w+) (?:legally )?(?:turn|drive|overtake|pass)\b/i,
    with: /\b(?:cars?|traffic|road|street|lane|driver|drivers|drive|driving|vehicles?|motorway|highway|intersection|crossing|junction|red light|signs?|cyclists?|turns?)\b/i,
  },
  {
    rule: 'convention.law',
    level: 'review',
    message: 'The driving side belongs to a named country.',
    in: 'row',
    chiral: true,
    when: /\b(?:UK|U\.K\.|Britain|England|British|Japan|Japanese|Australia|Australian|India|Ireland|America|American|USA|U\.S\.|Europe|European|Germany|France|Thailand|Hong Kong|Singapore)\b/,
    with: /\b(?:driv\w+|traffic|lanes?|roads?|streets?|steering)\b/i,
  },
  {
    rule: 'convention.lane',
    level: 'review',
    message: 'Which lane to use is a rule of the road.',
    in: 'question',
    chiral: true,
    when: /\b(?:which|what) (?:lane|side of the (?:road|street)) (?:should|must|do you|are you supposed)\b/i,
  },
  {
    rule: 'convention.custom',
    level: 'review',
    message: 'Custom, not geometry, names the hand or the direction.',
    in: 'row',
    chiral: true,
    when: /\b(?:wedding|engagement) ring\b|\bsalut\w+\b|\boath\b|\bpledge\b|\b(?:written|writing|script|language|Arabic|Hebrew|manga)\b[^.?!]*\b(?:left to right|right to left)\b/i,
  },
  {
    rule: 'convention.game',
    level: 'review',
    message: 'The rules of the game place it.',
    in: 'row',
    when: /\b(?:first|second|third|1st|2nd|3rd) base(?:man)?\b|\b(?:king|queen)side\b|\bsouthpaw\b|\bgoofy[- ](?:foot\w*|stance)\b|\bshortstop\b/i,
  },
  {
    rule: 'convention.word',
    level: 'review',
    message: 'A word that is sided by custom.',
    in: 'row',
    when: /\b(?:near-?side|off-?side|dexter|dextral|sinistral|waxing|waning|(?:right|left)[- ]wing (?!of\b)(?:rally|party|part(?:y|ies)|politic\w*|group|government|extrem\w*|protest\w*|media|newspaper|activist\w*))\b/i,
  },
  {
    rule: 'map.compass',
    level: 'discard',
    message: 'A mirrored map has unreadable names, and its compass does not turn.',
    in: 'row',
    when: /\bmaps?\b|\batlas\b/i,
    with: /\b(?:north|south|east|west)/i,
  },
  {
    rule: 'other.plan',
    level: 'review',
    message: 'It refers to a plan or a map, which does not change with the picture.',
    in: 'row',
    when: /\bfloor ?plan\b|\bblueprint\b|\b(?:on|in|with|match\w*|according to|as in|from|than|given|(?<!next |close |due )to) (?:the|a|this|that|your) (?:[\w-]+ )?(?:plan|map|diagram|sketch)\b/i,
  },
  {
    rule: 'angle.signed',
    level: 'review',
    message: 'A signed angle or offset changes its sign by a convention that is not stated.',
    in: 'row',
    when: /(?<![\w.,)\]\d-]|[\d.] )(?:[-−]|\+)\s?\d+(?:\.\d+)?(?![\d-])|\b(?:quaternion|yaw|azimuth|euler angles?|roll angle|heading of \d|rotation matrix|[xyz][- ]ax[ei]s)\b/i,
  },
  {
    rule: 'coordinates.compared',
    level: 'review',
    message: 'It argues with the size of x.',
    in: 'row',
    when: /\b(?:x[12]?|[xX][- ](?:coordinate|value|position)s?)\b[^.?!]*\b(?:smaller|less|lower|greater|larger|higher|bigger|increases?|decreases?|minimum|maximum|min|max)\b|\b(?:smaller|less|lower|greater|larger|higher|smallest|largest|lowest|highest) x\b|\bx[12]?\s?[<>]|[<>]\s?x[12]?\b|\d\s*(?:px|pixels)?\s*(?:[<>]|is (?:smaller|less|lower|greater|larger|higher) than)\s*\d/,
  },
  {
    rule: 'grid.cell',
    level: 'review',
    message: 'Columns and cells count from a side that is not named.',
    in: 'row',
    when: /\b[Cc]ol(?:umn)?\.? ?(?:\d|[A-H]\b)|\b(?:first|second|third|fourth|1st|2nd|3rd|4th|last) (?:column|panel|pane)\b|\b[Cc]ell \(?[A-H]?\d|\bsquare [a-h][1-8]\b/,
    unless: /\bfrom (?:the |your |its )?(?:left|right)\b/i,
  },
  {
    rule: 'order.unnamed',
    level: 'review',
    message: 'An order along the picture goes from left to right by habit.',
    in: 'question',
    when: /\b(?:what|which|list|name|write|give|state|tell|enumerate|describe|sort|arrange|rank)\b[^?.!]*(?:(?<!\b(?:they|he|she|we|you|people|to|did|can|will) )\border\b(?! to\b)|\bone (?:by one|after (?:another|the other))\b|\bin (?:sequence|succession)\b|\bstarting (?:at|from|with)\b|\bfrom (?:one|the|beginning|start) (?:end|side|beginning|start) (?:of [^?.!]* )?to\b|\balong (?:the|it)\b)/i,
    unless:
      /\b(?:left|right|near\w*|far\w*|clos\w+|top|bottom|front|back|small\w*|larg\w*|big\w*|tall\w*|short\w*|size|sizes|height|depth|distance|weight|alphabetical\w*|time|temporal\w*|chronolog\w*|happen\w*|events?|steps?|clockwise|counterclockwise|anticlockwise|age|price|bright\w*|dark\w*)\b/i,
  },
];

/** In a single image, a first picture is the left part of a composite. */
const SINGLE: Trigger = {
  rule: 'other.picture',
  level: 'review',
  message: 'It speaks of one of several pictures; in a composite they count from the left.',
  in: 'row',
  when: /\b(?:first|second|third|last|1st|2nd|3rd|previous|other|reference|original|earlier|next) (?:image|picture|photo|frame)\b|\b(?:image|picture|photo) (?:1|2|3|A|B)\b/i,
};
const SEVERAL: Trigger = {
  rule: 'other.layout',
  level: 'review',
  message: 'With several images, "the left image" is their order on the page.',
  in: 'row',
  when: /\b(?:left|right)(?:most|[- ]?hand)?(?:[- ]side)? (?:image|picture|photo|pic|frame|view)s?\b|\b(?:image|picture|photo|pic) (?:on|to) the (?:left|right)\b/i,
};

/** Every trigger that a sample pulls. `chiral`: whether the text rules found anything sided in it. */
export function triggered(sample: Sample, chiral: boolean): Note[] {
  const { question, answer, reasoning = '', choices = [] } = sample;
  // Words that the question quotes are a sign to tell things by, no secret to be read.
  const quoted = [...question.matchAll(/["“]([^"“”\n]+)["”]/g)].map((match) => match[0]);
  const told = quoted.reduce((text, quote) => text.replaceAll(quote, ''), answer);
  const texts = { question, answer: told, row: [question, answer, reasoning, ...choices].join('\n') };
  return [...TRIGGERS, sample.images.length > 1 ? SEVERAL : SINGLE]
    .filter((trigger) => (chiral || !trigger.chiral) && !(trigger.free && sample.choices))
    .filter(({ in: place, when, unless, with: also }) => {
      const text = texts[place];
      return when.test(text) && !unless?.test(text) && (also?.test(texts.row) ?? true);
    })
    .map(({ level, rule, message }) => ({ level, rule, message }));
}
