import { compile } from './patterns.ts';
import type { Axis, Form, PolarRule } from './polar.ts';

/** Ways to write the rules of the axis table. In a frame, `@` stands for the phrase of a pole. */

/** Both poles of a pair; each phrase names its opposite. */
export function pair(
  axis: Axis,
  form: Form,
  frames: string | readonly string[],
  low: Record<string, string>,
  high: Record<string, string>,
): PolarRule[] {
  return [low, high].flatMap((phrases, pole) =>
    Object.entries(phrases).flatMap(([phrase, opposite]) =>
      [frames].flat().map(
        (frame): PolarRule => ({
          axis,
          form,
          pole: pole as 0 | 1,
          pattern: compile(frame, phrase),
          turn: (text, { from, to }) => text.slice(0, from) + opposite + text.slice(to),
        }),
      ),
    ),
  );
}

/** A pair whose words swap in both directions. */
export function swap(
  axis: Axis,
  form: Form,
  frames: string | readonly string[],
  low: string,
  high: string,
): PolarRule[] {
  return pair(axis, form, frames, { [low]: high }, { [high]: low });
}

/** Phrases of one pole that are turned word by word, with other words between; '' leaves a word out. */
export function wordByWord(
  axis: Axis,
  form: Form,
  pole: 0 | 1,
  patterns: readonly string[],
  opposites: Record<string, string>,
): PolarRule[] {
  const turn = (text: string) =>
    text
      .split(/\s+/)
      .map((word) => opposites[word.toLowerCase()] ?? word)
      .filter(Boolean)
      .join(' ');
  return patterns.map((source) => ({ axis, form, pole, pattern: compile(source), turn }));
}
