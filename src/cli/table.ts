import { printable } from '../core/printable.ts';

/** Aligns columns for a terminal: texts left, numbers right. The cells are already formatted. */
export function formatTable(header: readonly string[], cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map((cell) => printable(cell, Infinity)));
  const widths = header.map((name, i) =>
    rows.reduce((width, row) => Math.max(width, row[i]!.length), name.length),
  );
  const isNumber = header.map((_, i) =>
    rows.every((row) => /^(?:[-+−–\d.,[\] ]*|[-+−\d.]+ ?%?)$/.test(row[i]!)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (isNumber[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [header, ...rows].map(line).join('\n');
}
