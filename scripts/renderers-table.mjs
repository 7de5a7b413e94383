// What models of the sweep `controls` make of pictures of another kind: `node scripts/renderers-table.mjs
// sweeps/controls-small`, after `npm run build`. The questions about sides stay, and so do the solids; pictures are drawn
// anew with other lamps, with other floors, and by another renderer (SVG: flat shapes, no light, no shadow). Sets and
// answers go to SWEEP/renderers, and models that have answered are not asked again. Both right, percent, means with 95 %
// intervals over seeds; differences are within seeds (docs/findings.md).
import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { header, interval, line } from './seeds.mjs';

const [sweep] = process.argv.slice(2);
if (!sweep || !existsSync(join(sweep, 'data/side/data.qa.jsonl'))) {
  console.error(
    'usage: node scripts/renderers-table.mjs SWEEP, the folder of a sweep of the recipe controls',
  );
  process.exit(2);
}
const out = join(sweep, 'renderers');
mkdirSync(out, { recursive: true });
const chirality = (...args) =>
  execFileSync(process.execPath, [resolve('dist/cli.js'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
/** Pairs of each kind. */
const PAIRS = 128;
const rows = readFileSync(join(sweep, 'data/side/data.qa.jsonl'), 'utf8')
  .trim()
  .split('\n', PAIRS)
  .map((text) => JSON.parse(text));
const write = (path, some) => writeFileSync(path, some.map((row) => `${JSON.stringify(row)}\n`).join(''));

/** The rows with pictures of a scene view, a quarter of them for each of four seeds. */
function seenAs(view) {
  const quarter = rows.length / 4;
  return [1, 2, 3, 4].flatMap((seed) => {
    const part = `${view}-${seed}`;
    write(join(out, `${part}.qa.jsonl`), rows.slice((seed - 1) * quarter, seed * quarter));
    const [id, output] = [`${view}:${seed}`, join(out, `${part}.views.qa.jsonl`)];
    chirality(
      ...['view', 'add', join(out, `${part}.qa.jsonl`), '--view', id],
      ...['--write-images', join(out, part), '-o', output, '--quiet'],
    );
    return readFileSync(output, 'utf8')
      .trim()
      .split('\n')
      .map((text) => {
        const { variants, ...row } = JSON.parse(text);
        return { ...row, images: variants.views[id].images };
      });
  });
}

/** A solid as a flat shape in its box, in the colour of its name. */
function shape({ box: [x1, y1, x2, y2], attributes: { color, shape: name } }) {
  const [w, h, middle] = [x2 - x1, y2 - y1, (x1 + x2) / 2];
  const look = `fill="${color}" stroke="black" stroke-width="0.7"`;
  switch (name) {
    case 'ball':
      return `<ellipse cx="${middle}" cy="${(y1 + y2) / 2}" rx="${w / 2}" ry="${h / 2}" ${look}/>`;
    case 'cone':
      return `<path d="M${middle} ${y1} L${x2} ${y2} L${x1} ${y2} Z" ${look}/>`;
    case 'cylinder':
      return `<rect x="${x1}" y="${y1}" width="${w}" height="${h}" rx="${w / 2}" ry="${h / 6}" ${look}/>`;
    default:
      return `<rect x="${x1}" y="${y1}" width="${w}" height="${h}" ${look}/>`;
  }
}

/** The rows with pictures in SVG. */
async function drawn() {
  mkdirSync(join(out, 'drawn'), { recursive: true });
  return Promise.all(
    rows.map(async (row, i) => {
      const { image, objects } = row.scene_graph;
      const shapes = [...objects].sort((a, b) => b.depth - a.depth).map(shape);
      const floor = `<rect width="${image.w}" height="${image.h}" fill="#b8b0a0"/>`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${image.w}" height="${image.h}">${floor}${shapes.join('')}</svg>`;
      const path = `drawn/${i + 1}.png`;
      await sharp(Buffer.from(svg)).removeAlpha().png().toFile(join(out, path));
      return { ...row, images: [{ path, ...image }] };
    }),
  );
}

const SETS = {
  lamps: () => seenAs('relight'),
  floors: () => seenAs('repaint'),
  drawn,
};
for (const [name, make] of Object.entries(SETS)) {
  const path = join(out, `${name}.qa.jsonl`);
  if (!existsSync(path)) write(path, await make());
}

const ARMS = {
  given: 'given (originals only)',
  mirrored: 'mirrored (originals and mirrors)',
  spatial: 'spatial (both, with view coupling)',
};
const seeds = readdirSync(join(sweep, 'runs')).flatMap((run) =>
  run.startsWith('spatial-seed-') ? [run.split('-').at(-1)] : [],
);
/** @returns {Record<string, number>} percent of pairs with both views right, by set */
function bothRight(run) {
  const path = join(out, `${run}.json`);
  if (!existsSync(path)) {
    const sets = Object.keys(SETS).flatMap((name) => ['--set', `${name}=${join(out, `${name}.qa.jsonl`)}`]);
    const printed = chirality(
      ...['eval', run, '--runs', join(sweep, 'runs'), '--data-root', sweep],
      ...[...sets, '--json'],
    );
    writeFileSync(path, printed);
  }
  const found = JSON.parse(readFileSync(path, 'utf8')).filter(
    ({ metric, task, slice }) => metric === 'consistent' && task === 'all' && !slice,
  );
  return Object.fromEntries(found.map(({ set, value }) => [set, 100 * value]));
}
const bySeed = seeds.map((seed) =>
  Object.fromEntries(Object.keys(ARMS).map((arm) => [arm, bothRight(`${arm}-seed-${seed}`)])),
);
const COLUMNS = Object.keys(SETS);
const values = (arm, set) => bySeed.map((answers) => answers[arm][set]);
header([`both right, ${seeds.length} seeds`, 'other lamps', 'other floors', 'another renderer']);
for (const [arm, label] of Object.entries(ARMS))
  line([label, ...COLUMNS.map((set) => interval(values(arm, set)))]);
for (const [arm, reference] of [
  ['mirrored', 'given'],
  ['spatial', 'mirrored'],
])
  line([
    `${ARMS[arm]} − ${ARMS[reference]}`,
    ...COLUMNS.map((set) => {
      const less = values(reference, set);
      return interval(values(arm, set).map((value, i) => value - less[i]));
    }),
  ]);
