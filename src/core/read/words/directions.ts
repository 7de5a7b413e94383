import type { Sign } from '../words.ts';

export const PICTURE = '(?:image|picture|photo|photograph)';
export const PART = '(?:side|half|third|quarter|corner|edge|part|portion)';

/** What may stand before "of the image", so that it says where something is: not "the frame of the picture". */
const IN_PART = `(?<!of the )\\b(?:left|right|top|bottom|upper|lower|cent(?:er|re)|middle|${PART})`;

/** A side of one's own, or a place before or behind one. */
const OWN = '(?:(?:front|back|rear)[- ])?(?:left|right|front|back|behind)\\b';
const POLE = '(?:left|right|top|bottom|upper|lower)';

const VIEWER = '(?:viewer|camera|observer|photographer|image|picture|photo)';
const POINT_OF_VIEW = '(?:point of view|perspective|viewpoint)';

/** Signs of what the directions in a text refer to when its picture is turned. */
export const SIGNS = {
  /** "In the image as shown, …": everything after it refers to the picture's own axes. */
  lead: {
    pattern: new RegExp(
      `^\\s*(?:considering the (?:relative )?positions? of [^,.?]+ )?in (?:the|this) ${PICTURE}(?: (?:as shown|shown|provided|given))?,`,
      'i',
    ),
    example: 'In the image as shown, is the cup left of the jug?',
    counterExample: 'Is the cup left of the jug in the image?',
  },
  /** "… in the image?" at the end of a clause. "In the picture on the wall" refers to a picture in the picture. */
  within: {
    pattern: new RegExp(
      `\\b(?:in|${IN_PART} of) (?:the|this) ${PICTURE}(?: (?:as shown|provided|shown|given|above|below))?(?=\\s*(?:[?.,!;:]|$|than\\b))`,
      'i',
    ),
    example: 'Is the cup on the left in the image?',
    counterExample: 'Is the cup on the left in the picture on the wall?',
  },
  /** A side that goes on to name its part of the picture, wherever in the sentence: "in the left half of the image are". */
  partOfPicture: {
    pattern: new RegExp(
      `^[-\\s]*(?:hand\\s+)?(?:(?:left|right)[-\\s]*)?${PART}(?: or (?:(?:on|in|at) )?(?:the )?${POLE} ${PART})? of (?:the|this) ${PICTURE}(?=\\s*(?:[?.,!;:)]|$)|\\s+(?:is|are|was|were|has|have|do|does|can|or|than|and)\\b)`,
      'i',
    ),
    example: ' half of the image are red',
    counterExample: ' half of the picture on the wall',
  },
  /** The question asks for a part of the picture. */
  asksPart: {
    pattern: new RegExp(`\\b(?:which|what) ${PART} of (?:the|this) ${PICTURE}\\b`, 'i'),
    example: 'On which side of the image is the cup?',
    counterExample: 'On which side of the table is the cup?',
  },
  /** A menu of sides that ends such a question, from one of its sides on. */
  menuOfParts: {
    pattern: new RegExp(
      `^${POLE}(?: ${PART})?(?:,? or (?:(?:to|on|in|at) )?(?:the )?${POLE}(?: ${PART})?)*\\s*[?.]?\\s*$`,
      'i',
    ),
    example: 'top or the bottom?',
    counterExample: 'top of the tower?',
  },
  /** What follows a direction that names a part of the picture. */
  ofPicture: {
    pattern: new RegExp(
      `^[-\\s]*(?:hand\\s+)?(?:(?:left|right)[-\\s]*)?(?:${PART}(?: or (?:(?:on|in|at) )?(?:the )?${POLE} ${PART})?\\s+)?(?:to the ${POLE}[- ]${POLE}(?: ${PART})? )?(?:in|of) (?:the|this) ${PICTURE}\\b`,
      'i',
    ),
    example: ' side of the image',
    counterExample: ' side of the table',
  },
  /** A text that consists only of a position. */
  lone: {
    pattern: new RegExp(
      `^\\W*(?:\\(?[A-H][).:]\\s*)?(?:(?:on|in|at|to|from)\\s+)?(?:the\\s+)?(?:far\\s+)?(?:(?:top|bottom|upper|lower|above|below)[-\\s]*)?(?:left|right|top|bottom|above|below)?(?:[-\\s]+${PART})?(?:\\s+(?:of|in) (?:the|this) ${PICTURE})?\\W*$`,
      'i',
    ),
    example: 'in the top-left corner of the image',
    counterExample: 'left of the table',
  },
  /** Hands and other parts that a body has two of; "left hand side" is not one. */
  body: {
    pattern:
      /^(?!-hand \p{L})[-\s]+(?:hands?|arms?|eyes?|ears?|foot|feet|legs?|shoulders?|knees?|elbows?|wrists?|ankles?|thumbs?|cheeks?|hips?|shoes?|gloves?|boots?|sleeves?|paws?|handed|handers?|footed|indicators?|blinkers?|turn signals?)\b(?![-\s]*side)/iu,
    example: ' hand holds it',
    counterExample: ' hand side of it',
  },
  /** The question asks for such a part. */
  asksBody: {
    pattern:
      /\b(?:which|what)\b[^?]*\b(?:hand|arm|eye|ear|foot|leg|shoulder|knee|elbow|wrist|ankle|thumb|shoe|glove|paw)s?\b/i,
    example: 'Which hand holds the cup?',
    counterExample: 'Which side is the cup on?',
  },
  /** The sides are a thing's own. Those from a camera's point of view are the viewer's. */
  ownView: {
    pattern: new RegExp(
      `\\b(?:from the (?!${VIEWER})[^,?]{1,60}['’]s?(?: own)? ${POINT_OF_VIEW}|from the ${POINT_OF_VIEW} of (?:the|an?) (?!${VIEWER})|from (?:his|her|their|its)(?: own)? ${POINT_OF_VIEW}|if you were (?:the|an?) (?!${VIEWER})|side of (?:it|him|her|them)sel(?:f|ves)\\b)`,
      'i',
    ),
    example: "Is it left from the cube's point of view?",
    counterExample: "Is it left from the camera's point of view?",
  },
  /** The question puts somebody into the scene, whose sides are then their own. */
  imagined: {
    pattern:
      /\b(?:(?:if|when|while|suppose|assume|imagine|say)(?: that)? (?:i|you)(?: am| are|['’]m|['’]re| were| was)? (?:stand(?:ing)?|stood|sat|sitt?(?:ing)?|positioned|placed|at|by)|(?:^|[.:]\s*)standing)\b[^.?]*\b(?:fac(?:e|es|ed|ing)|look(?:s|ed|ing)?)\b/i,
    example: 'If I am standing by the stove and facing the door, is the sofa to my left?',
    counterExample: 'Is the sofa to the left of the man who is facing the door?',
  },
  /** Sides of somebody who was put into the scene. */
  ofImagined: {
    pattern: new RegExp(
      `\\b(?:my|your) ${OWN}(?:(?:,? (?:or |and )?(?:(?:to|on) )?(?:(?:my|your) )?)${OWN})*|\\b(?:(?:to|on) the )?${OWN}(?: or (?:(?:to|on) )?(?:the )?${OWN})* of (?:me|you)\\b`,
      'gi',
    ),
    example: 'Is it to my front-left, back-right, or back?',
    counterExample: 'Is it to the left of my chair?',
  },
  /** A text that is nothing but a side of one's own. */
  ownSide: {
    pattern: new RegExp(
      `^\\W*(?:\\(?[A-H][).:]\\s*)?(?:(?:to|on|at) )?(?:(?:the|my|your) )?${OWN}(?: side)?\\W*$`,
      'i',
    ),
    example: 'to my front-left',
    counterExample: 'left of the sofa',
  },
  /** Places in the world, whose heights are not those of the picture. */
  inWorld: {
    pattern: /\breal(?:-world 3D (?:locations?|positions?)| (?:3D )?world| 3D space)\b/i,
    example: 'Consider the real-world 3D locations of the objects.',
    counterExample: 'How far is it in the image?',
  },
  /** Something faces or points to a side, which in the picture's own axes is no other point of view. */
  pointsToSide: {
    pattern: new RegExp(
      `\\b(?:fac(?:es?|ed|ing)|(?:look|point)(?:s|ed|ing)?) (?:to(?:wards)? the )?(?:left|right)(?: or (?:to(?:wards)? the )?(?:left|right))?(?=\\s*(?:[?.,!;:)]|$)| in (?:the|this) ${PICTURE}\\b)`,
      'gi',
    ),
    example: 'Is the dog facing left?',
    counterExample: 'Is the dog left of the man who faces us?',
  },
  /** Words that suggest another point of view, so that left and right may not be those of the picture. */
  framed: {
    pattern:
      /\b(?:perspective|point of view|viewpoint|fac(?:e|es|ed|ing)|look(?:s|ed|ing)?|point(?:s|ed|ing)?|turn(?:s|ed|ing)?|imagine|standing at|if (?:i|you)|my|your)\b/i,
    example: 'Is it left of the man facing us?',
    counterExample: 'Is it left of the surface?',
  },
  /** Words whose meaning depends on gravity, however the picture is turned. */
  support: {
    pattern:
      /\b(?:on top of|atop|over|under|underneath|beneath|overhead|underside|upright(?! (?:pianos?|bass|vacuum|freezers?)\b)|upwards?|downwards?|up|down|hang(?:s|ing)?|hung|suspended|fall(?:s|ing|en)?|fell|float(?:s|ing)|hover(?:s|ing)?|climb(?:s|ing)?|ris(?:es?|en|ing)|rose|ascend(?:s|ed|ing)?|descend(?:s|ed|ing)?|sank|sinking|drop(?:s|ped|ping)|soar(?:s|ed|ing)?|(?:raised|lowered) or (?:raised|lowered)|lift(?:s|ed|ing)? off|tak(?:es?|ing) off|took off|(?:is|are|was) landing|(?:stand|sit|lie|rest|lean|perch)(?:s|ting|ing|ed)?(?: up)?on|(?:stands?|standing|sits?|sitting|lies?|lying|rests?|resting|leans?|leaning|perched) on|upside)\b/gi,
    example: 'the lamp hanging there',
    counterExample: 'the top of the page',
  },
  /** A question whether or where a thing is, or a statement of it. */
  asksPlace: {
    pattern:
      /^\W*(?:in (?:the|this) \w+(?: as shown)?,\s*)?(?:(?:is|are|was|were|does|do|where|what is|what's)\b|(?:the|an?) [\p{L} -]{1,40}? (?:(?:is|are) )?on\b)/iu,
    example: 'Where is the cup?',
    counterExample: 'Which cup is red?',
  },
  /** Something lies on another thing. */
  on: {
    pattern:
      /(?<!\bturn(?:s|ed|ing)? )\bon (?!the (?:left|right|top|bottom|side|other|same|opposite)\b)(?:the|a|an|his|her|its|their)\b/i,
    example: 'Is the cup on the table?',
    counterExample: 'Is the cup on the left?',
  },
  /** Words for the picture's vertical axis, if they refer to it. */
  vertical: {
    pattern:
      /\b(above|below|top-?most|bottom-?most|uppermost|lowermost|top|bottom|upper|lower|higher|highest|lowest)(?=\b|(?:left|right)\b)/gi,
    example: 'the topmost cup',
    counterExample: 'the stopped clock',
  },
  /** Words about height and width, which a quarter turn exchanges. */
  uprightSize: {
    pattern:
      /\b(?:wide|wider|widest|width|narrow(?:er|est)?|tall|taller|tallest|high|height|short(?:er|est)?|horizontal\w*|vertical\w*|rows?|columns?|[xy]1?2?)\b/i,
    example: 'Which is taller?',
    counterExample: 'Which is larger?',
  },
  /** It asks for the shape of the picture. */
  aspect: {
    pattern: /\b(?:landscape|portrait|aspect(?: ratio)?|wider (?:image|picture|photo))\b/i,
    example: 'Is it a landscape picture?',
    counterExample: 'Is the land green?',
  },
  /** It asks which way up the picture is. */
  aboutTurning: {
    pattern:
      /\b(?:upside[- ]down|rotated|which way up|right way up|orientation of (?:the|this) (?:image|picture|photo))\b/i,
    example: 'Is the picture upside down?',
    counterExample: 'Is the cup down there?',
  },
  /** It refers to the picture. */
  inPicture: {
    pattern: new RegExp(`\\bin (?:the|this) ${PICTURE}\\b`, 'i'),
    example: 'What hour is it in the picture?',
    counterExample: 'What hour is it?',
  },
  /** It asks for a direction as on the dial of a clock. */
  pointsToHour: {
    pattern: /\b(?:hour|o['’]clock)\b/i,
    example: "What o'clock does it point to?",
    counterExample: 'Where does it point?',
  },
} as const satisfies Record<string, Sign>;
