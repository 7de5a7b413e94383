import { choiceIndex } from '../sample/choices.ts';
import type { Sample } from '../sample/sample.ts';
import { alternativesOf } from './alternatives.ts';
import { verdictOf } from './clause.ts';
import { ORDINALS } from './sentence.ts';
import { inCaseOf } from './tokens.ts';
import {
  CHANGES,
  COME,
  DIRECTED,
  ENDS,
  MOVE,
  ORDERS,
  saidOf,
  SEQUENCE_FORMS as FORMS,
  STILL,
  SYMMETRIC,
  WAYS,
} from './words/pictures.ts';
import { RELATIONS } from './words/signs.ts';

/**
 * What a question may ask of several pictures: of the clip itself, of one of them, of what happens, and when.
 * `question` and `answer` are those texts for the opposite order of the pictures; absent where they stay.
 */
export type Asks =
  /** How long the clip is, or how many pictures it has. */
  | { kind: 'clip'; ofLength: boolean }
  /** Which of `things` appears first or last, or in what order they all do; `given` is the answer in words. */
  | { kind: 'appearance'; which: string | undefined; things: string[]; given: string | null }
  /** How often something happens, or at what second. */
  | { kind: 'events'; question: string }
  | { kind: 'stamp'; question: string; second: string }
  /** Which of the pictures shows it. */
  | { kind: 'picture'; answer: string }
  /** Which of the pictures was taken before which; without either text, it is open what the other order makes of it. */
  | { kind: 'taken'; question?: string; answer?: string }
  /** What holds in all pictures, or in both. */
  | { kind: 'throughout'; both: boolean }
  /** What one picture shows; the question is null if that picture has no name in the opposite order. */
  | { kind: 'moment'; atStart: boolean; question: string | null }
  | { kind: 'motion'; motion: Motion['kind'] | 'still' | 'backwards'; question?: string; answer?: string }
  /** Distances, sizes, colours and numbers of things, which all pictures show together. */
  | { kind: 'things'; ofNumber: boolean };

/** What a row says of the order of its pictures. */
export interface OfSequence {
  /** All that its question may ask of them, the likeliest first. */
  asks: Asks[];
  /** Whether something in it has only one direction in time. */
  runsOneWay: boolean;
  /** Whether its reasoning may argue with their order, or with the viewer. */
  arguesWithOrder: boolean;
}

export function readSequence(sample: Sample): OfSequence {
  const { question, answer, choices = [], reasoning } = sample;
  return {
    asks: READERS.flatMap((read) => read(sample) ?? []),
    runsOneWay: ORDERS.oneWay.test([question, answer, ...choices].join('\n')),
    arguesWithOrder: reasoning !== undefined && (!isTimeless(reasoning) || ORDERS.viewer.test(reasoning)),
  };
}

const READERS: readonly ((sample: Sample) => Asks | null)[] = [
  ofClip,
  ofAppearance,
  ofEvents,
  ofStamp,
  ofWhichPicture,
  ofTaken,
  ofAllPictures,
  ofMoment,
  ofMotion,
  ofThings,
];

/** Whether a text is about things, and neither about time nor about what happens. */
const isTimeless = (text: string): boolean => !ORDERS.time.test(text) && !ORDERS.action.test(text);

/** The option that is the answer, or the answer itself; null if it is none of the options. */
const givenAnswer = ({ answer, choices }: Sample): string | null =>
  choices ? (choices[choiceIndex(answer, choices) ?? -1] ?? null) : answer;

/* Questions about the clip, about one of its pictures, and about all of them. */

function ofClip({ question }: Sample): Asks | null {
  return ORDERS.ofClip.test(question) ? { kind: 'clip', ofLength: ORDERS.clipLength.test(question) } : null;
}

/** The names in "dog, ball and cat". */
export const namesIn = (list: string): string[] => list.split(FORMS.listJoint).filter(Boolean);

function ofAppearance(sample: Sample): Asks | null {
  const { question, choices } = sample;
  const match = ORDERS.appears.exec(question);
  if (!match) return null;
  const which = match[1]?.toLowerCase();
  const listed = choices ? namesIn(choices[0] ?? '') : alternativesOf(question, null).map(({ text }) => text);
  return {
    kind: 'appearance',
    which,
    things: choices && which ? choices : listed,
    given: givenAnswer(sample),
  };
}

function ofWhichPicture(sample: Sample): Asks | null {
  const { question, images } = sample;
  const [, rest, menu] = FORMS.whichPicture.exec(question) ?? FORMS.firstOrSecond.exec(question) ?? [];
  // Of more than two, the first and the second are others in reverse.
  if (rest === undefined || (menu !== undefined && images.length > 2) || !isTimeless(rest)) return null;
  const [, lead, word, end] = FORMS.saidPicture.exec(givenAnswer(sample)?.trim() ?? '') ?? [];
  const other = word === undefined ? null : atOtherEnd(word, images.length);
  return other === null ? null : { kind: 'picture', answer: `${lead}${other}${end}` };
}

function ofTaken(sample: Sample): Asks | null {
  const { question, answer, images } = sample;
  const match = FORMS.taken.exec(question);
  if (!match || (images.length > 2 && FORMS.middle.test(question))) return null;
  const [, lead, when, menu, rest] = match as unknown as [string, string, string, string?, string?];
  const opposite = (word: string) => inCaseOf(word, ENDS.get(word.toLowerCase())!);
  if (!menu)
    return {
      kind: 'taken',
      ...(verdictOf(answer)?.explanation.trim() === '' && { question: `${lead}${opposite(when)}${rest}` }),
    };
  const given = givenAnswer(sample)?.trim().replace(/\.$/, '') ?? '';
  return { kind: 'taken', ...(FORMS.beforeAfter.test(given) && { answer: opposite(given) }) };
}

function ofAllPictures({ question, answer, choices = [] }: Sample): Asks | null {
  const [, rest, which] = FORMS.throughout.exec(question) ?? [];
  if (rest === undefined || ![rest, answer, ...choices].every(isTimeless)) return null;
  return { kind: 'throughout', both: which!.toLowerCase() === 'both' };
}

/** The word for a place in the opposite order of n pictures: the other end, the k-th from there; null if there is none. */
function atOtherEnd(said: string, n: number): string | null {
  if (/^\d/.test(said)) return Number(said) >= 1 && Number(said) <= n ? String(n + 1 - Number(said)) : null;
  const word = said.toLowerCase();
  const at = ORDINALS.indexOf(word);
  const ordinal = n > 2 && at === 0 ? 'last' : at < n ? ORDINALS[n - 1 - at] : undefined;
  const other = word === 'last' ? 'first' : at < 0 ? ENDS.get(word) : ordinal;
  return other === undefined ? null : inCaseOf(said, other);
}

function ofMoment({ question, answer, choices = [], images }: Sample): Asks | null {
  const rest = (FORMS.atMoment.exec(question) ?? FORMS.atMomentLast.exec(question))?.[1]?.replace(
    FORMS.onlyThen,
    'is only',
  );
  if (rest === undefined || !FORMS.asksState.test(rest)) return null;
  if (![rest, answer, ...choices].every(isTimeless)) return null;
  const [, lead, word] = FORMS.moment.exec(question)! as unknown as [string, string, string];
  const other = atOtherEnd(word, images.length);
  return {
    kind: 'moment',
    atStart: FORMS.start.test(word),
    question: other && question.replace(FORMS.moment, `${lead}${other}`),
  };
}

function ofThings({ question, answer, choices = [] }: Sample): Asks | null {
  const stem = question
    .replace(FORMS.inAll, '')
    .replace(FORMS.inAllLast, (_, appear?: string) => (appear ? ' are in it' : ' in it'));
  if (!ORDERS.ofThings.test(stem) || ![stem, answer, ...choices].every(isTimeless)) return null;
  if (ORDERS.viewer.test(stem.replace(FORMS.youSee, ''))) return null;
  if (ORDERS.duration.test(stem) && !ORDERS.lengthUnit.test(answer)) return null;
  return { kind: 'things', ofNumber: ORDERS.ofNumber.test(stem) };
}

/* Questions about what happens while the pictures are seen. */

/** A text that states a motion or a change, and nothing else. */
interface Motion {
  /** The same text for the opposite order. */
  opposite: string;
  /**
   * `direction`: something moves somewhere. `change`: something is different afterwards, so the event cannot simply
   * happen again.
   */
  kind: 'direction' | 'change';
}

/** The required form of a verb: after "does" and "did", after "is" and "was", after "has", or any, or no verb. */
type VerbForm = 'base' | 'ing' | 'past' | 'any';

const formAfter = (aux: string): VerbForm =>
  /^(?:do|did)/i.test(aux) ? 'base' : /^ha/i.test(aux) ? 'past' : 'ing';

const hasForm = (verb: readonly string[], at: number, form: VerbForm): boolean =>
  form === 'any' || at === { base: 0, past: 2, ing: verb.length - 1 }[form];

/** Every form of a verb of change, with the same form of its opposite. "Left" as an answer is a side. */
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
 * Reads a text that states a motion; `backwards` if it makes no sense in the opposite order, null if it states something
 * else. @param camera whether it is the camera that moves
 */
function readMotion(text: string, camera: boolean, form: VerbForm): Motion | 'backwards' | null {
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
  const thing = FORMS.toThing.exec(rest);
  if (!thing) return null;
  const [, to, name] = thing as unknown as [string, string, string];
  const back = FORMS.away.test(to) ? 'towards' : 'away from';
  const lead = verb === COME ? inCaseOf(first, MOVE[COME.indexOf(first.toLowerCase())]!) : first;
  return direction(lead, `${verb ? back : inCaseOf(to, back)} ${name}`);
}

/** Whether a text is a verb of motion without a direction, as in "In which direction does it move?". */
const isMotionVerb = (text: string): boolean => DIRECTED.some((verb) => verb.includes(text.toLowerCase()));

/** Whether a text is a plain name: "the man on the left" may be another one later. */
const isSubject = (text: string): boolean => FORMS.thing.test(text) && !RELATIONS.referring.test(text);

/** A subject and what it does. @param events whether symmetric events count, too */
function predicateOf(
  core: string,
  form: VerbForm,
  events = false,
): (Motion & { subject: string }) | 'backwards' | null {
  const words = core.split(' ');
  for (let i = 2; i < words.length; i++) {
    const [subject, predicate] = [words.slice(0, i).join(' '), words.slice(i).join(' ')];
    if (!isSubject(subject)) continue;
    if (events && SYMMETRIC.test(predicate)) return { subject, opposite: predicate, kind: 'direction' };
    const motion = readMotion(predicate, FORMS.isCamera.test(subject), form);
    if (motion) return motion === 'backwards' ? motion : { ...motion, subject };
  }
  return null;
}

/** A question about an event, as it is in the opposite order; null if it asks about none. */
function oppositeEvent(question: string, form: RegExp): string | null {
  const [, lead, aux, core, tail] = form.exec(question) ?? [];
  const event = core === undefined ? null : predicateOf(core, formAfter(aux!), true);
  return event && event !== 'backwards' ? `${lead}${event.subject} ${event.opposite}${tail}` : null;
}

function ofEvents({ question, answer, choices }: Sample): Asks | null {
  const opposite = oppositeEvent(question, FORMS.events);
  return opposite === null || choices || !FORMS.times.test(answer.trim())
    ? null
    : { kind: 'events', question: opposite };
}

function ofStamp({ question, answer, choices }: Sample): Asks | null {
  const opposite = oppositeEvent(question, FORMS.stamp);
  const [, second] = FORMS.seconds.exec(answer) ?? [];
  return opposite === null || choices || second === undefined
    ? null
    : { kind: 'stamp', question: opposite, second };
}

function ofMotion(sample: Sample): Asks | null {
  const { question, answer, choices, images } = sample;
  const scope = FORMS.span.exec(question)?.[0] ?? '';
  const parts = FORMS.toMark.exec(question.slice(scope.length));
  if (!parts) return null;
  const [, body, mark] = parts as unknown as [string, string, string];
  const late = FORMS.spanLast.exec(body)?.[0] ?? '';
  // Of more than two, the first and the second are others in reverse.
  if (images.length > 2 && FORMS.ofTwo.test(scope + late)) return null;
  const core = body
    .slice(0, body.length - late.length)
    .replace(FORMS.bothSides, '$1 to ')
    .replace(FORMS.bothWays, '$1 $3 or $2 $3');
  const open = FORMS.whichWay.exec(core);
  const subject = open?.[1] ?? open?.[3];
  if (subject !== undefined && isSubject(subject) && isMotionVerb(open![2] ?? open![4]!))
    return answeredMotion(sample, subject, null);
  const plain = FORMS.moves.exec(core);
  if (!plain) return null;
  const [, lead, aux, predicate] = plain as unknown as [string, string, string, string];
  const [first, ...others] = predicate.split(FORMS.menuJoint);
  const motion = predicateOf(first!, formAfter(aux));
  if (motion === 'backwards') return { kind: 'motion', motion };
  if (!motion) return null;
  if (others.length > 0) return answeredMotion(sample, motion.subject, others);
  const isLetter =
    choices?.every((choice) => verdictOf(choice) !== null) && choiceIndex(answer, choices) !== null;
  if (verdictOf(answer)?.explanation.trim() !== '' && !isLetter) return null;
  const opposite = `${scope}${lead}${motion.subject} ${motion.opposite}${late}${mark}`;
  return { kind: 'motion', motion: motion.kind, question: opposite };
}

/** A direction as the answer. @param menu what else the question offers after the first one; null if it offers none */
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
  return motion && { kind: 'motion', motion: motion.kind, answer: `${lead}${motion.opposite}${end}` };
}

/** One of two motions that the question offers, by its first word. */
function loneWay(said: string): Motion | null {
  if (!FORMS.oneWay.test(said)) return null;
  return { opposite: inCaseOf(said, FORMS.away.test(said) ? 'towards' : 'away'), kind: 'direction' };
}
