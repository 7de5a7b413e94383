import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';

/*
 * A refactoring once renamed an English word inside a rule, and no test noticed. Whoever means to change a word writes
 * the record again: `npx vitest run --project unit test/unit/rows/read/words.test.ts -u`.
 */
it('word tables: match the recorded words of the rules', async () => {
  const folder = new URL('../../../../src/rows/read/words/', import.meta.url);
  const all: [name: string, table: unknown][] = [];
  // Tables that only readers of answers use are next to these readers. The record lists them where they were.
  const answers = { 'measured-words.ts': 'measured-words.ts', 'question-signs.ts': 'signs.ts' };
  const moved = Object.entries(answers).map(([file, as]) => [`../../../core/answers/${file}`, as] as const);
  for (const [path, file] of [...readdirSync(folder).map((name) => [name, name] as const), ...moved]) {
    const tables = (await import(new URL(path, folder).pathname)) as Record<string, unknown>;
    for (const [name, table] of Object.entries(tables)) all.push([`${file} ${name}`, table]);
  }
  const lines = all.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([name, table]) => linesOf(name, table));
  const record = new URL('../../../fixtures/corpus/outcomes/words.txt', import.meta.url);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(record.pathname);
});

/** A table, with its rows or entries on lines of their own. */
function linesOf(name: string, table: unknown): string[] {
  if (typeof table === 'function') return [];
  if (typeof table !== 'object' || table === null || table instanceof RegExp)
    return [`${name} ${text(table)}`];
  const rows = table instanceof Map || table instanceof Set ? [...table] : table;
  if (Array.isArray(rows))
    return rows.every((row) => typeof row === 'string')
      ? [`${name} ${rows.join(' ')}`]
      : rows.map((row) => `${name} ${text(row)}`);
  return Object.entries(rows).map(([key, row]) => `${name}.${key} ${text(row)}`);
}

const text = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part instanceof RegExp ? String(part) : part instanceof Set ? [...part] : part,
  );
