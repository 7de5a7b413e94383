import type { Trigger } from './trigger.ts';

/** Questions that ask for writing and figures, which a mirror makes unreadable. Whether there is text is invariant. */

const wh = "\\b(?:what|which|whose)(?:'s| is| are| was| were)?(?: the| this| that| his| her| its| their)?";
/** "which number is …", "what is the player's number"; up to two words between. */
const asks = (nouns: string): RegExp => new RegExp(`${wh}(?: [\\w'-]+){0,2} (?:${nouns})\\b`, 'i');

/** A question about a property that writing keeps in the mirror. */
const ABOUT_LOOKS =
  /\b(?:what|which) (?:side|colou?rs?|shape|size|material|direction|part|corner|kind|type|object|half|way)\b|\bwhere\b|\bhow many\b|\b(?:colou?r|size|font|shape|position) of\b|\bdescribes?\b|\btime of\b/i;

export const WRITING: readonly Omit<Trigger, 'level' | 'message'>[] = [
  {
    rule: 'text.says',
    in: 'question',
    when: /\b(?:what|which)\b[^?.!]*\b(?:says?|saying|spells?|spelled|spelt|written|inscribed|engraved|printed)\b|\b(?:does|do|did)\b[^?.!]*\b(?:say|spell)\b/i,
    unless: /\b(?:what|which) (?:side|colou?rs?|shape|size|material)\b|\b(?:colou?r|size|font) of\b/i,
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
      'text|writing|message|words?|letters?|numbers?(?! of\\b)|month|day of the week|weekday|destination|playing card|digits?|numerals?|brand|logo|language|slogan|initials|headline|inscription|score|year|date|title|subtitle|nickname|temperature|hour|percentage|speed limit|zip code|url|website|e-?mail|serial number',
    ),
    unless: ABOUT_LOOKS,
  },
  {
    rule: 'text.part',
    in: 'question',
    when: /\bnames? (?:is |are |that is )?(?:on|written|shown|printed|displayed)\b|\b(?:plate|number|sign|word|name)s? [^?.!]*\b(?:start|begin|end)s? (?:with|in)\b|\baccording to (?:the|this|that) (?:[\w-]+ )?(?:sign|label|menu|poster|screen|clock|receipt|text|board|scoreboard|display|timetable|ticket|calendar)\b|\b(?:sign|text|words?|menu|label|book|newspaper|poster|writing|letters?|language)\b[^?.!]*\bin (?:English|Chinese|Japanese|French|Spanish|German|Korean|Arabic|Russian|Italian|Hindi|Thai|Hebrew|Latin|Greek|Dutch|Portuguese)\b|\btranslate\b/i,
  },
  {
    rule: 'text.number',
    in: 'question',
    when: /\b(?:jersey|bib|player|house|room|bus|train|phone|telephone|flight|gate|route|street|registration|lot|track|platform|page|floor|exit|channel|line)(?:'s)? number\b|\b(?:number|digits?|letters?|title|text|words?) (?:of|on) the (?:bus|train|jersey|house|player|plate|door|truck|plane|boat|car|shirt|bib|book|sign|cover|poster|screen)\b|\bwhat (?:is|are) (?:shown |displayed )?on the [\w ]*\b(?:plate|scoreboard|sign|label|billboard|banner)\b/i,
    unless: ABOUT_LOOKS,
  },
  {
    rule: 'text.price',
    in: 'question',
    when: /\b(?:what|which)\b[^?.!]*\b(?:prices?|cost|costs)\b|\bhow much (?:do|does|did|is|are)\b[^?.!]*\b(?:costs?|charge|pay|priced?)\b|\bhow expensive\b/i,
  },
  {
    rule: 'text.price',
    in: 'question',
    when: /\bhow much (?:is|are) (?:an?|one|the|this|that|these|those) [\w' -]+\?/i,
    unless:
      /\b(?:left|right|full|open|taller|wider|bigger|larger|longer|closer|higher|farther|further|of|distance|space)\b/i,
  },
  {
    rule: 'text.contains',
    in: 'question',
    when: /\b(?:contain|include|show|display|have|has)s? [^?.!]*\bthe (?:word|letter|number|digit)s? ["“'‘A-Z0-9]/,
  },
  {
    rule: 'text.brand',
    in: 'question',
    when: /\b(?:what|which|whose|who)\b[^?.!]*\b(?:brand|manufacturer|sponsor|company|airline|maker of)\b|\bmake and model\b|\bwho (?:makes|made|manufactur\w+|sponsors?|wrote|published|is the author)\b/i,
    unless:
      /\bbrand[- ]new\b|\b(?:what|which) (?:side|colou?rs?|shape|size)\b|\b(?:colou?r|size) of\b|\bhow many\b/i,
  },
  {
    rule: 'text.name',
    in: 'question',
    when: /\bname of (?:the|this|that) (?:store|shop|street|restaurant|company|airline|team|hotel|building|station|road|avenue|bank|boat|ship|business|city|town|brand|school|player|book|magazine|newspaper|product|movie|film|game|caf[eé]|bar)\b|\bwhat (?:street|avenue|store name|team name)\b|\bstreet name\b|\bwhat is (?:the|this|that) (?:store|shop|street|restaurant|company|hotel|road|bank|boat|ship|city|town|brand|school|book|magazine|movie|film|game|caf[eé]|bar) (?:called|named)\b/i,
  },
  {
    rule: 'text.quoted',
    in: 'answer',
    when: /\b(?:says?|reads?|reading|written|labell?ed|spells?|displays?|titled?)\b[^.?!"“]*["“']\S/i,
  },
  {
    rule: 'text.dial',
    in: 'question',
    when: /\b(?:how (?:fast|hot|cold|warm)|what(?:'s| is)? (?:the )?(?:date|month|day|speed|temperature|reading|value|pressure))\b[^?.!]*\b(?:speedometer|odometer|tachometer|thermometer|barometer|altimeter|gauge|scale|calendar|timer|stopwatch|departure board|timetable|dial)\b/i,
  },
  {
    rule: 'text.digits',
    in: 'row',
    when: /(?<![\d:])\d{1,2}:[0-5]\d(?![\d:])|[$€£]\s?\d/,
    unless: /\b(?:ratio|scale|direction|bearing)\b/i,
  },
];
