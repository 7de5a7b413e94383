import { listedOptions, withoutMarks } from '../sample/option-list.ts';
import { OPTION_SIGNS } from './words/option-signs.ts';

/** Where the texts of options end, and how a list without letters is cut (inline-options.ts). */

/** Where the last option ends: before an instruction, or before a line or a sentence of a kind that no other has. */
export function lastOption(text: string, others: readonly string[]): string {
  const cuts = [
    OPTION_SIGNS.instruction,
    ...[/\n\s*\n/, /\n/, OPTION_SIGNS.sentence].filter((sign) => !others.some((other) => sign.test(other))),
  ];
  const whole = text.trimStart();
  const lead = text.length - whole.length;
  const ends = cuts.flatMap((sign) => {
    const { index } = sign.exec(whole) ?? { index: 0 };
    return index > 0 ? [index] : [];
  });
  return text.slice(0, lead + Math.min(whole.length, ...ends));
}

/** A list in brackets at the start of a text, as Python or JSON write one. */
export function bracketed(text: string): { text: string; options: string[] } | null {
  for (const close of [...text.matchAll(/[\]})]/g)].slice(0, 60)) {
    const whole = text.slice(0, close.index + 1);
    const options = listedOptions(whole);
    if (options && options.length >= 2) return { text: whole, options: withoutMarks(options) };
  }
  return null;
}

/** Lines, or what semicolons, strokes or commas separate. */
export function separated(text: string): string[] {
  const bare = (part: string) =>
    part
      .trim()
      .replace(/^[-*•–]\s+/, '')
      .replace(/[.;,?]+$/, '')
      .replace(/^(['"“‘])(.*)(['"”’])$/s, '$2');
  const split = (by: RegExp) => text.split(by).map(bare).filter(Boolean);
  for (const by of [/\n+/, /\s*[;|]\s*/]) {
    const parts = split(by);
    if (parts.length >= 2) return parts;
  }
  const listed = split(/\s*,\s*(?:(?:or|and)\s+)?|\s+or\s+/);
  return listed.length >= 2 ? listed : split(/\s*\/\s*/);
}
