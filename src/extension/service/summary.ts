import type { CheckResult } from './check.ts';

const count = (n: number, one: string) => `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;

/** What a check found, in a sentence or two. */
export function summarise({ rows, badRows, errors, warnings, problems }: CheckResult): string {
  if (rows === 0) return 'the file has no rows.';
  if (badRows === 0) return `${count(rows, 'row')}, no problems.`;
  const found = [errors > 0 && count(errors, 'error'), warnings > 0 && count(warnings, 'warning')];
  const listed = problems.length;
  const rest = listed < errors + warnings ? ` The first ${listed.toLocaleString('en')} are listed.` : '';
  return `${found.filter(Boolean).join(' and ')} in ${badRows.toLocaleString('en')} of ${count(rows, 'row')}.${rest}`;
}
