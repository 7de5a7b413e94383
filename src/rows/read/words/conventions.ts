import type { Note } from '../tokens.ts';
import { entries } from './sets.ts';

/**
 * Content that a mirror cannot preserve even if the grammar is clear: writing, dials, maps, conventions. Each trigger
 * describes one observation about a row's texts.
 */
export interface Trigger {
  rule: string;
  level: Note['level'];
  message: string;
  /** Texts to search. `row` stands for question, answer, reasoning and choices together. */
  in: 'question' | 'answer' | 'reasoning' | 'row';
  /** Patterns (../patterns.ts). At least one must match, and no pattern of `unless` may match. */
  patterns: readonly string[];
  unless: readonly string[];
  /** Patterns for the whole row. At least one must also match; an empty list requires no match. */
  with: readonly string[];
  /** Whether the trigger applies only if a side is about to change. */
  sided?: true;
  /** Whether the trigger applies only if the answer is free text instead of an option. */
  free?: true;
  /** Image axis that a view must reverse for the trigger to apply. */
  axis?: 'x' | 'y';
  /** Whether the trigger is about one text. Without this text, the row does not have the doubt (../reading.ts). */
  ofText?: true;
  /** Whether the trigger applies only if the row does not declare the meaning of its coordinates. */
  undeclared?: true;
  /** Whether the trigger applies only to rows with one image, or only to rows with several images. */
  images?: 'one' | 'several';
}

/** Flags in the head of a trigger, after its rule. Without flags, it requires a review and concerns the whole row. */
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

/** Reads triggers from a table. Each trigger has a head "rule, flags: message", and patterns below the head. */
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

/** Examples: "which number is …", "what is the player's number", with up to two words in between. */
const ASKED_THING = 'what|which|whose is|are|was|were? the|this|that|his|her|its|their? _? _?';

/** Questions about a property of writing that is unchanged in the mirror. */
const ABOUT_LOOKS = `
    unless: what|which side|sides|color|colors|colour|colours|shape|size|material|direction|part|corner|kind|type|object|half|way
    unless: where
    unless: how many
    unless: color|colour|size|font|shape|position of
    unless: describe|describes
    unless: time of
    unless: percentage|percent of the ~ @width|height`;

/** Questions about a property of objects with writing on them. */
const ABOUT_COLOUR = `
    unless: what|which side|color|colors|colour|colours|shape|size
    unless: color|colour|size of`;

const WRITTEN = 'says|say|saying|spell|spells|spelled|spelt|written|inscribed|engraved|printed';
const BEARER =
  'sign|signs|text|texts|label|labels|shirt|shirts|billboard|billboards|banner|banners|poster|posters|screen|screens|plate|plates|display|displays|meter|meters|scoreboard|scoreboards|caption|captions|word|words|letter|letters|clock|clocks|watch|watchs|gauge|gauges|dial|dials';
const SHOP =
  'store|shop|street|restaurant|company|hotel|road|bank|boat|ship|city|town|brand|school|book|magazine|movie|film|game|cafe|café|bar';

const ASKS_WRITING = 'The question asks for text in the image, which a mirror makes unreadable.';
/** Questions about writing and numbers, which a mirror makes unreadable. Whether text exists stays the same. */
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
    is|are|was|were … @legible|illegible|readable|unreadable
    ocr
  text.asked, in question
    ${ASKED_THING} @text|writing|message|word|words|letter|letters|month|weekday|destination|digit|digits|numeral|numerals|brand|logo|language|slogan|initials|headline|inscription|score|year|date|title|subtitle|nickname|temperature|hour|percentage|url|website|email
    ${ASKED_THING} @number|numbers !of
    ${ASKED_THING} @day of the week
    ${ASKED_THING} playing|speed|zip|serial|e @card|limit|code|number|mail${ABOUT_LOOKS}
  text.part, in question
    name|names { is|are? / that is } on|written|shown|printed|displayed
    plate|plates|number|numbers|sign|signs|word|words|name|names … @start|starts|begin|begins|end|ends with|in
    according to the|this|that _? _? @sign|label|menu|poster|screen|clock|receipt|text|board|scoreboard|display|timetable|ticket|calendar|legend|table|schedule|key|chart|list
    in|on|by the|this|its @legend|schedule|timetable
    row|rows|column|columns of|in the|this @table|chart|schedule|timetable
    what … @stand|stands for
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
    who @makes|made|manufactures|manufactured|sponsor|sponsors|wrote|published !{ it|way / <det> <ordinal>|last|best|<lr>? move|turn|step|jump|throw|pass|shot|goal|catch|mistake|choice }
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
    "|“|'|‘ .. "|”|'|’ @sign|signs|label|labels|button|buttons|tab|tabs|icon|icons|key|keys|menu|link|poster|board|notice|banner|sticker|tag|badge !{ " : }
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

const DIAL = 'clock|watch|dial|gauge|speedometer|odometer|thermometer';
const NAMED_COUNTRY =
  'UK|Britain|England|British|Japan|Japanese|Australia|Australian|India|Ireland|America|American|USA|Europe|European|Germany|France|Thailand|Singapore';
const PICTURE = 'image|images|picture|pictures|photo|photos|photograph|photographs|scene|scenes|view|views';
const FLIPPED = 'flipped|mirrored|reversed|inverted';
const LAW =
  'yield|yields|priority|overtake|overtakes|overtaking|overtaken|forbid|forbids|forbidden|forbidding|prohibit|prohibits|prohibited|prohibiting|prohibition|permit|permits|permitted|allow|allows|allowed|illegal|legal|legally|law|laws|obliged';
const ROAD =
  'car|cars|traffic|road|street|lane|driver|drivers|drive|driving|vehicle|vehicles|motorway|highway|intersection|crossing|junction|sign|signs|cyclist|cyclists';
const POLITICS =
  'rally|party|parties|group|groups|government|coalition|protest*|media|newspaper|politic*|extrem*|activist*|movement|candidate|candidates|leader|leaders|voter|voters|supporter|supporters|march|views|ideology|crowd|flag|symbol';

/** Terms and objects of radiology, which do not occur in questions about photographs. */
const RADIOLOGY =
  'lobe|lobes|hemidiaphragm|hemidiaphragms|diaphragm|costophrenic|cardiophrenic|hilum|hilar|perihilar|mediastinum|mediastinal|trachea|bronchus|bronchial|bronchi|atelectasis|infiltrate|infiltrates|aortic|atrium|ventricular|cortex|cortical|thalamus|cerebellum|cerebellar|cerebral|gastric|pulmonary|cardiac|thoracic|abdominal|parietal|occipital|sulci|subdural|epidural|hydrocephalus|psoas|iliac|ovary|uterus|bulla|pancreas|hepatic|renal|splenic|adrenal|ureter|colon|bowel|duodenum|esophagus|clavicle|scapula|humerus|vertebral|acetabulum|femoral|fibula|infarct|infarcts|infarction|ischemia|hemorrhage|haemorrhage|hematoma|haematoma|edema|oedema|calcification|calcifications|hyperdensity|hypodensity|hyperintensity|stenosis|aneurysm|embolism|catheter|stent|pneumonia|emphysema|scoliosis|pathology|abnormality|abnormalities|carotid|subclavian|coronary|intracranial|nasogastric|endotracheal|fundus|retinal|macula|macular|fovea|mitral|tricuspid|ulna|patella|meniscus|mandible|maxilla|maxillary|molar|molars|premolar|premolars|sinuses|thyroid|lumbar|sacral|sacroiliac|hippocampus|hippocampal|ganglia|tendon|jugular|lymph|adenopathy|lymphadenopathy|mastectomy|axilla|axillary|adnexa|adnexal|diverticulum|diverticula|polyp|polyps|pacemaker|mastoid|jejunum|ileum|testicle|testicles|testis|eardrum|tympanic|prostate|sternum|sternal|larynx|biopsy|endoscop*|dislocated|dislocation';

export const CONVENTIONS = triggers`
  text.remaining, in question: What is left of it is read off a display.
    how much|many @time|minutes|seconds|hours|charge|battery|power|fuel|gas|petrol|credit|percent ~ left|remain|remains|remaining { on / according / $ }
    how @long is|does|will ~ left|remain
    left|remaining on the|his|her|its|this @meter|timer|gauge|battery|countdown|scoreboard|phone
    how @full|empty|charged is|are the|his|her|its|this gauge|battery|batteries|meter|bar|tank
  clock.dial, discard, in question: A mirrored clock or dial shows another value.
    what is? the? current? @time !{ of the? day|year }
    ${DIAL} ~ ~ { show|shows|showing|shown|display|displays|displaying|indicate|indicates|indicated|indicating|say|says|tell|tells / point|points to }
    does|do … clock|watch|dial|gauge … @display
    time … @clock|watch
    clock|watch … @time
    hour|minute hand
    @time is|does it|the
    unless: appearance|appear|appears|categories
  text.team, in question: A team is known by its letters, or by its colours.
    what|which @team { do|does|did|won|scored / are they / is he|she|it|this|that|winning|playing }
  text.capitals, in answer: The answer looks like words or figures that were read from the picture.
    ^^ <mark>* @<capitals> <code>* <mark>* $$
    unless: YES|NO|LEFT|RIGHT|TRUE|FALSE|TOP|BOTTOM|UP|DOWN|ABOVE|BELOW|FRONT|BEHIND|SUV|BMX|LED|CD|DVD|ATM
  text.figure, in question, free: The answer may be a figure that was read from the picture.
    ^^ <mark>* @what
    with: \n <mark>* @<integer> { <mark>* $$ / <mark>* \n }
    unless: number|count|total|many|much|sum|difference|distance|age|height|width|depth|length|size|index|id|region|object|option|angle|degree|degrees|ratio|percent*|rank|position|coordinate|coordinates
  convention.country, discard, in question: Traffic and writing give a place away, and the mirror changes them.
    country|countries|nation|nationality|continent
    what|which @city|flag
    what|which @state is this
    whose flag
    is|was|are|could|does|might … in|from the? @uk|usa|us|england|scotland|ireland|japan|australia|india|america|europe|germany|france|italy|spain|thailand|china|singapore|london|tokyo|sydney|canada|malaysia|indonesia
    is|was|are|could|does|might … in|from the? great|hong|new|south|united @africa|britain|kingdom|kong|states|zealand
    is|was|are|could|does|might … in|from the? @u . k|s
    is this|it|that a|an? @british|japanese|american|australian|indian|english|european|german|french|chinese|thai
  view.flipped, discard: It speaks of a mirrored or flipped picture itself.
    ${PICTURE}|text|texts|writing is|are|was|were|been|be|being|shown|displayed|presented|printed|shot|taken|look|looks|appear|appears|seem|seems? horizontally|vertically? @${FLIPPED}
    @${FLIPPED} image|picture|photo|photograph|scene|view|version|text|writing
    text|writing is|are? @backward|backwards
    flip|flipped horizontally
    horizontal|horizontally flip*
    mirror|mirrors|mirrored|mirroring|flip|flips|flipped|flipping the|this|that|a|an? image|picture|photo|scene|view
  medical, discard, sided: Organs and film markers are sided by convention.
    x @-ray|rays
    xray|xrays|ct|mri|ultrasound|pneumothorax|pleural|lung|lungs|opacity|consolidation|ventricle|ventricles|lesion|lesions|tumor|tumors|tumour|tumours|nodule|nodules|effusion|fracture|fractured|femur|tibia|kidney|kidneys|hemisphere
    radiograph|radiographs|radiographic|radiography|radiology|mammogram|mammograms|mammography|mammographic|tomogram|tomograms|tomograph|tomographs|tomography|tomographic|angiogram|angiograms|angiography|angiographic
    brain|bone|body scan
  medical.organ, sided: Organs are sided by anatomy.
    patient|patient's|liver|spleen|appendix|aorta|gallbladder
    his|her @heart
    the @human heart
  medical.term, sided: Radiographs are sided by the patient.
    ${RADIOLOGY}
    rib|ribs|collarbone|vertebra <be>? broken
    MCA|ACA|PCA territory
    midline @shift|shifted
    heart @border|shadow|silhouette|size
    free @air
    stomach|gastric|gas @bubble
    left|right @breast|breasts !pocket|pockets
    optic @disc|disk|nerve
  medical.sided: A medical word that names the patient's side.
    dextro*|laevo*|levo*|situs
    RUL|RML|RLL|LUL|LLL|RUQ|RLQ|LUQ|LLQ|OD|OS|OU|LVH|RVH|LAD|LCX|LCA|RCA|LBBB|RBBB
    tooth|teeth #
    apex|wall of the @heart
  medical.side: Organs are sided by anatomy.
    side of|with|near the|his|her|its|their @heart|liver|stomach|spleen|appendix|gallbladder
  mirror.inside, sided: A mirror inside the picture has a left and right of its own.
    in|through|via a|the|its|his|her|their|this|that _? _? @mirror|mirrors|reflection
    reflected|reflection|reflections|reflects|reflecting
    @mirror|mirrors … show|shows|showing
    selfie
  convention.screw: Screws, taps and clock hands turn by convention.
    screw|screws|screwed|screwing|screwdriver|screwdrivers|unscrew|unscrews|unscrewed|unscrewing|tighten|tightens|tightened|tightening|loosen|loosens|loosened|loosening|hurricane|hurricanes|cyclone|cyclones|tornado|tornados|tornadoes
    bolt|bolts|nut|nuts|thread|threads|threaded|lid|lids|cap|caps|faucet|tap|valve|knob|dial|clock|clocks|watch|jar|bulb|roundabout|roundabouts
    o'clock
    with: clockwise|righty|lefty|anticlockwise|counterclockwise
  convention.screw: Threads and hand rules are conventions.
    righty|lefty tighty|loosey
    right|left hand|handed screw|screws|thread|threads|rule
  convention.priority, in question: Who goes first depends on the side on which one drives.
    which|who _? _? has|have the? @right of way
    which|who _? _? has|have @priority
    unless: pedestrian|pedestrians
  convention.usual, in question: Which side is the usual or the correct one is a convention.
    usual|normal|customary|correct|wrong|proper @side|hand|lane
  convention.sign, in question: A sign keeps its meaning by law, not by geometry.
    @sign|signs … mean|means|meaning|indicat*|tell|tells|telling|instruct*|warn*|command*|require*|order*
    meaning of … @sign
    according to … @sign|signs
    obey*|follow* … @sign|signs
  convention.law, sided: A traffic rule keeps its side by law, not by geometry.
    ${LAW}
    right of way
    give way
    no left|right @turn|turns
    with: ${ROAD}|turn|turns
    with: red light
  convention.law, sided: A traffic rule keeps its side by law, not by geometry.
    must !be|answer|choose|select|pick|respond|contain
    supposed to
    ^^ <mark>* @may|can|should { i|we|you / the|this _? _ } legally? turn|drive|overtake|pass
    with: ${ROAD}|bus|buses|truck|trucks|motorist|motorists|here
    with: red light
    unless: must the @robot|agent|camera|gripper|arm|drone
  convention.law, sided: The driving side belongs to a named country.
    ${NAMED_COUNTRY}
    U . K|S .
    Hong Kong
    with: drive|drives|driver|drivers|driving|driven|traffic|lane|lanes|road|roads|street|streets|steering
  convention.lane, in question, sided: Which lane to use is a rule of the road.
    which|what { lane / side of the road|street } { should|must / do you / are you supposed }
  convention.key, in question, sided: Which key does what is a convention.
    which|what @key|keys|button|buttons|lever|control|command ~ make|makes|move|moves|drive|drives|turn|turns|steer|steers|rotate|rotates|send|sends
  convention.custom, sided: Custom, not geometry, names the hand or the direction.
    wedding|engagement ring
    salute|salutes|saluted|saluting|salutation|salutations
    oath|pledge
    written|writing|script|language|arabic|hebrew|manga … left|right @to left|right
  compass.letter, in answer: It depends on where north is.
    ^^ <mark>* @N|E|S|W <mark>* $$
    with: direction|north|wind|compass|heading|point|points|pointing|bearing
  convention.game: The rules of the game place it.
    first|second|third|1st|2nd|3rd base|baseman
    kingside|queenside|southpaw|shortstop
    king|queen -side
    goofy foot*|stance
    on|at|to|from @a|b|c|d|e|f|g|h =1|2|3|4|5|6|7|8
    a|b|c|d|e|f|g|h -@file
  grid.square, in answer: A square is named by where it is on a board or a map.
    ^^ <mark>* @a|b|c|d|e|f|g|h =1|2|3|4|5|6|7|8 <mark>* $$
  convention.word: A word that is sided by custom.
    nearside|offside|dexter|dextral|sinistral|waxing|waning
    turn*|mov*|rotat*|spin*|go|goes|going with|against the @clock
    near|off -side
    right|left wing|leaning ${POLITICS}|paper|press
    far|alt|hard|centre|center @right|left ${POLITICS}
  convention.elevation, sided: A drawing of a house is named by its side.
    left|right side|hand? side? @elevation|elevations
    which|what side? @elevation|elevations
  convention.idiom: An idiom, which names no side.
    in the @right|wrong $|or|and|here|to|about
    within|to his|her|its|their|my|your|our? @rights
    by @right|rights $|of|or
    as of @right
    this|that|it his|her|their|my|your|our @right $
    right|left -@minded|thinking
    left|right -@field
    out of|from left|right @field
    on|off the right|left|wrong @foot
    the right|wrong side of the|his|her? @law|history|bed|thirty|forty|fifty|sixty|seventy
    @might make|makes right
    right side @out
    @left|right -handed compliment
  map.compass, discard: A mirrored map has unreadable names, and its compass does not turn.
    map|maps|atlas
    with: north|south|east|west|northern|southern|eastern|western|northeast|northwest|southeast|southwest|northward|southward|eastward|westward|northwards|southwards|eastwards|westwards|northernmost|southernmost|easternmost|westernmost|northbound|southbound|eastbound|westbound|northeastern|northwestern|southeastern|southwestern
`;
