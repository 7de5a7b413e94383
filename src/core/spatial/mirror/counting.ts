import type { Trigger } from './writing.ts';

/**
 * Triggers for things that depend on a side or sign which the row does not name: plans, angles, x, columns, orders,
 * rows with several pictures.
 */

const SMALLER_OR_LARGER = 'smaller|less|lower|greater|larger|higher';
const COMPARED = `${SMALLER_OR_LARGER}|bigger|increase|increases|decrease|decreases|minimum|maximum|min|max`;
const LISTING = 'what|which|list|name|write|give|state|tell|enumerate|describe|sort|arrange|rank';
const NTH = 'first|second|third|last|1st|2nd|3rd|previous|other|reference|original|earlier|next';

export const COUNTING: readonly Trigger[] = [
  {
    rule: 'other.plan',
    level: 'review',
    message: 'It refers to a plan or a map, which does not change with the picture.',
    in: 'row',
    patterns: [
      'floorplan|blueprint',
      'floor plan',
      'on|in|with|match*|from|than|given the|a|this|that|your _? -_? @plan|map|diagram|sketch',
      'as in the|a|this|that|your _? -_? @plan|map|diagram|sketch',
      '!next|close|due to the|a|this|that|your _? -_? @plan|map|diagram|sketch',
    ],
    example: 'Is the door where it is on the plan?',
    counterExample: 'Is the chair next to the map?',
  },
  {
    rule: 'angle.signed',
    level: 'review',
    message: 'A signed angle or offset changes its sign by a convention that is not stated.',
    in: 'row',
    patterns: [
      '!#|. !=_|.|,|)|\\]|\\- @\\-|−|+ # !=\\- !-_',
      'quaternion|yaw|azimuth',
      'euler angle|angles',
      'roll angle',
      'heading of #',
      'rotation matrix',
      'x|y|z axis|axes',
    ],
    example: 'How far did it turn? → -30 degrees',
    counterExample: 'How far did it turn? → 20-30 degrees',
  },
  {
    rule: 'coordinates.compared',
    level: 'review',
    message: 'It argues with the size of x.',
    in: 'row',
    patterns: [
      `<x> =1|2? … @${COMPARED}`,
      `x @coordinate|coordinates|value|values|position|positions … ${COMPARED}`,
      'smaller|less|lower|greater|larger|higher|smallest|largest|lowest|highest @x',
      '<x> =1|2? @\\<|>',
      '@\\<|> <x>',
      '# px|pixels? @\\<|> #',
      `# px|pixels? is @${SMALLER_OR_LARGER} than #`,
    ],
    example: 'Is x1 smaller than 40?',
    counterExample: 'Is the box smaller than the jar?',
  },
  {
    rule: 'grid.cell',
    level: 'review',
    message: 'Columns and cells count from a side that is not named.',
    in: 'row',
    patterns: [
      'col|column .? #|A|B|C|D|E|F|G|H',
      'first|second|third|fourth|1st|2nd|3rd|4th|last @column|panel|pane',
      'cell (? #|A|B|C|D|E|F|G|H',
      'square a|b|c|d|e|f|g|h =#',
    ],
    unless: ['from the|your|its? left|right'],
    example: 'What is in column 3?',
    counterExample: 'What is in the third column from the left?',
  },
  {
    rule: 'order.unnamed',
    level: 'review',
    message: 'An order along the picture goes from left to right by habit.',
    in: 'question',
    patterns: [
      `${LISTING} … !they|he|she|we|you|people|to|did|can|will @order !to`,
      `${LISTING} … @one by one`,
      `${LISTING} … @one after another`,
      `${LISTING} … @one after the other`,
      `${LISTING} … in @sequence|succession`,
      `${LISTING} … @starting at|from|with`,
      `${LISTING} … @from one|the|beginning|start end|side|beginning|start { of … }? to`,
      `${LISTING} … @along the|it`,
    ],
    unless: [
      'left|right|near*|far*|clos*|top|bottom|front|back|small*|larg*|big*|tall*|short*|size|sizes|height|depth|distance|weight|alphabetical*|time|temporal*|chronolog*|happen*|event|events|step|steps|clockwise|counterclockwise|anticlockwise|age|price|bright*|dark*',
    ],
    example: 'List the cups in order.',
    counterExample: 'List the cups in order of size.',
  },
  {
    rule: 'other.layout',
    level: 'review',
    message: 'With several images, "the left image" is their order on the page.',
    in: 'row',
    images: 'several',
    patterns: [
      'left|right|leftmost|rightmost|lefthand|righthand hand|most? side? @image|images|picture|pictures|photo|photos|pic|pics|frame|frames|view|views',
      'image|picture|photo|pic on|to the @left|right',
    ],
    example: 'What is in the left image?',
    counterExample: 'What is on the left?',
  },
  {
    rule: 'other.picture',
    level: 'review',
    message: 'It speaks of one of several pictures; in a composite they count from the left.',
    in: 'row',
    images: 'one',
    patterns: [`${NTH} @image|picture|photo|frame`, 'image|picture|photo 1|2|3|A|B'],
    example: 'What is in the second picture?',
    counterExample: 'What is in the picture?',
  },
];
