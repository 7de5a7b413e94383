import { choiceIndex } from '../sample/choices.ts';
import type { Sample } from '../sample/sample.ts';
import { verdictOf } from './clause.ts';
import { givenAnswer, type Asks } from './sequence-asks.ts';
import { inCaseOf } from './tokens.ts';
import {
  CHANGES,
  COME,
  DIRECTED,
  MOVE,
  saidOf,
  SEQUENCE_FORMS as FORMS,
  STILL,
  SYMMETRIC,
  WAYS,
} from './words/picture-words.ts';
import { RELATIONS } from './words/signs.ts';

/* Questions about events between the times at which the images were taken. */

/** Text that contains only a motion or a change. */
interface Motion {
  /** Text of the motion if the images are in the opposite order. */
  opposite: string;
  /**
   * `direction`: an object moves somewhere. `change`: the object differs afterwards, so the event cannot simply repeat.
   */
  kind: 'direction' | 'change';
}

/** Required form of a verb: after "does" and "did", after "is" and "was", after "has", or any form or no verb. */
type VerbForm = 'base' | 'ing' | 'past' | 'any';

const formAfter = (aux: string): VerbForm =>
  /^(?:do|did)/i.test(aux) ? 'base' : /^ha/i.test(aux) ? 'past' : 'ing';

const hasForm = (verb: readonly string[], at: number, form: VerbForm): boolean =>
  form === 'any' || at === { base: 0, past: 2, ing: verb.length - 1 }[form];

/** All forms of verbs of change, each with the same form of the opposite verb. The answer "left" alone is a side. */
const CHANGE_FORMS = CHANGES.flatMap(([one, other, after]) =>
  [
    [one, other],
    [other, one],
  ].flatMap(([verb, opposite]) =>
    verb!.flatMap((said, at) =>
      said === 'left'
        ? []
        : { verb: verb!, at, to: opposite![at]!, pattern: new RegExp(`^(${said})(${after})$`, 'iu') },
    ),
  ),
);

/**
 * Reads a text with a motion; `backwards` if the motion makes no sense in the opposite order, null if the text also
 * contains other words. @param camera whether the camera moves
 */
export function readMotion(text: string, camera: boolean, form: VerbForm): Motion | 'backwards' | null {
  for (const { verb, at, to, pattern } of CHANGE_FORMS) {
    const [, changes, rest] = (hasForm(verb, at, form) && pattern.exec(text)) || [];
    if (changes !== undefined) return { opposite: `${inCaseOf(changes, to)}${rest}`, kind: 'change' };
  }
  const [first = '', ...others] = text.split(' ');
  const verb = DIRECTED.find((forms) => forms.includes(first.toLowerCase()));
  if (verb ? !hasForm(verb, verb.indexOf(first.toLowerCase()), form) : form !== 'any') return null;
  if (FORMS.ofCamera.test(first) && !camera) return null;
  const rest = verb ? others.join(' ') : text;
  const direction = (lead: string, way: string): Motion => ({
    opposite: verb ? `${lead} ${way}` : way,
    kind: 'direction',
  });
  const way = FORMS.way.exec(rest);
  if (way) {
    const [, to, word, side] = way as unknown as [string, string, string, string];
    if (FORMS.ahead.test(word) && !camera) return 'backwards';
    if (FORMS.turns.test(first) && !FORMS.clockwise.test(word) && !camera) return null;
    if (FORMS.inOrOut.test(word) && !camera) return null;
    return direction(first, `${to}${inCaseOf(word, WAYS.get(word.toLowerCase())!)}${side}`);
  }
  const across = FORMS.across.exec(rest);
  if (across) {
    const [, from, one, to, other] = across as unknown as [string, string, string, string, string];
    if (WAYS.get(one.toLowerCase()) !== other.toLowerCase()) return null;
    return direction(first, `${from}${inCaseOf(one, other)}${to}${inCaseOf(other, one)}`);
  }
  const thing = FORMS.toThing.exec(rest);
  if (!thing) return null;
  const [, to, name] = thing as unknown as [string, string, string];
  const back = FORMS.away.test(to) ? 'towards' : 'away from';
  const lead = verb === COME ? inCaseOf(first, MOVE[COME.indexOf(first.toLowerCase())]!) : first;
  return direction(lead, `${verb ? back : inCaseOf(to, back)} ${name}`);
}

/** Returns whether a text is a verb of motion without a direction, as in "In which direction does it move?" */
const isMotionVerb = (text: string): boolean => DIRECTED.some((verb) => verb.includes(text.toLowerCase()));

/** Returns whether a text is a plain name. "The man on the left" is not plain: later it can refer to another man. */
export const isSubject = (text: string): boolean => {
  const between = FORMS.distance.exec(text);
  if (between) return between.slice(1).every((part) => part === undefined || isSubject(part));
  return FORMS.thing.test(text) && !RELATIONS.referring.test(text);
};

/** Returns whether a text is a plain name of a movable object. A road leads to the left in any order of the images. */
export const isMover = (text: string): boolean =>
  isSubject(text) && (FORMS.distance.test(text) || !FORMS.wayItself.test(text));

/** Returns a subject and its motion. @param events whether symmetric events also count */
function predicateOf(
  core: string,
  form: VerbForm,
  events = false,
): (Motion & { subject: string }) | 'backwards' | null {
  const words = core.split(' ');
  for (let i = 2; i < words.length; i++) {
    const [subject, predicate] = [words.slice(0, i).join(' '), words.slice(i).join(' ')];
    if (!isMover(subject)) continue;
    if (events && SYMMETRIC.test(predicate)) return { subject, opposite: predicate, kind: 'direction' };
    const motion = readMotion(predicate, FORMS.isCamera.test(subject), form);
    if (motion) return motion === 'backwards' ? motion : { ...motion, subject };
  }
  return null;
}

/** Returns a question about an event, for the opposite order of the images; null for other questions. */
function oppositeEvent(question: string, form: RegExp): string | null {
  const [, lead, aux, core, tail] = form.exec(question) ?? [];
  const event = core === undefined ? null : predicateOf(core, formAfter(aux!), true);
  return event && event !== 'backwards' ? `${lead}${event.subject} ${event.opposite}${tail}` : null;
}

export function ofEvents({ question, answer, choices }: Sample): Asks | null {
  const opposite = oppositeEvent(question, FORMS.events);
  return opposite === null || choices || !FORMS.times.test(answer.trim())
    ? null
    : { kind: 'events', question: opposite };
}

export function ofStamp({ question, answer, choices }: Sample): Asks | null {
  const opposite = oppositeEvent(question, FORMS.stamp);
  const [, second] = FORMS.seconds.exec(answer) ?? [];
  return opposite === null || choices || second === undefined
    ? null
    : { kind: 'stamp', question: opposite, second };
}

/**
 * Returns a question without the words about its images or point of view. Null if no words remain, or if the question
 * refers to images that are different images in the opposite order.
 */
export function spanned({
  question,
  images,
}: Sample): { scope: string; body: string; late: string; mark: string } | null {
  const scope = FORMS.span.exec(question)?.[0] ?? '';
  const parts = FORMS.toMark.exec(question.slice(scope.length));
  if (!parts) return null;
  const [, whole, mark] = parts as unknown as [string, string, string];
  const late = FORMS.spanLast.exec(whole)?.[0] ?? '';
  // If there are more than two images, the first and the second are different images in the opposite order.
  if (images.length > 2 && FORMS.ofTwo.test(scope + late)) return null;
  return { scope, body: whole.slice(0, whole.length - late.length), late, mark };
}

export function ofMotion(sample: Sample): Asks | null {
  const { answer, choices } = sample;
  const parts = spanned(sample);
  if (!parts) return null;
  const { scope, body, late, mark } = parts;
  const core = body.replace(FORMS.bothSides, '$1 to ').replace(FORMS.bothWays, '$1 $3 or $2 $3');
  const open = FORMS.whichWay.exec(core);
  const subject = open?.[1] ?? open?.[3] ?? open?.[5];
  if (subject !== undefined && isMover(subject) && isMotionVerb(open![2] ?? open![4] ?? open![6]!))
    return answeredMotion(sample, subject, null);
  const changing = FORMS.howChanges.exec(core)?.[1];
  if (changing !== undefined && isMover(changing)) return answeredMotion(sample, changing, null);
  const plain = FORMS.moves.exec(core);
  if (!plain) return null;
  const [, lead, aux, predicate] = plain as unknown as [string, string, string, string];
  const [first, ...others] = predicate.split(FORMS.menuJoint);
  const motion = predicateOf(first!, formAfter(aux));
  if (motion === 'backwards') return { kind: 'motion', motion };
  if (!motion) return null;
  if (others.length > 0)
    return answeredMotion(sample, motion.subject, [first!.slice(motion.subject.length + 1), ...others]);
  const isLetter =
    choices?.every((choice) => verdictOf(choice) !== null) && choiceIndex(answer, choices) !== null;
  if (verdictOf(answer)?.explanation.trim() !== '' && !isLetter) return null;
  const opposite = `${scope}${lead}${motion.subject} ${motion.opposite}${late}${mark}`;
  return { kind: 'motion', motion: motion.kind, question: opposite };
}

/** Reads an answer that is a direction. @param menu options in the question; null if it contains no options */
function answeredMotion(sample: Sample, subject: string, menu: readonly string[] | null): Asks | null {
  const camera = FORMS.isCamera.test(subject);
  if (menu?.some((text) => !STILL.test(text) && !readMotion(text, camera, 'any'))) return null;
  const given = givenAnswer(sample)?.trim();
  if (given === undefined) return null;
  if (STILL.test(given)) return { kind: 'motion', motion: 'still' };
  const lead = saidOf(subject).exec(given)![0];
  const end = given.endsWith('.') ? '.' : '';
  const core = given.slice(lead.length, given.length - end.length);
  const motion = readMotion(core, camera, 'any') ?? (menu && loneWay(core));
  if (motion === 'backwards') return { kind: 'motion', motion };
  if (motion === null) return null;
  const { kind } = motion;
  const named = opposedBy(core, motion, sample.choices ?? menu ?? [], camera);
  if (named !== undefined && sample.choices) return { kind: 'motion', motion: kind, answer: named };
  return { kind: 'motion', motion: kind, answer: `${lead}${named ?? motion.opposite}${end}` };
}

/**
 * Returns the opposite of a motion in the words of the row's options: "smaller" for "bigger" and "larger",
 * "anticlockwise" for "clockwise". In "going up or coming down", each option is the opposite of the other. Undefined if
 * the options contain no opposite, or only the default opposite.
 */
function opposedBy(
  said: string,
  { opposite }: Motion,
  offered: readonly string[],
  camera: boolean,
): string | undefined {
  const texts = offered.map((text) => text.trim());
  const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
  if (texts.some((text) => isSame(text, opposite))) return undefined;
  const [verb, way] = verbAndWay(said);
  for (const text of texts) {
    const motion = readMotion(text, camera, 'any');
    if (!motion || motion === 'backwards' || !isSame(verbAndWay(motion.opposite)[1], way)) continue;
    const [named, other] = verbAndWay(text);
    if (verb === '') return other;
    if (named === '') return `${verb} ${other}`;
    // An object that rolls to a place might not be able to slide back.
    const verbs = [verb, named].map((word) => DIRECTED.find((forms) => forms.includes(word.toLowerCase())));
    if (verbs[0] === verbs[1] || verbs.includes(COME)) return text;
  }
  return undefined;
}

/** Returns the verb of motion or change at the start of a text ('' without such a verb), and the remaining text. */
function verbAndWay(text: string): [verb: string, way: string] {
  const [first = '', ...rest] = text.split(' ');
  return isMotionVerb(first) || /^(?:get|got|becom)/i.test(first) ? [first, rest.join(' ')] : ['', text];
}

/** Returns the motion "towards" or "away", with its opposite, if a text consists only of this motion. */
function loneWay(said: string): Motion | null {
  if (!FORMS.oneWay.test(said)) return null;
  return { opposite: inCaseOf(said, FORMS.away.test(said) ? 'towards' : 'away'), kind: 'direction' };
}
