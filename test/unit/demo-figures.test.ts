import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { censored } from '../../scripts/censored.mjs';
import { crossed } from '../../scripts/seeds.mjs';
import { Random } from '../../src/base/random.ts';

/** The rows of all tables in a Markdown text, as cells. */
const rowsOf = (markdown: string): string[][] =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s:-]+$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.replaceAll('*', '').trim()),
    );

const filesIn = (folder: string) => readdirSync(folder).map((name) => join(folder, name));
const tablesOf = (script: string, files: readonly string[]) =>
  rowsOf(execFileSync('node', [`scripts/${script}`, ...files], { encoding: 'utf8' }));

it('docs/findings.md: contains the recorded results of the joint reward', () => {
  const joint = filesIn('test/fixtures/demo-joint');
  expect(joint).toHaveLength(10);
  const page = rowsOf(readFileSync('docs/findings.md', 'utf8'));
  const differences = tablesOf('demo-table.mjs', joint).filter(([about]) => about!.includes(' − '));
  expect(differences).toHaveLength(3);
  for (const row of differences) expect(page).toContainEqual(row);
});

it('getting started and README: contain the means of the table with all controls', () => {
  const page = rowsOf(readFileSync('docs/getting-started.md', 'utf8'));
  const [, section] = readFileSync('docs/findings.md', 'utf8').split('#### What does Spatial-GRPO add?');
  const controls = rowsOf(section!);
  // Of the questions about sides: originals, mirrors, pair accuracy.
  const means = (about: string) =>
    controls
      .find(([first]) => first === about)!
      .slice(1, 4)
      .map((figure) => `${figure.split(' ')[0]}%`);
  expect(page).toContainEqual(['originals only', ...means('given (originals only)')]);
  expect(page).toContainEqual(['originals and mirrors', ...means('mirrored (originals and mirrors)')]);
  expect(page).toContainEqual(['both, with view coupling', ...means('spatial (both, with view coupling)')]);
  expect(page).toContainEqual(['chance', ...means('chance')]);
  const [originals, mirrors] = means('given (originals only)');
  expect(readFileSync('README.md', 'utf8')).toContain(
    `answers ${originals} of the left/right questions correctly, and ${mirrors} of their mirrors`,
  );
});

it.each([
  ['What does Spatial-GRPO add?', 9],
  ['On another architecture', 5],
])('docs/findings.md: contains the means over the seeds of each control: %s', (heading, ways) => {
  const rowsBelow = (page: string) =>
    rowsOf(
      readFileSync(page, 'utf8')
        .split(new RegExp(`^#+ ${heading.replace('?', '\\?')}$`, 'm'))[1]!
        .split(/^## |^#### /m)[0]!,
    );
  const controls = rowsBelow('docs/findings.md');
  const bySeed = rowsBelow('test/bench/studies.md').filter(
    ([, ...cells]) => cells.length === 10 && cells[0]!.includes('.'),
  );
  expect(bySeed).toHaveLength(ways);
  for (const [about, ...seeds] of bySeed) {
    const mean = seeds.reduce((total, one) => total + Number(one), 0) / seeds.length;
    const bothRight = controls.find(([first]) => first === about)![3]!;
    // Either figure is rounded to 0.1.
    expect(Math.abs(Number.parseFloat(bothRight) - mean)).toBeLessThan(0.11);
  }
});

it('docs/findings.md: contains the acuity results of the recorded seeds and scenes', () => {
  // What `chirality acuity … --json` printed for each set of scenes, less all that the table does not read.
  const page = rowsOf(readFileSync('docs/findings.md', 'utf8').replaceAll('_', '*'));
  const figures = tablesOf('acuity-table.mjs', filesIn('test/fixtures/acuity'));
  expect(figures).toHaveLength(12);
  for (const row of figures) expect(page).toContainEqual(row);
});

it('censored: raises the mean by lower-bounded values, and widens the interval upwards', () => {
  const known = [8, 9, 10, 11, 12];
  const of = (...bounds: number[]) => censored(known, bounds, 2.776);
  const alone = of();
  expect(alone.mean).toBeCloseTo(10, 1);
  expect(Math.abs(20 - alone.interval[0] - alone.interval[1])).toBeLessThan(0.2);
  const raised = of(14);
  expect(raised.mean).toBeGreaterThan((50 + 14) / 6);
  expect(raised.interval[1] - raised.mean).toBeGreaterThan(alone.interval[1] - alone.mean);
  // A bound far below says nothing.
  expect(Math.abs(of(0).mean - 10)).toBeLessThan(0.2);
});

it.each([
  ['rows', 3, 0.2],
  ['columns', 0.2, 3],
  ['both', 2, 2],
  ['neither', 0, 0],
])('crossed: covers the mean in over 93% of draws if %s differ', (_, ofRows, ofColumns) => {
  const random = Random.from('crossed');
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const times = 1000;
  let held = 0;
  for (let i = 0; i < times; i++) {
    const columns = Array.from({ length: 5 }, () => ofColumns * normal());
    const values = Array.from({ length: 10 }, () => {
      const row = ofRows * normal();
      return columns.map((column) => row + column + normal());
    });
    const { middle, half } = crossed(values)!;
    if (Math.abs(middle) <= half) held += 1;
  }
  expect(held / times).toBeGreaterThan(0.93);
});
