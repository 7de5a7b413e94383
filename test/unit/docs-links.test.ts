import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(path, 'utf8').replaceAll(/^```[^]*?^```/gm, '');
const docs = readdirSync('docs').map((name) => `docs/${name}`);
const notes = ['README', 'studies'].map((name) => `test/bench/${name}.md`);
const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'python/README.md',
  ...docs,
  ...notes,
];

/** The links of a page that lead to files, without those in code. */
const linksOf = (page: string) =>
  [
    ...read(page)
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(/\]\((?!https?:)([^()\s]+)\)/g),
  ].map(([, link]) => {
    const [path, anchor] = link!.split('#');
    return { link: link!, file: path === '' ? page : normalize(join(page, '..', path!)), anchor };
  });

/** Headings as hosts of Markdown name them. */
const anchorsOf = (page: string) =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

it('README and docs: link only to existing files and headings', () => {
  const links = pages.flatMap((page) => linksOf(page).map((link) => ({ page, ...link })));
  expect(links.length).toBeGreaterThan(300);
  const lost = links.filter(
    ({ file, anchor }) =>
      !existsSync(file) ||
      (anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).includes(anchor)),
  );
  expect(lost.map(({ page, link }) => `${page}: ${link}`)).toEqual([]);
});

it('docs/README.md: links to every other page', () => {
  const linked = linksOf('docs/README.md').map(({ file }) => file);
  expect(docs.filter((page) => page !== 'docs/README.md' && !linked.includes(page))).toEqual([]);
});

const textsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'));

const modulesOf = (zone: string): string[] =>
  readdirSync(zone, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && textsIn(join(zone, entry.name)).length > 1)
    .map(({ name }) => `${zone}/${name}`);
const modules = [
  'src/base',
  'src/cli',
  'src/core',
  'src/core/metrics/audit',
  'src/engines',
  'src/extension',
  'src/lab',
  'src/panels',
  'webview',
  'webview/ui',
  ...['src/core', 'src/lab', 'src/engines', 'src/panels'].flatMap(modulesOf),
];

const quotedIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

it.each(modules)(
  '%s/README.md: has at most 12 lines and names only existing files and declarations',
  (module) => {
    const text = readFileSync(`${module}/README.md`, 'utf8');
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(12);
    for (const line of ['Entry points', 'May import', 'Begin with'])
      expect(text).toContain(`- **${line}**: `);
    const texts = textsIn(module);
    const isFile = (name: string) =>
      [module, dirname(module), 'src', '.'].some((from) => existsSync(join(from, name)));
    const isDeclared = (name: string) =>
      /^\w+$/.test(name) &&
      texts.some((source) => new RegExp(`^(?:export|const) .*\\b${name}\\b`, 'm').test(source));
    const names = quotedIn(text).filter((name) => !name.includes(' ')); // others are commands
    expect(names.filter((name) => !isFile(name) && !isDeclared(name))).toEqual([]);
  },
);

it.each([
  ['src/core', 'coreRooms', ['base', 'rows']],
  ['src/lab', 'labRooms', ['base', 'rows', 'core']],
])('%s: lists in each README.md the imports that lint allows (%s)', (zone, table, below) => {
  const [, body] = new RegExp(`^const ${table} = \\{([^}]*)\\}`, 'm').exec(
    readFileSync('eslint.config.js', 'utf8'),
  )!;
  const allowed = [...body!.matchAll(/^ {2}'?([\w-]+)'?: \[([^\]]*)\]/gm)].map(([, module, names]) => [
    `${zone}/${module}`,
    new Set([...below, ...(names!.match(/[\w./-]+/g) ?? [])]),
  ]);
  const listed = modulesOf(zone).map((module) => {
    const [line] = /^- \*\*May import\*\*: .*$/m.exec(readFileSync(`${module}/README.md`, 'utf8'))!;
    return [
      module,
      new Set(quotedIn(line).filter((name) => name !== basename(zone) || below.includes(name))),
    ];
  });
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(allowed));
});

it('CONTRIBUTING.md: names only existing files', () => {
  const files = ['src', 'test', 'webview'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
      `${folder}/${name}`.replaceAll('\\', '/'),
    ),
  );
  const names = quotedIn(read('CONTRIBUTING.md')).filter((name) =>
    /^(?!dist\/)[a-z][a-z\d./_-]*\.[a-z]+$/.test(name),
  );
  expect(names.length).toBeGreaterThan(30);
  expect(
    names.filter((name) => !existsSync(name) && !files.some((file) => file.endsWith(`/${name}`))),
  ).toEqual([]);
});
