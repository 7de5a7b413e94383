import { inCaseOf } from '../../read/tokens.ts';
import { partners } from '../../read/words/sets.ts';

/** Words for motion and change, and what they become when the pictures are seen in the other order (docs/views.md). */

/** A text that states a motion or a change, and nothing else. */
export interface Motion {
  /** The same text for the other order. */
  swapped: string;
  /**
   * `direction`: something moves somewhere. `change`: something is different afterwards, so the event cannot simply
   * happen again.
   */
  kind: 'direction' | 'change';
}

const forms = (list: string): string[] => list.split(',').map((form) => form.trim());

/** Verbs whose direction another word gives, as base, s-form, past and ing-form. */
const DIRECTED = [
  'move,moves,moved,moving',
  'go,goes,went,going',
  'travel,travels,traveled,traveling',
  'slide,slides,slid,sliding',
  'roll,rolls,rolled,rolling',
  'drift,drifts,drifted,drifting',
  'shift,shifts,shifted,shifting',
  'come,comes,came,coming',
  'turn,turns,turned,turning',
  'rotate,rotates,rotated,rotating',
  'spin,spins,spun,spinning',
  'pan,pans,panned,panning',
  'tilt,tilts,tilted,tilting',
  'zoom,zooms,zoomed,zooming',
].map(forms);
const OF_CAMERA = /^(?:pan|tilt|zoom)/i;
/** A car that turns left turns neither left nor right while it backs. */
const TURNS = /^(?:turn|rotat|spin|spun)/i;
const [MOVE, COME] = [DIRECTED[0]!, DIRECTED.find(([base]) => base === 'come')!];

const THING = '(?:the|a|an|this|that|my|your|his|her|its|their) [\\p{L}\\p{N}][\\p{L}\\p{N} -]*';
const PLACE =
  '(?:the|a|this|that) (?:[\\p{L}]+ )?(?:room|house|building|picture|image|frame|view|scene|screen|kitchen|garage|shop|store|hall|office|tunnel|station)';

/** Verbs that change places, with what may follow them. */
const CHANGES: [string[], string[], after: string][] = (
  [
    [
      'approach,approaches,approached,approaching',
      'recede from,recedes from,receded from,receding from',
      ` ${THING}`,
    ],
    ['enter,enters,entered,entering', 'leave,leaves,left,leaving', `(?: ${PLACE})?`],
    ['open,opens,opened,opening', 'close,closes,closed,closing', ''],
    ['rise,rises,rose,rising', 'sink,sinks,sank,sinking', ''],
    ['grow,grows,grew,growing', 'shrink,shrinks,shrank,shrinking', ''],
    [
      'get larger,gets larger,got larger,getting larger',
      'get smaller,gets smaller,got smaller,getting smaller',
      '',
    ],
    [
      'get bigger,gets bigger,got bigger,getting bigger',
      'get smaller,gets smaller,got smaller,getting smaller',
      '',
    ],
    ...([
      ['larger', 'smaller', ''],
      ['bigger', 'smaller', ''],
    ] as const),
    ['speed up,speeds up,sped up,speeding up', 'slow down,slows down,slowed down,slowing down', ''],
    [
      'accelerate,accelerates,accelerated,accelerating',
      'decelerate,decelerates,decelerated,decelerating',
      '',
    ],
  ] as const
).map(([one, other, after]) => [forms(one), forms(other), after]);

/** Events that are the same in the other order. */
const SYMMETRIC = new RegExp(
  `^(?:blink|flash|wave|nod|clap|bounce|pass|cross|touch|meet)(?:s|es|ed|ing)?(?: ${THING})?$`,
  'iu',
);

const WAYS: ReadonlyMap<string, string> = new Map([
  ...partners('left right, leftward rightward, leftwards rightwards, up down, upward downward'),
  ...partners('upwards downwards, clockwise counterclockwise, forward backward, forwards backwards, in out'),
  ['anticlockwise', 'clockwise'],
  ['counter-clockwise', 'clockwise'],
]);
/**
 * Words that are reversed for the camera. Of anything else, they say which way it faces while it moves, which makes no
 * sense in the other order.
 */
const AHEAD = /^(?:for|back)wards?$/i;
const WAY = new RegExp(`^((?:(?:to|towards?) the )?)(${[...WAYS.keys()].join('|')})((?: side)?)$`, 'i');
const TO_THING = new RegExp(`^(towards?|away from|closer to|nearer to) (${THING})$`, 'iu');

/** The required form of a verb: after "does" and "did", after "is" and "was", after "has", or any, or no verb. */
export type VerbForm = 'base' | 'ing' | 'past' | 'any';

/**
 * Reads a text that states a motion; `backwards` if it makes no sense in the other order, null if it states something
 * else. @param camera whether it is the camera that moves
 */
export function readMotion(text: string, camera: boolean, form: VerbForm): Motion | 'backwards' | null {
  const allowed = (list: readonly string[], at: number) =>
    form === 'any' || at === { base: 0, past: 2, ing: list.length - 1 }[form];
  for (const [a, b, after] of CHANGES)
    for (const [here, there] of [
      [a, b],
      [b, a],
    ] as const)
      for (const [i, verb] of here.entries()) {
        // "left" as an answer is a side.
        if (!allowed(here, i) || verb === 'left') continue;
        const rest = new RegExp(`^${verb}(${after})$`, 'iu').exec(text)?.[1];
        if (rest !== undefined)
          return { swapped: `${inCaseOf(text.slice(0, verb.length), there[i]!)}${rest}`, kind: 'change' };
      }
  const [first = '', ...others] = text.split(' ');
  const list = DIRECTED.find((verb) => verb.includes(first.toLowerCase()));
  if (list ? !allowed(list, list.indexOf(first.toLowerCase())) : form !== 'any') return null;
  if (OF_CAMERA.test(first) && !camera) return null;
  const rest = list ? others.join(' ') : text;
  const way = WAY.exec(rest);
  if (way) {
    const [, to, word, side] = way as unknown as [string, string, string, string];
    if (AHEAD.test(word) && !camera) return 'backwards';
    if ((TURNS.test(first) && !/clockwise/i.test(word) && !camera) || (/^(?:in|out)$/i.test(word) && !camera))
      return null;
    const turned = `${to}${inCaseOf(word, WAYS.get(word.toLowerCase())!)}${side}`;
    return { swapped: list ? `${first} ${turned}` : turned, kind: 'direction' };
  }
  const thing = TO_THING.exec(rest);
  if (!thing) return null;
  const [, to, name] = thing as unknown as [string, string, string];
  const back = /^away/i.test(to) ? 'towards' : 'away from';
  const verb = list === COME ? inCaseOf(first, MOVE[COME.indexOf(first.toLowerCase())]!) : first;
  const turned = `${list ? back : inCaseOf(to, back)} ${name}`;
  return { swapped: list ? `${verb} ${turned}` : turned, kind: 'direction' };
}

/** Whether a text states an event that is the same in the other order. */
export const isSymmetricEvent = (text: string): boolean => SYMMETRIC.test(text);

/** Whether a text is a verb of motion without a direction, as in "In which direction does it move?". */
export const isMotionVerb = (text: string): boolean =>
  DIRECTED.some((list) => list.includes(text.toLowerCase()));
