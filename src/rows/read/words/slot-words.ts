import { partners, set, words } from './sets.ts';

export const ordinalWords = words('first second third fourth fifth sixth seventh eighth');

const ORDINAL = `(?:${ordinalWords.join('|')})`;
const SHOWN = '(?:image|picture|photo|photograph|view|camera|frame|shot|panel|video|clip)s?';

/** Patterns for references to cameras in names of images, and to one of several images in texts. */
export const SLOTS = {
  /** Boundary between two words of a name. */
  joint: /[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/u,
  /** `l`, `fl` or `lf`. */
  short: [/[lr]$/, /^[lr]/],
  code: /^(?:[fbrsm]?[lr]|[lr][fbrsm])$/,
  named: new Map(
    partners(
      'port starboard, lft rgt, nearside offside, driver passenger, links rechts, gauche droite, izquierda derecha',
    ),
  ),
  compass: set('north east south west n e s w'),
  heights: set('top bottom upper lower high low'),
  cameras: set('stereo cam camera eye'),
  angles: set('yaw heading azimuth angle deg degrees rot'),
  /** The left and the right camera of KITTI, grey and in colour: image_02/000001.png and image_03/000001.png. */
  kitti: /\bimage_0?0\/(.+)\n.*\bimage_0?1\/\1$|\bimage_0?2\/(.+)\n.*\bimage_0?3\/\2$/,
  /** References such as "the second view" or "the first and the third image". */
  ordinals: new RegExp(
    `\\b${ORDINAL}(?:(?:,| and| or| to)+ (?:the )?${ORDINAL})* (?:of the )?${SHOWN}\\b`,
    'gi',
  ),
  ordinal: new RegExp(`\\b${ORDINAL}\\b`, 'gi'),
  /** Answer that consists only of a reference to one image of the row. */
  bare: new RegExp(`^\\W*(?:(?:in|from|on) )?(?:the )?${ORDINAL}(?: one)?\\W*$`, 'i'),
  asksPicture: new RegExp(`\\b(?:which|what)(?: one)?(?: of)?(?: the| these)?(?: \\w+)? ${SHOWN}\\b`, 'i'),
  /** Positions of images that the rules cannot move: "image 2", "view B", "the last image", "the first two images". */
  open: new RegExp(
    `\\b${SHOWN}[\\s_#-]*(?:\\d|[A-H]\\b)|\\b(?:last|next|previous|middle|final|former|latter|1st|2nd|3rd|[4-8]th|${ORDINAL} (?:two|three|four)) ${SHOWN}\\b|\\brespectively\\b`,
  ),
  /** Text between two image placeholders, which describes one of the images. */
  between: /<image>\s*[^\s<,;][^<]*<image>/,
};
