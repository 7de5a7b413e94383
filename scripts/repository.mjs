// The one place that says where this repository lies. `node scripts/repository.mjs https://host/owner/name` writes it
// into every file that names it; the release does so with the address that it runs at. Without an address, it fails
// unless one is written: nothing is published that does not say where it comes from.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PLACEHOLDER = '<URL of this repository>';

/**
 * @param {string} url
 * @param {string} [root]
 */
function setRepository(url, root = '.') {
  if (!/^https:\/\/[\w.-]+(?:\/[\w.-]+)+$/.test(url) || url.endsWith('.git'))
    throw new Error(`${url} is not an address of a repository: https://host/owner/name, without .git.`);
  const file = join(root, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const before = manifest.homepage?.replace(/#readme$/, '');
  const named = [
    ['repository', { type: 'git', url: `git+${url}.git` }],
    ['homepage', `${url}#readme`],
    ['bugs', { url: `${url}/issues` }],
  ];
  const others = Object.entries(manifest).filter(([key]) => !named.some(([name]) => name === key));
  // Beside the licence, where people look for them.
  others.splice(others.findIndex(([key]) => key === 'license') + 1, 0, ...named);
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(others), null, 2)}\n`);
  replace(join(root, 'README.md'), before ?? PLACEHOLDER, url);
  after(
    join(root, 'CITATION.cff'),
    /^license: .*\n/m,
    /^repository-code: .*\n/m,
    `repository-code: ${url}\n`,
  );
  after(
    join(root, 'python/pyproject.toml'),
    /^dependencies = .*\n/m,
    /\n\[project\.urls\]\nRepository = .*\n/m,
    `\n[project.urls]\nRepository = "${url}"\n`,
  );
}

/** @param {string} file @param {string} from @param {string} to */
function replace(file, from, to) {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not name the repository as ${from}.`);
  writeFileSync(file, text.replaceAll(from, to));
}

/** @param {string} file @param {RegExp} line @param {RegExp} old @param {string} text */
function after(file, line, old, text) {
  const whole = readFileSync(file, 'utf8').replace(old, '');
  if (!line.test(whole)) throw new Error(`${file} has no line like ${line.source}.`);
  writeFileSync(
    file,
    whole.replace(line, (match) => match + text),
  );
}

if (import.meta.main ?? process.argv[1]?.endsWith('repository.mjs')) {
  const [, , url] = process.argv;
  const { repository } = JSON.parse(readFileSync('package.json', 'utf8'));
  if (url) setRepository(url);
  else if (!repository) {
    console.error(
      'package.json names no repository. Set it: node scripts/repository.mjs https://host/owner/name',
    );
    process.exitCode = 1;
  }
}
