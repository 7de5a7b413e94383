// Writes the generated parts of docs anew: `npm run docs`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { bundled } from './bundled.mjs';

const { withParts } = await bundled('scripts/docs-parts');
for (const name of readdirSync('docs')) {
  const path = `docs/${name}`;
  const page = readFileSync(path, 'utf8');
  const made = await withParts(page);
  if (made === page) continue;
  writeFileSync(path, made);
  console.log(path);
}
