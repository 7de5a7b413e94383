// Builds the pages of README and docs as a site, into dist/site: `npm run site`. A link to a page that is not there
// ends the build. CHIRALITY_SITE_BASE=/chirality/ builds it for a folder of a host.
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
const { build } = await import(
  pathToFileURL(join(generator, 'node_modules/vitepress/dist/node/index.js')).href
);
await build(pages, { outDir: resolve('dist/site') });
