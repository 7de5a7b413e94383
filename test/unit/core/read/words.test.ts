import { expect, it } from 'vitest';
import { ALTERNATIVES, MENU_POLES } from '../../../../src/core/read/words/alternatives.ts';
import { CONVENTIONS } from '../../../../src/core/read/words/conventions.ts';
import { SIGNS } from '../../../../src/core/read/words/directions.ts';
import { EXCEPTIONS } from '../../../../src/core/read/words/exceptions.ts';
import {
  ENGLISH,
  FOREIGN_SIDES,
  FOREIGN_WORDS,
  SHORTHAND,
} from '../../../../src/core/read/words/languages.ts';
import { MEASURES } from '../../../../src/core/read/words/measures.ts';
import { NO_POLES } from '../../../../src/core/read/words/no-poles.ts';
import { NOUNS } from '../../../../src/core/read/words/nouns.ts';
import { PLACES } from '../../../../src/core/read/words/places.ts';
import { QUANTITIES, SHAPES } from '../../../../src/core/read/words/quantities.ts';
import { LEFT_SENSES, RIGHT_SENSES, WEIGHT } from '../../../../src/core/read/words/senses.ts';
import { RELATIONS } from '../../../../src/core/read/words/relations.ts';
import { NO_DEEDS, NOT_POSSESSIVE, SETS } from '../../../../src/core/read/words/sets.ts';
import { SIDE_WORDS } from '../../../../src/core/read/words/side-words.ts';
import { NO, OPPOSITES, YES } from '../../../../src/core/read/words/verdicts.ts';
import { COUNTING, WRITING } from '../../../../src/core/read/words/writing.ts';

/*
 * A refactoring once renamed an English word inside a rule, and no test noticed. Whoever means to change a word writes
 * the record again: `npx vitest run --project unit test/unit/core/read/words.test.ts -u`.
 */
it('the words of the rules are those on record', async () => {
  const rules = { CONVENTIONS, COUNTING, QUANTITIES, SHAPES, WRITING };
  const more = { PLACES, MEASURES, NO_POLES, WEIGHT: [WEIGHT], LEFT_SENSES, RIGHT_SENSES, SIDE_WORDS };
  const languages = { ENGLISH, FOREIGN_SIDES, FOREIGN_WORDS, SHORTHAND };
  const forms = { NO_DEEDS, NOT_POSSESSIVE, YES, NO };
  const lists = { ...SETS, ...NOUNS, ...languages, ...forms };
  const tables = { MENU_POLES, OPPOSITES };
  const signs = { ALTERNATIVES, EXCEPTIONS, RELATIONS, SIGNS };
  const lines = [
    ...Object.entries(lists).map(([name, words]) => `<${name}> ${[...words].join(' ')}`),
    ...Object.entries({ ...rules, ...more }).flatMap(([name, table]) =>
      table.map((rule: unknown) => `${name} ${JSON.stringify(rule)}`),
    ),
    ...Object.entries(tables).map(([name, table]) => `${name} ${JSON.stringify(table)}`),
    ...Object.entries(signs).flatMap(([name, table]) =>
      Object.entries(table).map(([sign, { pattern }]) => `${name}.${sign} ${String(pattern)}`),
    ),
  ];
  const record = new URL('../../../fixtures/corpus/outcomes/words.txt', import.meta.url);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(record.pathname);
});
