import { expect, it } from 'vitest';
import { CONVENTIONS } from '../../../../src/core/read/words/conventions.ts';
import { QUANTITIES, SHAPES } from '../../../../src/core/read/words/quantities.ts';
import { SETS } from '../../../../src/core/read/words/sets.ts';
import { COUNTING, WRITING } from '../../../../src/core/read/words/writing.ts';

/*
 * A refactoring once renamed an English word inside a rule, and no test noticed. Whoever means to change a word writes
 * the record again: `npx vitest run --project unit test/unit/core/read/words.test.ts -u`.
 */
it('the words of the rules are those on record', async () => {
  const tables = { CONVENTIONS, COUNTING, QUANTITIES, SHAPES, WRITING };
  const lines = [
    ...Object.entries(SETS).map(([name, words]) => `<${name}> ${words.join(' ')}`),
    ...Object.entries(tables).flatMap(([name, rules]) =>
      rules.map((rule) => `${name} ${JSON.stringify(rule)}`),
    ),
  ];
  const record = new URL('../../../fixtures/corpus/outcomes/words.txt', import.meta.url);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(record.pathname);
});
