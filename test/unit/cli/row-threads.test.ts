import type { Command } from 'commander';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addEvalCommand } from '../../../src/cli/commands/eval.command.ts';
import { addDataCommand } from '../../../src/cli/commands/data.command.ts';
import { addMetricsCommand } from '../../../src/cli/commands/metrics.command.ts';
import { addScoreCommand } from '../../../src/cli/commands/score.command.ts';
import { addMirrorCommand } from '../../../src/cli/commands/view-mirror.command.ts';
import { addPolarityCommand } from '../../../src/cli/commands/view-polarity.command.ts';
import { addViewCommand } from '../../../src/cli/commands/view-add.command.ts';
import { lineChunks } from '../../../src/lab/files/lines.ts';
import { onThreads, readRowsWith } from '../../../src/lab/files/row-threads.ts';
import { jsonLines } from '../../../src/lab/datasets/rows.ts';
import { ORIGINAL, VIEW_IDS } from '../../../src/rows/view-list.ts';
import { parseSample } from '../../../src/rows/sample/parse-sample.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfTests } from '../../support/folder.ts';
import { readRows, rowLines } from '../../support/rows.ts';
import { few } from '../../support/slow.ts';
import { reply, ScriptedServer, textOf } from '../engines/openai/server.ts';

const folder = folderOfTests('chirality-row-threads-');
const at = (name: string) => join(folder, name);
const THREAD = pathToFileURL('dist/cli-rows.js');

const completion = ({ answer }: Sample, i: number) => ({
  completion: i % 2 ? `<think>So.</think><answer>${answer}</answer>` : ['B', 'Yes.', answer, 'left'][i % 4],
  reply: i % 5 ? `It is ${answer}` : '<answer>A</answer>',
});

/** Rows of the corpora for three chunks, with ids of their own, and with completions. */
const ROWS = ['mirror', 'polarity', 'clips', 'formats', 'patterns', 'reading'].flatMap((name) =>
  readRows<{ sample: Sample }>(`test/fixtures/corpus/${name}.jsonl`).flatMap(({ sample }, i) =>
    i % 12 === 0 && parseSample(sample).sample
      ? [{ ...sample, id: `${name}-${i}`, ...completion(sample, i) }]
      : [],
  ),
);
const BAD = '{"id": "bad", "question": 3}\n';

beforeAll(() => {
  readRowsWith(THREAD);
  mkdirSync(at('in'));
  writeFileSync(at('in/rows.qa.jsonl'), rowLines(ROWS));
  // Columns with images that are not shown come one after the other, the last ones together.
  const foreign = ROWS.map(({ question, answer }, i) => ({
    question,
    answer,
    image: `images/${i % 50}.jpg`,
    number: 12345678901234567890n.toString(),
    ...(i % 75 === 60 && { depth: PICTURE }),
    ...(i > 75 && i % 20 === 0 && { depth: PICTURE, edges: PICTURE, normals: i > 100 ? PICTURE : null }),
  }));
  writeFileSync(
    at('in/foreign.jsonl'),
    rowLines(foreign).replaceAll('"12345678901234567890"', '12345678901234567890'),
  );
  const half = ROWS.length >> 1;
  const broken = `\n${rowLines(ROWS.slice(0, half))}  \n${BAD}{"id": "cut", \r\n${rowLines(ROWS.slice(half))}${BAD}{"id":`;
  writeFileSync(at('in/broken.qa.jsonl'), broken);
});
const PICTURE = `data:image/png;base64,${'iVBORw0KGgo'.repeat(40)}`;

afterAll(() => {
  delete process.env.CHIRALITY_THREADS;
});

/** A line of progress, which a slow machine prints. */
const PROGRESS = /^[^\n]*: \d+(?: of \d+ \(\d+%\).*)?$/;

/** What a command prints and, if it has an output, writes, with this many threads. */
async function outcome(add: (program: Command) => void, args: readonly string[], threads: number) {
  process.env.CHIRALITY_THREADS = String(threads);
  const result = await runCommand(add, ...args).catch((error: Error) => ({ error: error.message }));
  const err = 'err' in result && { err: result.err.filter((line) => !PROGRESS.test(line)) };
  return { ...result, ...err, written: args.includes('-o') ? readFileSync(at('out.qa.jsonl'), 'utf8') : '' };
}
const OUT = ['-o', at('out.qa.jsonl')];

const TRANSFORMS: [name: string, add: (program: Command) => void, args: string[]][] = [
  ['mirror', addMirrorCommand, ['mirror', '--explain', '--share', '0.9', '--json']],
  ['mirror keep', addMirrorCommand, ['mirror', '--strategy', 'keep-question']],
  ['mirror mix', addMirrorCommand, ['mirror', '--strategy', 'mix', '--seed', '7']],
  ['polarity', addPolarityCommand, ['polarity', '--explain', '--ties-excluded']],
  ['score', addScoreCommand, ['score', '--json']],
  ['score rewards', addScoreCommand, ['score', '--rewards', '--extraction', 'strict']],
  ['score mapped', addScoreCommand, ['score', '--map', 'completion=reply,meta.place=id']],
  ...VIEW_IDS.filter((view) => view !== ORIGINAL).map((view): (typeof TRANSFORMS)[number] => [
    view,
    addViewCommand,
    ['add', '--view', view, '--explain'],
  ]),
];

const READERS: typeof TRANSFORMS = [
  ['metrics', addMetricsCommand, ['metrics', '--json']],
  ['check', addDataCommand, ['data', 'check', '--json']],
  ['stats', addDataCommand, ['data', 'stats']],
];

test('eval asks and stores the same with threads as without threads', async () => {
  const server = await ScriptedServer.start((request, response) =>
    reply(response, textOf(request).length % 2 ? 'Yes' : '<answer>left</answer>'),
  );
  const stills = ROWS.filter(({ video, clip }, i) => !video && !clip && i % 3 === 0);
  const rows = stills.map((row) => ({ ...row, images: [] }));
  const half = rows.length >> 1;
  writeFileSync(
    at('in/asked.qa.jsonl'),
    `${rowLines(rows.slice(0, half))}  \n${BAD}${rowLines(rows.slice(half))}${rowLines(rows.slice(0, 1))}`,
  );
  const stored = async (threads: number) => {
    process.env.CHIRALITY_THREADS = String(threads);
    const runs = at(`in/runs-${threads}/runs`);
    const set = ['--set', at('in/asked.qa.jsonl'), '--views', 'original,mirror,polarity'];
    const model = ['--endpoint', server.url, '--model', 'm', '--no-cache', '--runs', runs];
    await runCommand(addEvalCommand, 'eval', ...set, ...model);
    const folders = join(runs, '../evals');
    const [name] = readdirSync(folders);
    return ['rows.jsonl', 'results.json', 'manifest.json'].map((file) =>
      readFileSync(join(folders, name!, file), 'utf8'),
    );
  };
  try {
    const expected = await stored(0);
    expect(expected[0]!.split('\n').length).toBeGreaterThan(1.2 * rows.length);
    expect(await stored(2)).toEqual(expected);
  } finally {
    await server.close();
  }
});

describe('row threads', () => {
  test.each(few(TRANSFORMS))(
    'threads produce the same output for %s as without threads',
    async (_, add, args) => {
      const all = [...args, at('in/broken.qa.jsonl'), ...OUT];
      const expected = await outcome(add, all, 0);
      expect(expected.written.split('\n').length).toBeGreaterThan(0.8 * ROWS.length);
      expect(await outcome(add, all, 2)).toEqual(expected);
    },
  );

  test.each(
    few(READERS).flatMap(([name, add, args]) =>
      (name === 'metrics'
        ? [['rows.qa.jsonl'], ['broken.qa.jsonl']]
        : [['broken.qa.jsonl', 'rows.qa.jsonl'], ['foreign.jsonl']]
      ).map(
        (files) => [name, files.join(' '), add, [...args, ...files.map((file) => at(`in/${file}`))]] as const,
      ),
    ),
  )('row threads produce the same output for %s of %s as without threads', async (_, __, add, args) => {
    const expected = await outcome(add, args, 0);
    expect(JSON.stringify(expected).length).toBeGreaterThan(1000);
    expect(await outcome(add, args, 2)).toEqual(expected);
  });

  test('row threads report bad rows in the middle and at the end with their lines', async () => {
    const half = ROWS.length >> 1;
    const result = await outcome(addMirrorCommand, ['mirror', at('in/broken.qa.jsonl'), ...OUT], 2);
    const lines =
      'err' in result ? (result.err ?? []).join('\n').matchAll(/broken\.qa\.jsonl:(\d+): error/g) : [];
    expect([...new Set(Array.from(lines, ([, line]) => Number(line)))]).toEqual([
      half + 3,
      half + 4,
      ROWS.length + 5,
      ROWS.length + 6,
    ]);
  });

  test('row threads report a stopped thread, and leave no partial output', async () => {
    writeFileSync(at('stops.mjs'), 'setTimeout(() => process.exit(3), 50);');
    readRowsWith(pathToFileURL(at('stops.mjs')));
    writeFileSync(at('out.qa.jsonl'), 'before\n');
    const { written, ...result } = await outcome(
      addMirrorCommand,
      ['mirror', at('in/rows.qa.jsonl'), ...OUT],
      2,
    );
    readRowsWith(THREAD);
    expect(result).toEqual({ error: 'A thread that reads rows stopped. Run the command again.' });
    expect(written).toBe('before\n');
    expect(readdirSync(folder).sort()).toEqual(['in', 'out.qa.jsonl', 'stops.mjs']);
  });

  test('row threads stop with their reader, with at most two chunks per thread in progress', async () => {
    process.env.CHIRALITY_THREADS = '2';
    writeFileSync(
      at('counts.mjs'),
      `import { parentPort } from 'node:worker_threads';
       parentPort.on('message', ({ id, args }) => {
         const { bytes, lines } = args.chunk;
         parentPort.postMessage({ type: 'result', id, value: [{ lines, bytes: bytes.length }] });
       });`,
    );
    writeFileSync(at('in/long.qa.jsonl'), rowLines(ROWS).repeat(120));
    readRowsWith(pathToFileURL(at('counts.mjs')));
    let asked = 0;
    const stream = [readFileSync(at('in/long.qa.jsonl'))];
    const made = onThreads(jsonLines(stream), ({ line }) => ({ lines: line, bytes: 0 }), {
      path: at('in/long.qa.jsonl'),
      job: 'any',
      setup: null,
      wants: () => (asked += 1),
    });
    const chunks: { lines: number; bytes: number }[] = [];
    for await (const chunk of made) if (chunk.bytes > 0 && chunks.push(chunk) === 3) break;
    readRowsWith(THREAD);
    expect(chunks[0]!.lines).toBe(64);
    expect(asked).toBeLessThanOrEqual(3 + 2 * 2);
  });
});

test('property: chunks combine to the file, with the lines and rows before each chunk', async () => {
  const text = readFileSync(at('in/broken.qa.jsonl'), 'utf8');
  for (const piece of [100, 5000, 1 << 16])
    for (const skipped of [0, 1, 70]) {
      const bytes = Buffer.from(text);
      async function* stream() {
        for (let i = 0; i < bytes.length; i += piece)
          yield await Promise.resolve(bytes.subarray(i, i + piece));
      }
      const [all, head] = [text.split('\n'), text.split('\n').slice(0, skipped)];
      const rowsIn = (lines: readonly string[]) => lines.filter((line) => line.trim() !== '').length;
      let read = head.map((line) => `${line}\n`).join('');
      for await (const chunk of lineChunks(stream(), { lines: skipped, rows: rowsIn(head) })) {
        const before = read.split('\n').length - 1;
        expect([chunk.lines, chunk.rows]).toEqual([before, rowsIn(all.slice(0, before))]);
        read += Buffer.from(chunk.bytes).toString('utf8');
      }
      expect(read).toBe(text);
    }
});
