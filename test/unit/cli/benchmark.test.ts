import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addConsistencyCommand } from '../../../src/cli/commands/benchmark.command.ts';
import { addReportCommand } from '../../../src/cli/commands/report.command.ts';
import type { Card } from '../../../src/core/metrics/card.ts';
import { matrixFigure, matrixFigures } from '../../../src/core/metrics/view-matrix.ts';
import { runCommand } from '../../support/command.ts';
import { refuse, reply, ScriptedServer, textOf } from '../engines/openai/server.ts';
import { rowLines } from '../../support/rows.ts';
import { folderOfEachTest } from '../../support/folder.ts';

let folder = '';
let server: ScriptedServer;
let down = false;
folderOfEachTest('benchmark-', (made) => (folder = made));
beforeEach(async () => {
  down = false;
  // It says yes to everything: right in original and mirror, wrong where names are exchanged.
  server = await ScriptedServer.start((request, response) => {
    if (down && textOf(request).includes('right')) refuse(response, 500, 'down');
    else reply(response, 'Yes');
  });
  await writeSet('val', ['cup', 'jug', 'pan']);
});
afterEach(async () => {
  await server.close();
});

async function writeSet(name: string, things: readonly string[]): Promise<void> {
  const rows = things.map((thing) => ({
    id: thing,
    question: `Is the ${thing} to the left of the plate?`,
    answer: 'Yes',
    images: [],
  }));
  await writeFile(join(folder, `${name}.qa.jsonl`), rowLines(rows));
}

async function measure(out: string, ...args: string[]): Promise<Card> {
  await run(out, ...args);
  return JSON.parse(await readFile(join(folder, out, 'card.json'), 'utf8')) as Card;
}

const run = (out: string, ...args: string[]): ReturnType<typeof runCommand> =>
  runCommand(
    addConsistencyCommand,
    ...['consistency', '--runs', join(folder, 'runs'), '--endpoint', server.url],
    ...['--model', 'org/m', '--set', join(folder, 'val.qa.jsonl'), '--retries', '0'],
    ...['--cache', join(folder, 'answers')],
    ...['-o', join(folder, out), ...args],
  );

const report = async (...cards: string[]): Promise<string> => {
  const out = join(folder, 'report.md');
  await runCommand(
    addReportCommand,
    'report',
    ...cards.map((name) => join(folder, name, 'card.json')),
    '-o',
    out,
  );
  return readFile(out, 'utf8');
};

it('benchmark consistency: evaluates every view of a row, and writes values and settings', async () => {
  const { asked, model, sets } = await measure('a');
  expect(model).toEqual({ name: 'org/m', engine: 'endpoint' });
  expect(asked.sampling).toEqual({ n: 1, temperature: 0, max_tokens: 1024 });
  const [set] = sets;
  expect(set).toMatchObject({ name: 'val', rows: 3 });
  expect(set!.views.find(({ view }) => view === 'mirror')).toMatchObject({ rows: 3, lacking: {} });
  expect(set!.views.find(({ view }) => view === 'rotate:180')).toMatchObject({
    rows: 0,
    lacking: { no_anchor: 3 },
  });
  const figures = matrixFigures(set!.figures, 'val');
  const value = (view: string, metric: 'consistent' | 'update') =>
    matrixFigure(figures, 'original', view, metric)?.value;
  expect([value('mirror', 'consistent'), value('exchange-names', 'consistent')]).toEqual([1, 0]);
  expect(value('exchange-names', 'update')).toBe(0);
  const html = await readFile(join(folder, 'a', 'card.html'), 'utf8');
  expect(html).toContain('Consistency benchmark: org/m');
  // Three rows are few, in tables and in the chart.
  expect(html).toContain('Accuracy by view, percent of 3 rows');
  const right = html.slice(html.indexOf('Pair accuracy (original and view both correct)'));
  expect(right.slice(0, right.indexOf('</table>'))).toContain('few');
  expect(await readFile(join(folder, 'a', 'card.md'), 'utf8')).toMatch(/\| Mirror\s+\| 3 \|/);
});

it('benchmark consistency: evaluates pixel views, with ids that contain commas', async () => {
  const picture = { create: { width: 8, height: 8, channels: 3 as const, background: '#888' } };
  await sharp(picture).png().toFile(join(folder, 'a.png'));
  const row = { id: 'a', question: 'How far is the cup?', answer: '2 meters', images: ['a.png'] };
  await writeFile(join(folder, 'val.qa.jsonl'), JSON.stringify(row));
  const views = 'original,light:0.5,swap:cup,jug,crop:0.1,0.1,0.9,0.9,mirror+converse';
  const { sets } = await measure('a', '--views', views, '--data-root', folder);
  expect(sets[0]!.views.map(({ view, rows }) => [view, rows])).toEqual([
    ['original', 1],
    ['light:0.5', 1],
    ['swap:cup,jug', 0],
    ['crop:0.1,0.1,0.9,0.9', 0],
    ['mirror+converse', 0],
  ]);
  expect(server.requests).toHaveLength(2);
  await expect(measure('b', '--views', 'original,crop:0.1,9')).rejects.toThrow('crop:0.1');
});

it('benchmark consistency: writes no card if answers are missing, and requests only these', async () => {
  down = true;
  await expect(measure('a')).rejects.toThrow('without an answer');
  await expect(readFile(join(folder, 'a', 'card.json'))).rejects.toThrow('ENOENT');
  const before = server.requests.length;
  down = false;
  await measure('a');
  const again = server.requests.length - before;
  expect(again).toBeGreaterThan(0);
  expect(again).toBeLessThan(before);
  await measure('a');
  expect(server.requests).toHaveLength(before + again);
});

it('report of cards: compares benchmark cards, and reports values that cannot be compared', async () => {
  await measure('a', '--name', 'first');
  await measure('b', '--name', 'second');
  const same = await report('a', 'b');
  expect(same).toMatch(/\| first .*\n\| second /);
  expect(same).not.toContain('cannot be compared.');
  await measure('c', '--name', 'other prompt', '--strategy', 'svqa');
  expect(await report('a', 'c')).toContain('their prompts or sampling differ');
  await writeSet('val', ['cup', 'jug']);
  await measure('d', '--name', 'other rows', '--views', 'original,mirror');
  expect(await report('a', 'd')).toContain('Cannot compare results on “val”');
  await measure('e', '--name', 'more views');
  expect(await report('d', 'e')).toContain('the benchmark cards have different rows of');
});

it('report of cards: escapes texts, and rejects invalid fields', async () => {
  const card = await measure('a');
  const path = join(folder, 'a', 'card.json');
  const write = (change: object) => writeFile(path, JSON.stringify({ ...card, ...change }));
  await write({ model: { name: '<script>alert(1)</script>', engine: '|`x`' } });
  const html = join(folder, 'x.html');
  await runCommand(addReportCommand, 'report', path, '-o', html);
  expect(await readFile(html, 'utf8')).not.toContain('<script>');
  await write({ date: 'yesterday' });
  await expect(report('a')).rejects.toThrow(/card\.json cannot be read: "date"/);
  await write({ sets: [{ ...card.sets[0], sha256: '<b>' }] });
  await expect(report('a')).rejects.toThrow('sets[0].sha256');
  await write({ sets: [{ ...card.sets[0], figures: [{ set: 'val', metric: 'accuracy', value: 'x' }] }] });
  await expect(report('a')).rejects.toThrow('figures[0].value');
  await expect(runCommand(addReportCommand, 'report', path, 'some-run')).rejects.toThrow(
    'Cannot combine some-run with benchmark cards or acuity.json files.',
  );
});

it('benchmark consistency: names views without rows, and the command that lists the reasons', async () => {
  const { err } = await run('card');
  expect(err.join('\n')).toMatch(
    /The rows have no rotate:180 \(no_anchor\), .* `chirality view add \S+val\.qa\.jsonl --view rotate:180 --explain/,
  );
});
