import type { CheckResult } from '../service/check.ts';

const count = (n: number, one: string) => `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;

/** What a check found, in a sentence or two. */
export function summarise({ rows, badRows, errors, warnings, pictures, problems }: CheckResult): string {
  if (rows === 0) return 'the file has no rows.';
  const looked = pictures
    ? ' Pictures were looked for, not decoded: chirality data check --images does that.'
    : ' Pictures were not looked for: the file is not on disk.';
  if (badRows === 0) return `${count(rows, 'row')}, no problems.${looked}`;
  const found = [errors > 0 && count(errors, 'error'), warnings > 0 && count(warnings, 'warning')];
  const listed = problems.length;
  const rest = listed < errors + warnings ? ` The first ${listed.toLocaleString('en')} are listed.` : '';
  return `${found.filter(Boolean).join(' and ')} in ${badRows.toLocaleString('en')} of ${count(rows, 'row')}.${rest}${looked}`;
}
