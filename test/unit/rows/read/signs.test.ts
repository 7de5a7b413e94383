import { describe, expect, it } from 'vitest';
import { OPTION_SIGNS } from '../../../../src/rows/read/words/option-signs.ts';
import {
  ALTERNATIVES,
  COORDINATE_SIGNS,
  ENDINGS,
  LETTERING,
  NAME_SIGNS,
  EXCEPTIONS,
  RELATIONS,
} from '../../../../src/rows/read/words/signs.ts';
import { ASKS, SET_SIGNS } from '../../../../src/core/answers/question-signs.ts';
import { SAYS } from '../../../../src/rows/read/patterns.ts';
import { Text } from '../../../../src/rows/read/tokens.ts';
import { ARROW_SIGNS } from '../../../../src/rows/read/side-words.ts';
import { FRAMES, ORDERS, SEQUENCE_FORMS, SIGNS } from '../../../../src/rows/read/words/picture-words.ts';
import { SIDE_WORDS } from '../../../../src/rows/read/words/side-senses.ts';
import { mirrorText } from '../../../../src/rows/read/sides.ts';

type Signs = Readonly<Record<string, RegExp>>;
const cases = <T extends Signs>(
  signs: T,
  texts: Record<keyof T, [example: string, counterExample: string]>,
) => Object.entries<RegExp>(signs).map(([name, sign]) => [name, sign, ...texts[name]!] as const);

/** A text that has each sign, and a similar one that has not. */
const SIGN_CASES = [
  ...cases(ALTERNATIVES, {
    place: ['in the left half', 'the half-eaten cake'],
    anchorEnd: ['the camera than the plate', 'the camera'],
    listAfter: ['Which is second among the pot and the mug?', 'Which is second among the pots and the mugs?'],
    listBefore: ['Between the cup and the jug, which is closer?', 'The cup is between the jug and the lamp.'],
    listWithin: ['Which of the cup and the jug is closer?', 'Which of the two is closer?'],
    subjects: ['Is the cup or the jug', 'Which is closer, the cup or the jug'],
    references: [' the cup or to the jug?', ', the cup or the jug?'],
    verb: ['the cup is', 'the island'],
    noName: ['closer than the cup', 'the haven'],
    adverbial: ['in the picture', 'the cup in the picture'],
    orderWord: ['please choose the cup', 'the chosen cup'],
    openOption: ['neither of them', 'the other one'],
    trailingVerb: ['the plate that is more', 'the plate that was'],
  }),
  ...cases(OPTION_SIGNS, {
    any: ['Which? (A) cup (B) jug', 'Which is nearer?'],
    letter: ['A. cup', 'U.S.A'],
    number: ['1. cup', '1.5 m'],
    joint: ['cup, or ', 'cupboard'],
    end: ['cup.', 'cup'],
    instruction: ['cup Please answer with a letter.', 'cup of tea'],
    sentence: ['It is. The cup', 'It is 3.5 m. or'],
    announces: ['Which? Options: ', 'Which has options'],
    before: ['Options: cup, jug', 'the cup: it has options'],
    bearer: ['the man in picture ', 'the picture shows '],
    joins: ['and the jug', 'an android'],
  }),
  ...cases(SET_SIGNS, {
    opening: ['Is the cup red?', 'Do not explain.'],
    preamble: ['In the image, is', 'In which image'],
    asks: ['Can you say which one it is?', 'Is it the cup?'],
    either: ['the cup or the jug', 'the order of cups'],
    verdicts: ['Is it red (yes/no)?', 'Is it red or blue?'],
    verdict: ['Is it true?', 'Is it truthful?'],
    clause: ['What about it, is it red?', 'What is it?'],
    angle: ['What is the angle?', 'Which triangle is it?'],
    count: ['How many cups?', 'How much tea?'],
    place: ['Where is the cup?', 'Is it where the cup is?'],
    which: ['Of the cups, which is red?', 'Is it the one which is red?'],
    reads: ['What does it say?', 'What does he hold?'],
  }),
  ...cases(ASKS, {
    count: ['How many cups are there?', 'Is there a cup?'],
    units: ['How many feet away is the door?', 'How many legs has the cat?'],
    area: ['How big is the room?', 'How far is the room?'],
    length: ['How far is the room?', 'How many rooms are there?'],
    place: ['Where is the cup?', 'Who is at the door?'],
    text: ['Describe the cup.', 'Does the page describe a cup?'],
  }),
  ...cases(ARROW_SIGNS, { any: ['➔', '>'], upright: ['↑', '↗'] }),
  ...cases(COORDINATE_SIGNS, {
    bracketed: ['⟨410, 220⟩', '410, 220'],
    pair: ['<c1, 410, 220>', '<3 rows, 4 seats>'],
    field: ['<c1,CAM_BACK,410>', '<c1, 410 cm>'],
    at: ['the dog at 410, 220', 'at 10, 12 and 14'],
    group: ['the box [1, 2, 3, 4]', 'the box [1, 2, a]'],
    tagged: ['<click>1, 2</click>', '<click>1, two</click>'],
    bare: ['1, 2, 3', '3'],
    named: ['x1=120, y1=80, x2=300, y2=240', 'y1=80, x1=120'],
    other: ['its x is 120, or <loc0123>', 'the box is 120 wide'],
    molmo: ['<point x="10.0" y="20.0" alt="cup">', '<point>1 2</point>'],
    paligemma: ['<loc0010><loc0020><loc0030><loc0040> cup', '<loc0010><loc0020>'],
    token: ['<patch_index_0101>', '<region1>'],
    keyed: ['"left": 12', 'on the left: 12 cups'],
    list: ['at 300, 120', 'at 300 and 120'],
    order: ['ymin, xmin', 'why, then'],
    yFirst: ['"box_2d": 1', '"bbox_2d": 1'],
    range: ['0 1000', '0 500'],
  }),
  ...cases(EXCEPTIONS, {
    read: ['the sign says ', 'the sign beside '],
    bearer: [' sign', ' cup'],
    directionOnly: ['to the left', 'to the cup'],
    textKey: ['transcription', 'label'],
    signLike: ['Left of Centre', 'left of the cup'],
    format: ['Give it in the format top-left, width', 'Is it far from the top-left corner?'],
    coordinateWord: ['the pixels of its corner', 'the corner of the room'],
    compass: ['northbound', 'northing'],
    compassLetters: ['NW', 'Nw'],
    compassPhrase: ['lights', 'light'],
    nonLatin: ['在哪里', 'señor'],
    asciiArrow: ['go -> there', 'a->b'],
    unsided: ['upright', 'top-right'],
    sideWord: ['rightmost', 'rightly'],
  }),
  ...cases(ENDINGS, {
    doing: ['holding', 'heading'],
    participle: ['printed', 'seed'],
    superlative: ['nearest', 'nearer'],
  }),
  ...cases(FRAMES, {
    colour: ['the red cup', 'the reduced cup'],
    asksLight: ['Is it night?', 'Is it large?'],
    aboutPicture: ['How wide is the picture in pixels?', 'Is the cup in the picture?'],
    aboutAngle: ['Is the pole vertical?', 'Is the pole red?'],
    framePart: ['the corner of the image', 'the corner of the table'],
    half: ['in the left half of the image', 'in the left half of the table'],
    anyHalf: ['which half', 'the halo'],
    count: ['How many cups are there?', 'Is the cup red?'],
    superlative: ['the closest cup', 'the close cup'],
    side: ['the leftmost cup', 'the cup'],
    height: ['above the cup', 'about the cup'],
    middle: ['in the middle', 'in the middle of the table'],
    share: ['at 30% of the width', 'at 30% of the price'],
    asksThing: ['Which is closer?', 'Where is it?'],
    bareName: ['red cup', 'the red cup'],
    alongAxis: ['in front of the cup', 'left of the cup'],
  }),
  ...cases(LETTERING, {
    code: ['tail number N738SW', 'box B2'],
    noCode: ['object12', 'AB-12'],
    figures: ['It is 12345.', 'It is 1234.5 wide.'],
    size: ['XL', 'SUV'],
    capitals: ['the EXIT sign', 'the LEFT sign'],
    name: ['It is Anna.', 'It is. Then I go.'],
  }),
  ...cases(NAME_SIGNS, {
    article: ['an apple', 'ant'],
    sentence: ['the cup is red', 'the red cup'],
    singularS: ['glass', 'cups'],
    thingIng: ['earrings', 'wearing'],
    thingEd: ['seeds', 'parked'],
    inPicture: ['the cup in this scene', 'the cup in its frame'],
    fromView: ["the cup from the viewer's side", 'the cup on the side'],
    participle: ['parked', 'park'],
  }),
  ...cases(ORDERS, {
    time: ['before it turned', 'the red cup'],
    action: ['the man singing', 'the man standing'],
    viewer: ['close to the camera', 'close to the man'],
    oneWay: ['Why is the glass broken?', 'Is the glass red?'],
    ofClip: ['How many frames are there?', 'How many cups are there?'],
    clipLength: ['How long is it?', 'How large is it?'],
    appears: ['Which appears first?', 'Which is first?'],
    ofThings: ['How far is the cup from the lamp?', 'Does the cup move?'],
    ofNumber: ['How many cups are there?', 'How far is it?'],
    duration: ['How long is it?', 'How far is it?'],
    lengthUnit: ['3 metres', '3 minutes'],
  }),
  ...cases(RELATIONS, {
    referring: ['the cup that stands', 'the cup'],
    frontless: ['the red cubes', 'the red car'],
    ofQuestion: ['The first statement is so.', 'The cup stands there.'],
  }),
  ...cases(SEQUENCE_FORMS, {
    whichPicture: ['In which image is the cup larger?', 'In which room is the cup larger?'],
    firstOrSecond: ['Is the cup larger in the first or the second image?', 'Is the cup in the second image?'],
    saidPicture: ['in the second one', 'the second cup'],
    taken: ['Was the first image taken before the second?', 'Was the image taken before noon?'],
    middle: ['the second image', 'the last image'],
    throughout: ['Is the cup red in both images?', 'Is the cup red in both rooms?'],
    atMoment: ['At the start, is the lamp on?', 'At the door, is the lamp on?'],
    atMomentLast: ['Is the lamp on in the second frame?', 'Is the lamp on in the second room?'],
    moment: ['the lamp at the end', 'the end of the table'],
    start: ['beginning', 'end'],
    beforeAfter: ['After', 'afterwards'],
    onlyThen: ['the dog appears only', 'the only dog'],
    asksState: ['Which lamp is on?', 'Does it move?'],
    inAll: ['Across both images, how tall is it?', 'Across the room, how tall is it?'],
    inAllLast: ['How many cups appear in these images?', 'How many cups are in the cupboards?'],
    youSee: ['How many cups do you see?', 'How many cups can be seen?'],
    events: ['How often does the door open?', 'How many doors open?'],
    times: ['3 times', 'three'],
    stamp: ['At what second does the door open?', 'When does the door open?'],
    seconds: ['2.5 s', '2.5 m'],
    span: ['In the video, does it move?', 'In the room, does it move?'],
    spanLast: [' from the first image to the last', ' from the first door to the last'],
    toMark: ['Does it move?', 'It moves.'],
    ofTwo: ['between the two images', 'in the clip'],
    whichWay: ['In which direction does the car move', 'Which car does move'],
    howChanges: ['How does the distance change', 'How does the distance to the door change it'],
    moves: ['Does the car move', 'The car does'],
    bothSides: ['to the left or the right', 'to the left or to the right'],
    bothWays: ['towards or away from the door', 'towards the door'],
    menuJoint: ['left or right', 'left and right'],
    listJoint: ['dog and cat', 'dog or cat'],
    isCamera: ['the camera', 'the camera bag'],
    ofCamera: ['pans', 'spans'],
    turns: ['rotates', 'moves'],
    clockwise: ['anticlockwise', 'clock'],
    inOrOut: ['out', 'outside'],
    ahead: ['backwards', 'upwards'],
    way: ['to the left side', 'to the house'],
    toThing: ['away from the house', 'away from home'],
    away: ['away from it', 'far away'],
    thing: ['the red car', 'red cars'],
    wayItself: ['the narrow road', 'the road sweeper'],
    across: ['from left to right', 'from left to the door'],
    distance: ['the gap between the cup and the plate', 'the distance'],
    oneWay: ['away from', 'away from it'],
  }),
  ...cases(SIGNS, {
    lead: ['In the image as shown, is the cup left of the jug?', 'Is the cup left of the jug in the image?'],
    within: ['Is the cup on the left in the image?', 'Is the cup on the left in the picture on the wall?'],
    partOfPicture: [' half of the image are red', ' half of the picture on the wall'],
    asksPart: ['On which side of the image is the cup?', 'On which side of the table is the cup?'],
    menuOfParts: ['top or the bottom?', 'top of the tower?'],
    ofPicture: [' side of the image', ' side of the table'],
    lone: ['in the top-left corner of the image', 'left of the table'],
    body: [' hand holds it', ' hand side of it'],
    asksBody: ['Which hand holds the cup?', 'Which side is the cup on?'],
    ownView: ["Is it left from the cube's point of view?", "Is it left from the camera's point of view?"],
    imagined: [
      'If I am standing by the stove and facing the door, is the sofa to my left?',
      'Is the sofa to the left of the man who is facing the door?',
    ],
    ofImagined: ['Is it to my front-left, back-right, or back?', 'Is it to the left of my chair?'],
    ownSide: ['to my front-left', 'left of the sofa'],
    inWorld: ['Consider the real-world 3D locations of the objects.', 'How far is it in the image?'],
    pointsToSide: ['Is the dog facing left?', 'Is the dog left of the man who faces us?'],
    framed: ['Is it left of the man facing us?', 'Is it left of the surface?'],
    support: ['the lamp hanging there', 'the top of the page'],
    asksPlace: ['Where is the cup?', 'Which cup is red?'],
    on: ['Is the cup on the table?', 'Is the cup on the left?'],
    vertical: ['the topmost cup', 'the stopped clock'],
    uprightSize: ['Which is taller?', 'Which is larger?'],
    aspect: ['Is it a landscape picture?', 'Is the land green?'],
    aboutTurning: ['Is the picture upside down?', 'Is the cup down there?'],
    inPicture: ['What hour is it in the picture?', 'What hour is it?'],
    pointsToHour: ["What o'clock does it point to?", 'Where does it point?'],
  }),
];

describe.each(SIGN_CASES)('sign %s', (_, sign, example, counterExample) => {
  it(`the sign matches: ${example}`, () => expect(example.search(sign)).toBeGreaterThanOrEqual(0));
  it(`the sign does not match: ${counterExample}`, () => expect(counterExample.search(sign)).toBe(-1));
});

/** Phrases by which answers are read, of which no view has rows. */
const PHRASE_CASES = [
  ['asksBox', 'Draw a box around the cup.', 'Is the cup in the box?'],
  ['asksLength', 'How far is the cup from the jug?', 'Is the cup far from the jug?'],
  ['compares', 'Is the cup closer than the jug?', 'Is the cup close to the jug?'],
  ['startsWithVerdict', 'In fact, the cup is smaller.', 'The cup is smaller, in fact.'],
  ['asksYesNo', 'In the image, is the cup red?', 'Which cup is red?'],
  ['asksYesNo', 'Do the cups stand there?', 'Which cup is red? Do not explain.'],
  ['asksYesNo', "Don't the cups stand there?", "Which cup is red? Don't guess."],
  ['spatial', 'Is the cup close to the jug?', 'Did they close the shop?'],
  ['notSpatial', 'What milk is left in the jug?', 'Is the milk left of the jug?'],
] as const;

describe.each(PHRASE_CASES)('phrases of %s', (name, example, counterExample) => {
  it(`the phrases match: ${example}`, () => expect(SAYS[name].in(new Text(example).words)).toBe(true));
  it(`the phrases do not match: ${counterExample}`, () =>
    expect(SAYS[name].in(new Text(counterExample).words)).toBe(false));
});

const SIDE_CASES = [
  ['starboard', 'port', 'Is the lamp on the starboard side?', 'Is the lamp on board?'],
  ['port', 'starboard', 'Is the lamp on the port side?', 'Is the ship in the port?'],
] as const;

it('SIDE_CASES: cover every context-dependent side word', () =>
  expect(SIDE_CASES.map(([word]) => word)).toEqual(SIDE_WORDS.map(([, word]) => word)));

describe.each(SIDE_CASES)('side word %s', (word, partner, example, counterExample) => {
  const mirrored = example.replace(word, partner);
  it(`the side word is mirrored in: ${example}`, () => expect(mirrorText(example).text).toBe(mirrored));
  it(`the side word is restored from: ${mirrored}`, () => expect(mirrorText(mirrored).text).toBe(example));
  it(`the word is not a side in: ${counterExample}`, () =>
    expect(mirrorText(counterExample)).toMatchObject({ changes: [], notes: [] }));
});
