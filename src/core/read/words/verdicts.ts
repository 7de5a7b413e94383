/** Words that begin an answer and say yes; "in fact" and "actually" begin denials in templates of data sets. */
export const YES = [
  'yes',
  'yeah',
  'yep',
  'true',
  'correct',
  'indeed',
  'right',
  'that is true',
  "that's true",
  "that's right",
  'that is correct',
  "that's correct",
  'certainly',
  'absolutely',
];
export const NO = [
  'no',
  'nope',
  'false',
  'incorrect',
  'wrong',
  'in fact',
  'actually',
  'that is false',
  "that's false",
  'that is incorrect',
  'not really',
];

/** Verdicts whose opposite is not yes or no. */
export const OPPOSITES: Record<string, string> = {
  true: 'false',
  false: 'true',
  correct: 'incorrect',
  incorrect: 'correct',
};
