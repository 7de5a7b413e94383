import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sources, textsOf } from '../../scripts/strings.mjs';

const pages = readdirSync('docs')
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

/** Words that terms of the glossary replaced. */
const replaced =
  'data set, data sets, picture, pictures, solids, cut off, not judged, no spread, without spread, reference policy, Difference Wall, foreign run, run of another program, floor without looking, Inside the Model, planted observer, paper A, paper B'.split(
    ', ',
  );

/** Without code, which keeps the names of keys and files. */
const prose = (text: string) =>
  text
    .replace(/^ *(`{3}|~{3})[\s\S]*?^ *\1/gm, (code) => code.replace(/.+/g, ''))
    .replace(/`[^`]*`|--[a-z-]+ \S+|\$\{[^}]*\}|\]\([^)]*\)|<[^>]*>/g, ' ');

/** Replaced words, also at the start of a sentence. */
const anyCase = (word: string) => `[${word[0]!.toUpperCase()}${word[0]!}]${word.slice(1)}`;
const OLD = new RegExp(`(?<![\\w./-])(?:${replaced.map(anyCase).join('|')})(?![\\w/]|\\.\\w)`);

const oldWords = (where: string, text: string) => {
  const found = OLD.exec(prose(text));
  return found ? [`${where}: ${found[0]} in “${text.slice(0, 120)}”`] : [];
};

test('texts of sources: use only the current terms of the glossary', () => {
  const texts = sources()
    .filter((file) => !file.startsWith('test/'))
    .flatMap((file) => textsOf(file).map(({ line, text }) => [`${file}:${line}`, text] as const));
  expect(texts.length).toBeGreaterThan(5000);
  expect(texts.flatMap(([where, text]) => oldWords(where, text))).toEqual([]);
});

/** Of YAML, the comments and what `about` says: the rest is keys and data. */
const readable = (text: string) =>
  [
    ...text.matchAll(/#(.*)/g),
    ...text.matchAll(/^about: ([^|\n].*)/gm),
    ...text.matchAll(/^about: \|-\n((?: {2}.*\n|\n)+)/gm),
  ]
    .map(([, words]) => words)
    .join('\n');
const library = readdirSync('library', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(?:run|sweep|strategy)\.yaml$/.test(name))
  .map((name) => `library/${name}`);

test('pages, manifest and library: use only the current terms of the glossary', () => {
  expect(library.length).toBeGreaterThan(40);
  const lines = [...pages, 'README.md', 'package.json', ...library].flatMap((file) => {
    // Only the pages that define the letters of the papers use them.
    const letters = file.startsWith('docs/papers') ? /\bpaper [AB]\b/gi : /(?!)/;
    const text = readFileSync(file, 'utf8')
      .replace(/^ *"when".*$/gm, '')
      .replace(letters, '');
    return prose(file.endsWith('.yaml') ? readable(text) : text)
      .split('\n')
      .map((line, i) => [`${file}:${i + 1}`, line] as const);
  });
  expect(lines.flatMap(([where, line]) => oldWords(where, line))).toEqual([]);
});
