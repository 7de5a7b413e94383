import { declared, type Sample } from '../sample/sample.ts';
import { verdictOf } from './clause.ts';
import { Pattern, Phrases, Rules, SAYS } from './patterns.ts';
import { LASTING } from './words/lasting.ts';
import { lines } from './words/sets.ts';
import { applyEdits, type Note, Text, type Token } from './tokens.ts';
import { languageSides } from './languages.ts';
import { CONVENTIONS, WRITING, type Trigger } from './words/conventions.ts';
import { COUNTING, QUANTITIES, SHAPES } from './words/quantity-words.ts';
import { Asked, readRow, type Role, type Row } from './asked.ts';
import { type Coordinates, coordinatesOf } from './coordinates.ts';
import { reasonsToRead } from './lettering.ts';
import { readSequence, type OfSequence } from './sequence.ts';
import { misspelt } from './misspelt.ts';
import { type MirroredText, mirrorRead, surroundings } from './sides.ts';

export const TRIGGERS = [...WRITING, ...CONVENTIONS, ...COUNTING, ...QUANTITIES, ...SHAPES];

const rules = (place: Trigger['in']) =>
  new Rules(
    TRIGGERS.filter((trigger) => trigger.in === place).flatMap((trigger) => {
      const rule = { trigger, unless: new Phrases(...trigger.unless), also: new Phrases(...trigger.with) };
      return trigger.patterns.map((source) => [new Pattern(source), rule] as const);
    }),
  );
/** Phrases of yes/no questions whose answer does not change when the image is transformed. */
const LASTS = new Phrases(...Object.values(LASTING).flatMap(lines));

const PLACES = ['question', 'answer', 'reasoning', 'row'] as const;
const RULES = Object.fromEntries(PLACES.map((place) => [place, rules(place)])) as Record<
  Trigger['in'],
  ReturnType<typeof rules>
>;

/** Returns the answer without words from the question, because these words need not be read in the image. */
function withoutQuoted({ question, answer }: Row): Text {
  const quoted = question.text.match(/["“][^"“”\n]+["”]/g) ?? [];
  const rest = quoted.reduce((text, quote) => text.replaceAll(quote, ''), answer.text);
  return rest === answer.text ? answer : new Text(rest);
}

/** Axes of the image that a view reverses; the mirror reverses x. */
export type Axes = Readonly<Record<'x' | 'y', boolean>>;
export const MIRROR_AXES: Axes = { x: true, y: false };

/** Returns the triggers for a row in a view that reverses `axes`. `sided`: whether the row's texts contain a side. */
export function triggersOf(
  sample: Sample,
  row: Row,
  sided: boolean,
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
    (sided || !trigger.sided) &&
    (!trigger.axis || axes[trigger.axis]) &&
    !(trigger.free && sample.choices) &&
    !(trigger.undeclared && sample.box_format) &&
    (trigger.images ?? images) === images;
  const pulled = new Set<Trigger>();
  for (const place of PLACES) {
    for (const { rule } of RULES[place].find(tokens[place])) {
      const { trigger, unless, also } = rule;
      if (pulled.has(trigger) || !applies(trigger) || unless.in(tokens[place])) continue;
      if (trigger.with.length === 0 || also.in(tokens.row)) pulled.add(trigger);
    }
  }
  return TRIGGERS.filter((trigger) => pulled.has(trigger));
}

export const triggered = (...row: Parameters<typeof triggersOf>): Note[] =>
  triggersOf(...row).map(({ level, rule, message }) => ({ level, rule, message }));

/** Returns notes on words that might be a misspelt height. For sides, the reader of each text adds such notes. */
const misspeltHeights = ({ words }: Row): Note[] =>
  words.flatMap(({ kind, lower, text }): Note[] => {
    const meant = kind === 'word' ? misspelt(lower, 'y') : null;
    return meant === null
      ? []
      : [{ level: 'llm', rule: 'spelling', message: `"${text}" might be a misspelling of "${meant}".` }];
  });

export interface ReadText extends MirroredText {
  role: Role;
  source: string;
}

/**
 * Meaning of a row's words. Views share this reading instead of reading the texts again. Each part is read on demand.
 */
export class Reading {
  readonly row: Row;
  /** Kind, phrase and candidates of the question. */
  readonly asked: Asked;
  private readonly coordinates: Coordinates;
  private mentions: Readonly<Record<string, ReadText>> | undefined;
  private inLanguage: { sides: ReturnType<typeof languageSides> } | undefined;

  /** `beside` is the same row in another view: "the right one" is a side if that view contains "the left one". */
  constructor(
    readonly sample: Sample,
    private readonly beside?: Row,
  ) {
    this.row = readRow(sample);
    this.asked = new Asked(this.row, sample.choices);
    this.coordinates = coordinatesOf(sample);
  }

  /** Returns whether the row's texts and the meaning of their numbers are unchanged since the reading. */
  isOf(sample: Sample): boolean {
    const { row, coordinates } = this;
    const { question, answer, reasoning, choices = [] } = sample;
    const { format, size } = coordinatesOf(sample);
    return (
      format === coordinates.format &&
      size?.w === coordinates.size?.w &&
      size?.h === coordinates.size?.h &&
      row.question.text === question &&
      row.answer.text === answer &&
      (row.reasoning?.text ?? '') === (reasoning ?? '') &&
      row.choices.length === choices.length &&
      row.choices.every(({ text }, i) => text === choices[i])
    );
  }

  /** Returns the sides of a row in one of the other supported languages; null for English and unsupported languages. */
  private get known(): ReturnType<typeof languageSides> {
    return (this.inLanguage ??= { sides: languageSides(this.row) }).sides;
  }

  /** Returns the sides and places in each text of the row: `question`, `answer`, `reasoning`, `choices[0]` … */
  get sides(): Readonly<Record<string, ReadText>> {
    return (this.mentions ??= this.readSides());
  }

  private readSides(): Record<string, ReadText> {
    const { question, answer, reasoning, choices } = this.row;
    if (this.known)
      return Object.fromEntries(
        [...this.known].map(([name, changes], i) => {
          const source = [question, answer, ...choices][i]!.text;
          const role = (['question', 'answer'] as const)[i] ?? 'choice';
          const kept = { kept: [], notes: [], places: [] };
          return [name, { ...kept, role, source, changes, text: applyEdits(source, changes) }];
        }),
      );
    const around = surroundings(this.row, this.asked.form, this.coordinates, this.beside);
    const read = (of: Text, role: Role): ReadText => {
      const { text, changes, kept, notes, places } = mirrorRead(of, around(role));
      return { text, changes, kept, notes, places, role, source: of.text };
    };
    const texts: Record<string, ReadText> = {
      question: read(question, 'question'),
      answer: read(answer, 'answer'),
    };
    if (reasoning) texts.reasoning = read(reasoning, 'reasoning');
    for (const [i, choice] of choices.entries()) texts[`choices[${i}]`] = read(choice, 'choice');
    return texts;
  }

  /** Returns notes on all words that the rules cannot decide, in a view that reverses these axes of the image. */
  doubts(axes: Axes = MIRROR_AXES): Note[] {
    if (declared(this.sample, 'laterality') === 'patient') return [OF_PATIENT];
    if (this.known) return axes.y ? [NOT_TURNED] : [];
    const texts = Object.values(this.sides);
    const sided = texts.some(
      ({ changes, notes }) => changes.length > 0 || notes.some(({ rule }) => rule.startsWith('ambiguous')),
    );
    const notes = [
      ...triggered(this.sample, this.row, sided, axes),
      ...texts.flatMap(({ notes }) => notes),
      ...(axes.y ? misspeltHeights(this.row) : []),
    ];
    return notes.length > 0 ? notes : this.unearned;
  }

  /** Returns a note if the answer is yes or no about a fact that might change, although no side in the row changes. */
  private get unearned(): Note[] {
    const { question, answer } = this.row;
    const isVerdict = verdictOf(answer.text) !== null || this.asked.form.yesNo;
    const { sides } = this;
    const isSided = [sides.question!, sides.answer!].some(
      ({ changes, kept }) => changes.length + kept.length > 0,
    );
    const stays = LASTS.in(question.words) && !SAYS.turning.in(question.words);
    const message =
      'The rules cannot confirm that the answer stays the same when the image is mirrored or rotated.';
    return !isVerdict || isSided || stays ? [] : [{ level: 'llm', rule: 'unearned', message }];
  }

  /** Returns facts in the row that concern the order of its images. */
  get sequence(): OfSequence {
    return readSequence(this.sample);
  }

  /** Returns reasons why the answer might have to be read in the image. Empty if no word suggests reading. */
  get seen(): Note[] {
    if (this.known) return [];
    const { row, asked } = this;
    const choices = row.choices.length > 0 ? row.choices : asked.options.map((option) => new Text(option));
    return reasonsToRead({ ...row, choices }, asked.nouns);
  }

  /**
   * Returns whether all doubts that the row has only because of its reasoning concern the reasoning alone. Facts about
   * the image, such as a visible mirror or map, also affect question and answer.
   */
  doubtsOnlyReasoning(without: Reading, axes?: Axes): boolean {
    const ofPair = new Set(triggersOf(without.sample, without.row, true, axes));
    return triggersOf(this.sample, this.row, true, axes).every(
      (trigger) => trigger.ofText || ofPair.has(trigger),
    );
  }

  /** Returns whether the row is about anatomy in a way that makes its sides doubtful. */
  get isAnatomical(): boolean {
    return triggersOf(this.sample, this.row, true).some(({ rule }) => rule.startsWith('medical'));
  }
}

const NOT_TURNED: Note = { level: 'llm', rule: 'language', message: 'The text is not in English.' };

const OF_PATIENT: Note = {
  level: 'discard',
  rule: 'medical.set',
  message: 'The sides are the patient’s (laterality), which a mirror does not preserve.',
};

const readings = new WeakMap<object, Reading>();

/** Returns the reading of a row, created at the first call. Reads a row again if the row has changed since then. */
export function readingOf(sample: Sample): Reading {
  const made = readings.get(sample);
  if (made?.isOf(sample)) return made;
  const reading = new Reading(sample);
  readings.set(sample, reading);
  return reading;
}
