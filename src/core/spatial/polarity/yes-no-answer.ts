import { nameKey } from '../language/names.ts';
import { polarPhrases } from '../language/polar.ts';
import { Sentence } from '../language/sentence.ts';
import { verdictClause, type Clause } from '../language/clause.ts';
import { isCamera } from '../scene-graph/facts.ts';
import { oppositeHead, type Verdict } from '../language/verdict.ts';

/** What the words after a yes or no say about the subject. */
export type Explanation =
  | { says: 'nothing' }
  /** "It is." and "It does not." only repeat the verdict. */
  | { says: 'echo' }
  /** The subject lies at the pole asked for, or at the other one; `negated`: it does not. */
  | { says: 'pole'; pole: 'asked' | 'other'; negated: boolean }
  /** The other pole and a tie both remain possible, or the words are about something else. */
  | { says: 'open' };

const ECHO =
  /^(?:it|they|he|she|that|this|there)\s+(?:is|are|does|do|was|were|did|has|have)(?:n['’]t| not)?[.!]?$/i;
const TIE = /\b(?:either|neither|same|aligned|equal|equally|level|might|may|could|or|at least|both)\b/i;
const PRONOUN = /^(?:it|they|he|she|this|that)$/i;

/** Reads the explanation of an answer to a yes/no question. */
export function explanationOf({ explanation }: Verdict, asked: Clause): Explanation {
  const text = explanation.trim();
  if (text === '') return { says: 'nothing' };
  if (ECHO.test(text)) return { says: 'echo' };
  if (TIE.test(text)) return { says: 'open' };
  const negated = /\bnot\b|n['’]t\b/i.test(text);
  const clause = verdictClause(new Sentence(text));
  if (typeof clause === 'string' || 'refers' in clause) return { says: 'open' };
  if (scaleOf(clause) !== scaleOf(asked)) return { says: 'open' };
  const is = (name: string, other: string) => other !== '' && nameKey(name) === nameKey(other);
  const straight = PRONOUN.test(clause.subject) || is(clause.subject, asked.subject);
  // "The plate is behind the cup" means that the cup is in front of it.
  const turned = is(clause.subject, asked.other);
  if (straight === turned) return { says: 'open' };
  if (clause.other !== '' && !is(clause.other, straight ? asked.other : asked.subject))
    return { says: 'open' };
  const same = (clause.main.pole === asked.main.pole) === straight;
  return { says: 'pole', pole: same ? 'asked' : 'other', negated };
}

/** The scale of a comparison: "near the camera" and "in front of" share one; "near the table" has another. */
function scaleOf({ main, anchor }: Clause): string {
  if (main.axis === 'front_behind' || (main.axis === 'near_far' && isCamera(anchor))) return 'depth';
  return main.axis === 'near_far' ? `near ${nameKey(anchor)}` : main.axis;
}

/** Returns the answer to the flipped question, with the opposite verdict; what is still true of the picture is kept. */
export function oppositeAnswer(answer: string, verdict: Verdict, explanation: Explanation): string {
  const head = oppositeHead(verdict.head);
  const text = verdict.explanation.trim();
  const lead = /^\s*/.exec(answer)![0];
  const stop = /[.!]\s*$/.test(answer) ? '.' : '';
  if (explanation.says === 'echo') return `${lead}${head}${verdict.joint || ', '}${oppositeEcho(text)}`;
  if (explanation.says === 'pole') {
    if (!explanation.negated) return `${lead}${head}${verdict.joint}${text}`;
    const [phrase] = polarPhrases(text);
    const plain =
      phrase &&
      text.slice(0, phrase.start).replace(/\b(is|are|was|were)(?: not|n['’]t)\b/i, '$1') +
        phrase.opposite +
        text.slice(phrase.end);
    if (plain && !/\bnot\b|n['’]t\b/i.test(plain)) return `${lead}${head}${verdict.joint}${plain}`;
  }
  return `${lead}${head}${stop}`;
}

/** "it is." ↔ "it is not." */
function oppositeEcho(echo: string): string {
  if (/ not\b|n['’]t\b/i.test(echo)) return echo.replace(/ not\b|n['’]t\b/i, '');
  return echo.replace(/([.!]?)$/, ' not$1');
}
