import type { Sample } from '../sample/sample.ts';
import { Pattern } from './patterns.ts';
import { Phrases, Rules } from './rules.ts';
import { type Note, Text, type Token } from './tokens.ts';
import { CONVENTIONS } from './words/conventions.ts';
import { QUANTITIES, SHAPES } from './words/quantities.ts';
import { COUNTING, type Trigger, WRITING } from './words/writing.ts';
import type { Row } from './row.ts';

const ASKS_WRITING = 'It asks for writing, which the mirror makes unreadable.';
export const TRIGGERS = [
  ...WRITING.map((row) => ({ level: 'discard' as const, message: ASKS_WRITING, ...row })),
  ...CONVENTIONS,
  ...COUNTING,
  ...QUANTITIES,
  ...SHAPES,
].map((row): Trigger => ({ level: 'review', in: 'row', ...row }));

const phrases = (sources: readonly string[] | undefined) => sources && new Phrases(...sources);
const rules = (place: Trigger['in']) =>
  new Rules(
    TRIGGERS.filter((trigger) => trigger.in === place).flatMap((trigger) => {
      const rule = { trigger, unless: phrases(trigger.unless), also: phrases(trigger.with) };
      return trigger.patterns.map((source) => [new Pattern(source), rule] as const);
    }),
  );
const PLACES = ['question', 'answer', 'reasoning', 'row'] as const;
const RULES = Object.fromEntries(PLACES.map((place) => [place, rules(place)])) as Record<
  Trigger['in'],
  ReturnType<typeof rules>
>;

/** The answer without words that the question quotes: they identify a thing and need not be read in the picture. */
function withoutQuoted({ question, answer }: Row): Text {
  const quoted = question.text.match(/["“][^"“”\n]+["”]/g) ?? [];
  const rest = quoted.reduce((text, quote) => text.replaceAll(quote, ''), answer.text);
  return rest === answer.text ? answer : new Text(rest);
}

/** The axes of the picture that a view turns: x for the mirror. */
export type Axes = Readonly<Record<'x' | 'y', boolean>>;
export const MIRROR_AXES: Axes = { x: true, y: false };

/**
 * Returns the triggers that apply to a row in a view that turns `axes`. `chiral`: whether the text rules found a side in
 * it.
 */
export function triggersOf(
  sample: Sample,
  row: Row,
  chiral: boolean,
  axes: Axes = MIRROR_AXES,
): readonly Trigger[] {
  const tokens: Record<Trigger['in'], readonly Token[]> = {
    question: row.question.words,
    answer: withoutQuoted(row).words,
    reasoning: row.reasoning?.words ?? [],
    row: row.words,
  };
  const images = sample.images.length > 1 ? 'several' : 'one';
  const applies = (trigger: Trigger) =>
    (chiral || !trigger.chiral) &&
    (!trigger.axis || axes[trigger.axis]) &&
    !(trigger.free && sample.choices) &&
    !(trigger.undeclared && sample.box_format) &&
    (trigger.images ?? images) === images;
  const pulled = new Set<Trigger>();
  for (const place of PLACES) {
    for (const { rule } of RULES[place].find(tokens[place])) {
      const { trigger, unless, also } = rule;
      if (pulled.has(trigger) || !applies(trigger) || unless?.in(tokens[place])) continue;
      if (also?.in(tokens.row) ?? true) pulled.add(trigger);
    }
  }
  return TRIGGERS.filter((trigger) => pulled.has(trigger));
}

/** Returns the notes of all triggers that apply to a row. */
export const triggered = (...row: Parameters<typeof triggersOf>): Note[] =>
  triggersOf(...row).map(({ level, rule, message }) => ({ level, rule, message }));
