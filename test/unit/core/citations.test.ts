import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { citedIn, parseReadings } from '../../../src/base/readings.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const papers = read('docs/papers.md');
const items = parseReadings(papers);

const FOLDERS = ['src', 'webview', 'docs', 'library'];
const TEXTS = /\.(?:tsx?|css|py|md|ya?ml|txt|jsonl)$/;
const files = [
  'README.md',
  'CHANGELOG.md',
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((path) => join(folder, path))
      .filter((path) => TEXTS.test(path) && statSync(join(root, path)).isFile()),
  ),
];

it('docs/papers.md: lists each item of both papers once, in order, with its location or gap', () => {
  const numbers = (paper: string) => [...items.keys()].filter((id) => id.startsWith(paper));
  expect(numbers('A')).toEqual(Array.from({ length: 66 }, (_, i) => `A-${i + 1}`));
  expect(numbers('B')).toEqual(Array.from({ length: 64 }, (_, i) => `B-${i + 1}`));
  expect(papers.match(/^\| [AB]-\d/gm)).toHaveLength(66 + 64);
  for (const { id, open, ours, missing } of items.values())
    expect(open !== '' && (ours !== '–' || missing !== ''), id).toBe(true);
});

it('code, docs, presets, strategies and prompts cite only items in docs/papers.md', () => {
  const unknown = files.flatMap((path) =>
    citedIn(read(path))
      .filter((id, i) => i % 2 === 1 && !items.has(id))
      .map((id) => `${path}: ${id}`),
  );
  expect(files.length).toBeGreaterThan(500);
  expect(unknown).toEqual([]);
});

it('docs/papers.md: links only existing files', () => {
  const links = [...papers.matchAll(/\]\((?!https:)([^)#]+)/g)].map(([, link]) => link!);
  expect(links.length).toBeGreaterThan(100);
  expect(links.filter((link) => !existsSync(join(root, 'docs', link)))).toEqual([]);
});

it('docs/papers.md: names only existing commands and options', () => {
  const called = [...papers.matchAll(/`chirality ((?:[a-z][\w-]* ?)+)([^`]*)`/g)].map(
    ([, words, options]) => [words!.trim(), options!.match(/--[\w-]+/g) ?? []] as const,
  );
  expect(called.length).toBeGreaterThan(20);
  const script = spawnSync(process.execPath, [
    join(root, 'dist/cli.js'),
    'completion',
    'bash',
  ]).stdout.toString();
  const known = new Map(
    [...script.matchAll(/^ *'([a-z -]+)'\) word='(.*)' ;;$/gm)].map(([, words, next]) => [
      words!,
      next!.split(' '),
    ]),
  );
  for (const [words, options] of called)
    expect(known.get(words), words).toEqual(expect.arrayContaining(options));
});

it('docs/papers.md: names only editor commands in the palette', () => {
  const { contributes } = JSON.parse(read('package.json')) as {
    contributes: { commands: { title: string; category?: string }[] };
  };
  const titles = contributes.commands.map(({ title, category }) =>
    category === undefined ? title : `${category}: ${title}`,
  );
  const named = [...papers.matchAll(/_(Chirality: [^_]+)_/g)].map(([, title]) => title!);
  expect(named.length).toBeGreaterThan(1);
  expect(named.filter((title) => !titles.includes(title))).toEqual([]);
});
