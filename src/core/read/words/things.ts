import { words } from './sets.ts';

/** Words around the names of things in a row, where these are matched with the labels of its graph. */
export const THING_WORDS = {
  /** Words before a noun. Alone, they name no thing: "the left", "the red". */
  beforeNoun: words(
    'left right top bottom upper lower leftmost rightmost topmost bottommost closest nearest farthest furthest ' +
      'largest biggest smallest tallest shortest highest lowest widest thinnest most closer nearer farther further ' +
      'larger bigger smaller taller shorter higher lower other same first second third fourth fifth last two three four ' +
      'five both real-world actual approximate estimated relative respective given following correct straight-line ' +
      'red green blue yellow orange purple violet pink brown black white gray grey cyan magenta beige golden silver',
  ),
  /** Nouns for what is no thing of its own: the viewer, measures, places and parts of named things, counts. */
  noThing: words(
    'half side sides front back way camera viewer observer photographer image picture photo photograph view scene point ' +
      'perspective viewpoint eyes distance distances depth depths size sizes height heights width widths length extent ' +
      'number answer place places position positions location locations order option options question edge edges end ends ' +
      'yes no none true false',
  ),
  /** Nouns for any thing. */
  anyThing: words('object objects thing things item items one ones'),
  /** Words that end a name. */
  noNoun: words(
    'of or and to in on at by from than with as for into over under above below behind between near next is are was were ' +
      'do does did has have that which who when where what if so but not it its than can could would will you your',
  ),
  /** What is everywhere in a world. */
  ground: words('floor ground'),
} as const satisfies Record<string, readonly string[]>;
