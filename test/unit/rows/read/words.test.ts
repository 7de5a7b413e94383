import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';

/*
 * A refactoring once renamed an English word inside a rule, and no test noticed. Whoever means to change a word writes
 * the record again: `npx vitest run --project unit test/unit/rows/read/words.test.ts -u`.
 */
it('word tables: match the recorded words of the rules', async () => {
  const folder = new URL('../../../../src/rows/read/words/', import.meta.url);
  const lines: string[] = [];
  for (const file of readdirSync(folder).sort()) {
    const tables = (await import(new URL(file, folder).pathname)) as Record<string, unknown>;
    for (const name of Object.keys(tables).sort()) lines.push(...linesOf(`${file} ${name}`, tables[name]));
  }
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
