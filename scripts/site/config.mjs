// The documentation as a site: the pages as they stand in the repository, with a sidebar from docs/README.md.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { env } from 'node:process';

const root = env.CHIRALITY_ROOT;
const { homepage, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const repository = homepage?.replace(/#.*$/, '');

/** Pages of the site; every other file of the repository is linked to, or named, where the repository lies. */
const PAGE = /^(?:README|CHANGELOG|CONTRIBUTING|SECURITY|docs\/[\w-]+|python\/README)\.md$/;
const PICTURE = /^media\/[\w-]+\.(?:png|svg|webp)$/;

const base = env.CHIRALITY_SITE_BASE ?? '/';

export default {
  title: 'Chirality',
  description,
  base,
  head: [
    ['link', { rel: 'icon', href: `${base}icon.png` }],
    // On a phone, tables with four short columns fit without scrolling.
    ['style', {}, '@media (max-width: 640px) { .vp-doc td, .vp-doc th { padding: 6px 8px } }'],
  ],
  rewrites: {
    'README.md': 'index.md',
    'docs/README.md': 'docs/index.md',
    'python/README.md': 'python/index.md',
  },
  cleanUrls: false,
  lastUpdated: false,
  // Nothing is fetched from elsewhere: the fonts are those of the machine, and the search is in the pages.
  themeConfig: {
    nav: [{ text: 'Documentation', link: '/docs/' }],
    sidebar: sidebar(),
    search: { provider: 'local', options: { miniSearch: searching() } },
    // An empty list would draw a line next to nothing.
    socialLinks: repository && [{ icon: 'git', link: repository }],
    outline: [2, 3],
  },
  markdown: {
    html: false, // in these pages, `<` is a character
    // Headings have the names that hosts of Markdown give them, which links use.
    anchor: {
      slugify: (title) =>
        title
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
          .replaceAll(' ', '-'),
    },
    attrs: { disable: true }, // and so are braces
    config: (markdown) => {
      markdown.core.ruler.push('links-of-the-repository', ({ tokens, env: { relativePath } }) => {
        for (const { children } of tokens) {
          let kept = true;
          for (const token of children ?? []) {
            if (token.type === 'link_close' && !kept) token.tag = 'span';
            if (token.type === 'link_open' || token.type === 'image') kept = redirect(token, relativePath);
          }
        }
      });
    },
  },
};

/**
 * Links to files that are not pages lead into the repository; a file that is not there ends the build.
 * @returns whether it is still a link: without an address of the repository, its text alone is left.
 */
function redirect(token, page) {
  const name = token.type === 'image' ? 'src' : 'href';
  const link = token.attrGet(name);
  if (/^(?:https?:|#)/.test(link)) return true;
  const [path, fragment] = link.split('#');
  const file = relative(root, join(root, dirname(page), decodeURIComponent(path))).replaceAll('\\', '/');
  if (!existsSync(join(root, file))) throw new Error(`${page} links ${link}, which is not there.`);
  if (PAGE.test(file) || PICTURE.test(file)) return true;
  if (repository) token.attrSet(name, `${repository}/blob/main/${file}${fragment ? `#${fragment}` : ''}`);
  else Object.assign(token, { tag: 'span', attrs: null });
  return repository !== undefined;
}

/**
 * Options of the search. Records and pages about the pages come after those that answer a question. Short words have no
 * similar ones, and @ is a part of a word (pass@k). The browser gets these functions as text, so they use nothing else.
 */
function searching() {
  return {
    options: {
      tokenize: (text) => text.split(/[^\p{L}\p{N}@]+/u),
      processTerm: (term) => term.toLowerCase().replace(/^vscode$/, 'code'),
    },
    searchOptions: {
      fuzzy: (term) => (term.length > 5 ? 0.2 : false),
      boostDocument: (page) => (/papers|findings|CONTRIBUTING|CHANGELOG|docs\/#/.test(page) ? 0.5 : 1),
    },
  };
}

/** The headings of docs/README.md, and under each the pages that its lines link. */
function sidebar() {
  const [, ...parts] = readFileSync(join(root, 'docs/README.md'), 'utf8').split(/^## /m);
  return parts.map((part) => ({
    text: part.split('\n', 1)[0],
    items: [...part.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, text, path]) => ({
      text: text[0].toUpperCase() + text.slice(1),
      link: `/${join('docs', path).replace(/README\.md$/, '')}`,
    })),
  }));
}
