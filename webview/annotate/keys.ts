import type { KeyHelp } from '../../src/core/protocol/trace-panel.ts';

/** Keys of which a command cannot know: whether they are held, or what they are pressed on. */
export const PAGE_KEYS = [
  ['Tab', 'Select the next box in the list'],
  ['arrows', 'Move the selected box by a pixel; with Shift by ten; with Alt its lower right corner'],
  ['m', 'While held: the mirror in the place of the original'],
  ['Escape', 'Leave a field, give up a box or a relation'],
] as const;

/** A command's keys beside each other: `1 – 9` for a row of digits. */
export function inOneLine(keys: readonly KeyHelp[]): [key: string, what: string][] {
  const byTitle = new Map<string, string[]>();
  for (const { key, title } of keys) byTitle.set(title, [...(byTitle.get(title) ?? []), key]);
  return [...byTitle].map(([title, all]) => [
    all.length > 2 ? `${all[0]} – ${all.at(-1)}` : all.join(', '),
    title,
  ]);
}
