import type { Sample } from '../sample/sample.ts';
import { Asked } from './asked.ts';
import { type Coordinates, coordinatesOf } from './coordinates.ts';
import { type Axes, MIRROR_AXES, triggered, triggersOf } from './doubts.ts';
import { reasonsToRead } from './lettering.ts';
import { readRow, type Role, type Row, surroundings } from './row.ts';
import { type MirroredText, mirrorRead } from './sides.ts';
import type { Note, Text } from './tokens.ts';

/** A text of a row, with what it says of sides and places. */
export interface ReadText extends MirroredText {
  role: Role;
  source: string;
}

/**
 * What the words of a row say, read once: views are maps over it, and none of them reads a text again. Each part is
 * read when it is first wanted.
 */
export class Reading {
  /** The tokenised texts. */
  readonly row: Row;
  /** What is asked: of what kind, about which phrase, over which candidates. */
  readonly asked: Asked;
  private readonly coordinates: Coordinates;
  private mentions: Readonly<Record<string, ReadText>> | undefined;

  /** `beside` is the same row in another view: "the right one" is a side if that says "the left one". */
  constructor(
    readonly sample: Sample,
    private readonly beside?: Row,
  ) {
    this.row = readRow(sample);
    this.asked = new Asked(this.row, sample.choices);
    this.coordinates = coordinatesOf(sample);
  }

  /** Whether these are still the texts that were read, and their numbers mean the same. */
  isOf(sample: Sample): boolean {
    const { row, coordinates } = this;
    const { question, answer, reasoning, choices = [] } = sample;
    const { format, width } = coordinatesOf(sample);
    return (
      format === coordinates.format &&
      width === coordinates.width &&
      row.question.text === question &&
      row.answer.text === answer &&
      (row.reasoning?.text ?? '') === (reasoning ?? '') &&
      row.choices.length === choices.length &&
      row.choices.every(({ text }, i) => text === choices[i])
    );
  }

  /** What each text says of sides and places: `question`, `answer`, `reasoning`, `choices[0]` … */
  get sides(): Readonly<Record<string, ReadText>> {
    return (this.mentions ??= this.readSides());
  }

  private readSides(): Record<string, ReadText> {
    const { question, answer, reasoning, choices } = this.row;
    const around = surroundings(this.row, this.asked.form, this.coordinates, this.beside);
    const read = (text: Text, role: Role): ReadText => ({
      ...mirrorRead(text, { role, ...around }),
      role,
      source: text.text,
    });
    return {
      question: read(question, 'question'),
      answer: read(answer, 'answer'),
      ...(reasoning && { reasoning: read(reasoning, 'reasoning') }),
      ...Object.fromEntries(choices.map((choice, i) => [`choices[${i}]`, read(choice, 'choice')])),
    };
  }

  /** What the words leave open in a view that turns these axes of the picture. */
  doubts(axes: Axes = MIRROR_AXES): Note[] {
    const texts = Object.values(this.sides);
    const chiral = texts.some(
      ({ changes, notes }) => changes.length > 0 || notes.some(({ rule }) => rule.startsWith('ambiguous')),
    );
    return [...triggered(this.sample, this.row, chiral, axes), ...texts.flatMap(({ notes }) => notes)];
  }

  /** Why the answer may have to be read off the picture; empty if nothing suggests it. */
  get seen(): Note[] {
    return reasonsToRead(this.row, this.asked.nouns);
  }

  /**
   * Whether what is in doubt here and not in the reading of the same row without its reasoning is about that text
   * alone. What it says of the picture, such as that it shows a mirror or a map, concerns question and answer, too.
   */
  doubtsOnlyReasoning(without: Reading, axes?: Axes): boolean {
    const ofPair = new Set(triggersOf(without.sample, without.row, true, axes));
    return triggersOf(this.sample, this.row, true, axes).every(
      (trigger) => trigger.ofText || ofPair.has(trigger),
    );
  }
}

const readings = new WeakMap<object, Reading>();

/** The reading of a row, made at the first call. A row that was changed since is read again. */
export function readingOf(sample: Sample): Reading {
  const made = readings.get(sample);
  if (made?.isOf(sample)) return made;
  const reading = new Reading(sample);
  readings.set(sample, reading);
  return reading;
}
