import { COLOURS, SHAPES } from '../world.ts';

const SOLID = `((?:${COLOURS.join('|')})-(?:${SHAPES.join('|')}))`;
const MOVES: Readonly<Record<string, string>> = { closer: 'closer together', apart: 'farther apart' };

/** Questions of the compact style, with `#` for an object, and the first English wording of the same form. */
const FORMS: readonly [compact: string, english: (...words: string[]) => string][] = [
  ['where is the # from the #', (a, b) => `On which side of the ${b} is the ${a}?`],
  ['is the # left|right of the #', (a, side, b) => `Is the ${a} to the ${side} of the ${b}?`],
  [
    'which is closer|farther , the # or the #',
    (more, a, b) =>
      `Which object is ${more} ${more === 'closer' ? 'to' : 'from'} the camera, the ${a} or the ${b}?`,
  ],
  ['how far is the # in metres', (a) => `How far is the ${a} from the camera?`],
  ['does the # move left|right', (a, side) => `Does the ${a} move to the ${side}?`],
  ['where does the # move', (a) => `In which direction does the ${a} move?`],
  [
    'which moves faster|slower , the # or the #',
    (pace, a, b) => `Which object moves ${pace}, the ${a} or the ${b}?`,
  ],
  [
    'which starts first|last , the # or the #',
    (when, a, b) => `Which object starts to move ${when}, the ${a} or the ${b}?`,
  ],
  [
    'is the # left|right or left|right in all frames',
    (a, one, another) => `Is the ${a} on the ${one} or on the ${another} in all frames?`,
  ],
  [
    'do the # and the # move closer|apart or closer|apart',
    (a, b, one, another) => `Do the ${a} and the ${b} move ${MOVES[one!]} or ${MOVES[another!]}?`,
  ],
];
const CHOICE = /\w+\|\w+/g;
const PATTERNS = FORMS.map(([compact, english]) => {
  const words = compact.replace(CHOICE, (choice) => `(${choice})`).replaceAll('#', SOLID);
  return [new RegExp(`^${words} \\?$`), english] as const;
});

/**
 * Rewrites a compact question in English: "where is the red-cube from the blue-ball ?" becomes "On which side of the
 * blue ball is the red cube?" Returns any other text unchanged. The result is only for display: models and files always
 * use the original question.
 */
export function inEnglish(question: string): string {
  for (const [compact, english] of PATTERNS) {
    const words = compact.exec(question)?.slice(1);
    if (words) return english(...words.map((word) => word.replace('-', ' ')));
  }
  return question;
}

const NAMED = new RegExp(`\\b(${COLOURS.join('|')})[ -](${SHAPES.join('|')})\\b`, 'gi');
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[\s?.]+/g, ' ')
    .trim();

/** Returns the compact question with this English wording, the inverse of `inEnglish`; any other text unchanged. */
export function inCompact(question: string): string {
  const [a, b = a] = Array.from(question.matchAll(NAMED), ([, colour, shape]) =>
    `${colour}-${shape}`.toLowerCase(),
  );
  if (a === undefined) return question;
  const candidates = FORMS.flatMap(([compact]) => {
    const choices = [...compact.matchAll(CHOICE)].map(([choice]) => choice.split('|'));
    const picks = choices.reduce<string[][]>(
      (before, words) => before.flatMap((some) => words.map((word) => [...some, word])),
      [[]],
    );
    return [
      [a, b],
      [b, a],
    ].flatMap((objects) =>
      picks.map((words) => {
        const [solids, rest] = [[...objects], [...words]];
        return `${compact.replace(CHOICE, () => rest.shift()!).replaceAll('#', () => solids.shift()!)} ?`;
      }),
    );
  });
  return candidates.find((candidate) => plain(inEnglish(candidate)) === plain(question)) ?? question;
}
