import { triggers } from './writing.ts';

/** Triggers for dials, law, customs and maps: things fixed by convention instead of geometry. */

const DIAL = 'clock|watch|dial|gauge|speedometer|odometer|thermometer';
const NAMED_COUNTRY =
  'UK|Britain|England|British|Japan|Japanese|Australia|Australian|India|Ireland|America|American|USA|Europe|European|Germany|France|Thailand|Singapore';
const PICTURE = 'image|images|picture|pictures|photo|photos|photograph|photographs|scene|scenes|view|views';
const FLIPPED = 'flipped|mirrored|reversed|inverted';
const LAW =
  'yield|yields|priority|overtake|overtakes|overtaking|overtaken|forbid|forbids|forbidden|forbidding|prohibit|prohibits|prohibited|prohibiting|prohibition|permit|permits|permitted|allow|allows|allowed|illegal|legal|legally|law|laws|obliged';

export const CONVENTIONS = triggers`
  clock.dial, discard, in question: A mirrored clock or dial shows another value.
    what is? the? current? @time !{ of the? day|year }
    ${DIAL} ~ ~ { show|shows|showing|shown|display|displays|displaying|indicate|indicates|indicated|indicating|say|says|tell|tells / point|points to }
    does|do … clock|watch|dial|gauge … @display
    time … @clock|watch
    clock|watch … @time
    hour|minute hand
    @time is|does it|the
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
    mirror|mirrored image
    flip|flipped horizontally
    horizontal|horizontally flip*
    mirror|mirrors|mirrored|mirroring|flip|flips|flipped|flipping the|this|that|a|an? image|picture|photo|scene|view
  medical, discard, sided: Organs and film markers are sided by convention.
    x @-ray|rays
    xray|xrays|ct|mri|ultrasound|pneumothorax|pleural|lung|lungs|opacity|consolidation|ventricle|ventricles|lesion|lesions|tumor|tumors|tumour|tumours|nodule|nodules|effusion|fracture|fractured|femur|tibia|kidney|kidneys|hemisphere
    radiograph|radiographs|radiographic|radiography|radiology|mammogram|mammograms|mammography|mammographic|tomogram|tomograms|tomograph|tomographs|tomography|tomographic|angiogram|angiograms|angiography|angiographic
    brain|bone|body scan
  medical.organ, sided: Organs are sided by anatomy.
    patient|patient's|liver|spleen|appendix|aorta|gallbladder|dextrocardia
    his|her @heart
    the @human heart
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
    must !be|answer|choose|select|pick|respond|contain
    supposed to
    no left|right @turn|turns
    ^^ <mark>* @may|can|should { i|we|you / the _ } legally? turn|drive|overtake|pass
    with: car|cars|traffic|road|street|lane|driver|drivers|drive|driving|vehicle|vehicles|motorway|highway|intersection|crossing|junction|sign|signs|cyclist|cyclists|turn|turns
    with: red light
  convention.law, sided: The driving side belongs to a named country.
    ${NAMED_COUNTRY}
    U . K|S .
    Hong Kong
    with: drive|drives|driver|drivers|driving|driven|traffic|lane|lanes|road|roads|street|streets|steering
  convention.lane, in question, sided: Which lane to use is a rule of the road.
    which|what { lane / side of the road|street } { should|must / do you / are you supposed }
  convention.custom, sided: Custom, not geometry, names the hand or the direction.
    wedding|engagement ring
    salute|salutes|saluted|saluting|salutation|salutations
    oath|pledge
    written|writing|script|language|arabic|hebrew|manga … left|right @to left|right
  convention.game: The rules of the game place it.
    first|second|third|1st|2nd|3rd base|baseman
    kingside|queenside|southpaw|shortstop
    king|queen -side
    goofy foot*|stance
  convention.word: A word that is sided by custom.
    nearside|offside|dexter|dextral|sinistral|waxing|waning
    near|off -side
    right|left wing rally|party|parties|group|government|protest*|media|newspaper|politic*|extrem*|activist*
    far|alt|hard @right|left rally|party|parties|group|groups|government|protest*|media|newspaper|politic*|extrem*|activist*|movement|candidate|candidates|leader|leaders|voter|voters|supporter|supporters|march|views|ideology|crowd|flag|symbol
  map.compass, discard: A mirrored map has unreadable names, and its compass does not turn.
    map|maps|atlas
    with: north|south|east|west|northern|southern|eastern|western|northeast|northwest|southeast|southwest|northward|southward|eastward|westward|northwards|southwards|eastwards|westwards|northernmost|southernmost|easternmost|westernmost|northbound|southbound|eastbound|westbound|northeastern|northwestern|southeastern|southwestern
`;
