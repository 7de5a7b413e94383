// Builds the pages of README and docs as a site, into dist/site: `npm run site`. A link to a page that is not there
// ends the build, and so does a question whose first hit in the search is another section.
// CHIRALITY_SITE_BASE=/chirality/ builds it for a folder of a host.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tool } from './tools.mjs';

const generator = tool('site', new URL('site/', import.meta.url));
const pages = resolve('dist/site-pages');
rmSync(pages, { recursive: true, force: true });
mkdirSync(join(pages, '.vitepress'), { recursive: true });
cpSync('scripts/site/config.mjs', join(pages, '.vitepress/config.mjs'));
const filesIn = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `${folder}/${name}`);
const top = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'python/README.md'];
const files = top.concat(filesIn('docs'), filesIn('media'));
for (const file of files) {
  if (!file.endsWith('.md')) cpSync(file, join(pages, file));
  else {
    mkdirSync(join(pages, file, '..'), { recursive: true });
    // Marks of generated parts are not text.
    writeFileSync(join(pages, file), readFileSync(file, 'utf8').replaceAll(/^<!-- .* -->$/gm, ''));
  }
}
cpSync('media/icon.png', join(pages, 'public/icon.png'));

process.env.CHIRALITY_ROOT = resolve('.');
const load = (path) => import(pathToFileURL(path).href);
const { build } = await load(join(generator, 'node_modules/vitepress/dist/node/index.js'));
await build(pages, { outDir: resolve('dist/site') });

/** Words of readers' questions, and the section that answers each. */
const ANSWERS = {
  'mirror csv': 'getting-started.html#3-test-your-own-model',
  judge: 'evaluation.html#llm-judge',
  resume: 'training.html#stop-and-resume',
  'GPU memory': 'engines.html#time-and-gpu-memory',
  'box format': 'reference.html#box-formats',
  laterality: 'rewriting-rules.html#radiographs',
  tile: 'what-models-see.html#what-models-see',
  'pass@k': 'evaluation.html#several-completions-passk',
  privacy: 'agents-and-privacy.html#agents-and-privacy',
  'VSCode setting': 'vs-code.html#vs-code-settings',
  'pair accuracy': 'evaluation.html#pair-accuracy',
  'statistical test': 'evaluation.html#statistical-tests',
};
const chunks = resolve('dist/site/assets/chunks');
const index = readdirSync(chunks).find((name) => name.startsWith('@localSearchIndex'));
const { default: MiniSearch } = await load(join(generator, 'node_modules/minisearch/dist/es/index.js'));
const { themeConfig } = (await load(resolve('scripts/site/config.mjs'))).default;
const { options, searchOptions } = themeConfig.search.options.miniSearch;
const search = MiniSearch.loadJSON((await load(join(chunks, index))).default, {
  fields: ['title', 'titles', 'text'],
  ...options,
  // What the search box of VitePress sets.
  searchOptions: { prefix: true, boost: { title: 4, text: 2, titles: 1 }, ...searchOptions },
});
for (const [question, answer] of Object.entries(ANSWERS)) {
  const [first] = search.search(question);
  if (!String(first?.id).endsWith(answer))
    throw new Error(`Search for "${question}": the first hit is ${first?.id}, not ${answer}.`);
}
