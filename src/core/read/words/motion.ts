import { inflect, partners, words } from './sets.ts';

/** Words for motion and change, and what they become when pictures are seen in the other order. */

/** Base, s-form, past and ing-form, written out if they are irregular; what follows the verb follows each of them. */
function forms(text: string): string[] {
  const [verb = '', ...rest] = words(text);
  return (verb.includes(',') ? verb.split(',') : inflect(verb)).map((form) => [form, ...rest].join(' '));
}

export const COME = forms('come,comes,came,coming');
export const MOVE = forms('move');
/** Verbs whose direction another word gives. */
export const DIRECTED: readonly (readonly string[])[] = [
  MOVE,
  COME,
  ...words('go,goes,went,going travel slide,slides,slid,sliding roll drift shift').map(forms),
  ...words('turn rotate spin,spins,spun,spinning pan tilt zoom').map(forms),
];

export const THING = '(?:the|a|an|this|that|my|your|his|her|its|their) [\\p{L}\\p{N}][\\p{L}\\p{N} -]*';
const PLACE =
  '(?:the|a|this|that) (?:[\\p{L}]+ )?(?:room|house|building|picture|image|frame|view|scene|screen|kitchen|garage|shop|store|hall|office|tunnel|station)';
const GET = 'get,gets,got,getting';

/** Verbs that change places, with what may follow them. */
export const CHANGES: readonly [string[], string[], after: string][] = [
  [forms('approach'), forms('recede from'), ` ${THING}`],
  [forms('enter'), forms('leave,leaves,left,leaving'), `(?: ${PLACE})?`],
  [forms('open'), forms('close'), ''],
  [forms('rise,rises,rose,rising'), forms('sink,sinks,sank,sinking'), ''],
  [forms('grow,grows,grew,growing'), forms('shrink,shrinks,shrank,shrinking'), ''],
  [forms(`${GET} larger`), forms(`${GET} smaller`), ''],
  [forms(`${GET} bigger`), forms(`${GET} smaller`), ''],
  [['larger'], ['smaller'], ''],
  [['bigger'], ['smaller'], ''],
  [forms('speed,speeds,sped,speeding up'), forms('slow down'), ''],
  [forms('accelerate'), forms('decelerate'), ''],
];

/** Events that are the same in the other order. */
export const SYMMETRIC = new RegExp(
  `^(?:blink|flash|wave|nod|clap|bounce|pass|cross|touch|meet)(?:s|es|ed|ing)?(?: ${THING})?$`,
  'iu',
);

export const WAYS: ReadonlyMap<string, string> = new Map([
  ...partners('left right, leftward rightward, leftwards rightwards, up down, upward downward'),
  ...partners('upwards downwards, clockwise counterclockwise, forward backward, forwards backwards, in out'),
  ['anticlockwise', 'clockwise'],
  ['counter-clockwise', 'clockwise'],
]);

/** "It does not move", and other ways to say it. */
export const STILL =
  /^(?:(?:it )?(?:does not|doesn[’']t|did not|didn[’']t) (?:move|turn)|(?:it )?(?:is|was) not moving|not moving|stationary|static|(?:it )?(?:stays|stayed|stay) (?:still|in place)|no (?:motion|movement))\.?$/i;
