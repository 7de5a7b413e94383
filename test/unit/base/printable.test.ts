import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, visible, visibleJson } from '../../../src/base/printable.ts';
import { forAll } from '../../support/property.ts';

// eslint-disable-next-line no-control-regex
const HIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f]/u;
const text = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom('\x1b', '\u009b', '\u202e', '\u{e0041}'),
  ),
});

describe('text printed in a terminal', () => {
  it('property: escapes hidden characters, and keeps line breaks and tabs', () => {
    expect(visible('a\x1b[2J\tb\r\n\u009b1m\u202e')).toBe('a\\e[2J\tb\\r\n\\u{9b}1m\\u{202e}');
    forAll([text], (one) => !HIDDEN.test(visible(one)));
  });

  it('property: fits a text on one line of a table, truncated with its length', () => {
    expect(printable('a\n…\tb')).toBe('a\\n…\\tb');
    expect(printable('a…\u202e', 2)).toBe('a…… (3 characters)');
    const line = /[\t\n]/;
    forAll([text], (value) => {
      const shown = printable(value, Infinity);
      expect(shown).not.toMatch(HIDDEN);
      expect(shown).not.toMatch(line);
    });
  });

  it('property: prints a JSON value on one line and indented without changing it', () => {
    expect(visibleJson(JSON.stringify('\x1b\u009b\u{e0041}'))).toBe('"\\u001b\\u009b\\udb40\\udc41"');
    forAll([fc.dictionary(text, text), fc.constantFrom(0, 2)], (value, indent) => {
      const json = visibleJson(JSON.stringify(value, null, indent));
      expect(json).not.toMatch(HIDDEN);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
    });
  });
});
