import fc from 'fast-check';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { metricsRowSchema, readMetricsRow } from '../../src/core/rewards/metrics-row.ts';
import { checkRecord, parseLines, parseRecord, RecordError } from '../../src/base/record.ts';
import {
  eventSchema,
  loopStateSchema,
  manifestSchema,
  readEvent,
  stateSchema,
} from '../../src/lab/runs/run-folder.ts';
import { processSchema } from '../../src/lab/files/process-id.ts';
import { RunReader } from '../../src/panels/run/run-own.reads.ts';
import { readManifest } from '../../src/lab/runs/make-run.ts';
import { listRuns } from '../../src/lab/runs/listed-runs.ts';
import { forAll } from '../support/property.ts';
import { folderOfTests } from '../support/folder.ts';

const RUNS = 'test/fixtures/recorded/project/runs';

type Path = (string | number)[];
interface Recorded {
  file: string;
  line?: number;
  schema: z.ZodType;
  value: object;
  /** Fields about which the schema says nothing. */
  free?: string[];
}

const read = (file: string) => readFileSync(join(RUNS, file), 'utf8');
const whole = (file: string, schema: z.ZodType, free?: string[]): Recorded => ({
  file,
  schema,
  value: JSON.parse(read(file)) as object,
  ...(free && { free }),
});
const lastLine = (file: string, schema: z.ZodType, free?: string[]): Recorded => {
  const lines = read(file).trimEnd().split('\n');
  const value = JSON.parse(lines.at(-1)!) as object;
  return { file, line: lines.length, schema, value, ...(free && { free }) };
};
const { host, pid, pid_start } = JSON.parse(read('grpo/state.json')) as Record<string, unknown>;

const RECORDS: Recorded[] = [
  whole('grpo/state.json', stateSchema),
  { file: 'grpo/lock', schema: processSchema, value: { host, pid, pid_start } },
  whole('grpo/manifest.json', manifestSchema, ['preflight', 'reward_check']),
  whole('sft/checkpoints/step-000050/loop.json', loopStateSchema),
  lastLine('sft/metrics.jsonl', metricsRowSchema),
  lastLine('skip/timings.jsonl', metricsRowSchema),
  lastLine('skip/events.jsonl', eventSchema, ['data']),
];

/** Every place in a value, but for those below a free field. */
function pathsIn(value: unknown, free: readonly string[], path: Path = []): Path[] {
  if (free.includes(String(path[0]))) return [];
  const below = Array.isArray(value)
    ? value.map((inner: unknown, i): [number, unknown] => [i, inner])
    : Object.entries(typeof value === 'object' && value !== null ? value : {});
  return [path, ...below.flatMap(([key, inner]) => pathsIn(inner, free, [...path, key]))];
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce((inner, key) => (inner as Record<string | number, unknown>)[key], value);

function withAt(value: unknown, path: Path, put: unknown): unknown {
  if (path.length === 0) return put;
  const copy = structuredClone(value);
  (at(copy, path.slice(0, -1)) as Record<string | number, unknown>)[path.at(-1)!] = put;
  return copy;
}

const kindOf = (value: unknown) => (Array.isArray(value) ? 'list' : typeof value);
const nameOf = (path: Path) =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i ? '.' : ''}${key}`)).join('');

describe('JSON record', () => {
  test.each(RECORDS)('a record is read unchanged as written: $file', ({ file, schema, value, free }) => {
    const known = checkRecord(schema, value, { file });
    expect(known).toEqual(value);
    expect(pathsIn(value, free ?? []).length).toBeGreaterThan(2);
  });

  test('property: JSON record: is rejected with file, line and field of a corrupted field', () => {
    const corrupted = fc
      .constantFrom(...RECORDS)
      .chain((record) =>
        fc.tuple(
          fc.constant(record),
          fc.constantFrom(...pathsIn(record.value, record.free ?? [])),
          fc.constantFrom<unknown>('x', true, [], {}, ['x'], 0.5),
        ),
      );
    forAll([corrupted], { numRuns: 1000 }, ([{ file, line, schema, value }, path, wrong]) => {
      fc.pre(kindOf(at(value, path)) !== kindOf(wrong));
      const source = { file, ...(line !== undefined && { line }) };
      const text = JSON.stringify(withAt(value, path, wrong));
      const place = line === undefined ? file : `${file}:${line}`;
      const field = path.length === 0 ? 'it' : `"${nameOf(path)}"`;
      let message = '';
      try {
        parseRecord(schema, text, source);
      } catch (error) {
        expect(error).toBeInstanceOf(RecordError);
        ({ message } = error as Error);
      }
      // An empty object in the place of one lacks its first field.
      const missing = ` "${nameOf(path)}`;
      expect(message.startsWith(`${place} cannot be read: `)).toBe(true);
      expect(message.includes(field) || message.includes(missing)).toBe(true);
    });
  });

  test('a record from before 0.1.0 is rejected with the command that recreates it', async () => {
    const lacking = folderOfTests('chirality-records-');
    const manifest = JSON.parse(read('grpo/manifest.json')) as Record<string, unknown>;
    delete manifest.identity;
    writeFileSync(join(lacking, 'manifest.json'), JSON.stringify(manifest));
    await expect(readManifest(lacking)).rejects.toThrow(
      new RecordError(
        { file: join(lacking, 'manifest.json') },
        '"identity" is missing. The file is from a Chirality version before 0.1.0. Create the file again (`chirality train`).',
      ),
    );
    const schema = z.object({ version: z.literal(1), n: z.number() });
    const said = (value: unknown, madeBy?: string) => {
      try {
        checkRecord(schema, value, { file: 'a.json', ...(madeBy !== undefined && { madeBy }) });
      } catch (error) {
        return (error as Error).message;
      }
    };
    const older = 'The file is from a Chirality version before 0.1.0. Create the file again';
    expect(said({ version: 2, n: 1 }, '')).toBe(
      `a.json cannot be read: "version" must be 1, not 2. ${older}.`,
    );
    // Another fault than a missing field is no sign of an older version, nor is one of a file that anybody writes.
    expect(said({ version: 1, n: 'x' }, '')).not.toContain(older);
    expect(said({ version: 1 })).not.toContain(older);
  });

  test('a JSON record is described in plain words, without terminal escapes', () => {
    const schema = z.object({
      kind: z.enum(['a', 'b']).optional(),
      n: z.int().min(0).optional(),
      list: z.array(z.union([z.string(), z.object({ path: z.string() })])).optional(),
      time: z.iso.datetime().optional(),
    });
    const of = (value: unknown) => {
      try {
        checkRecord(schema, value, { file: 'a.json' });
      } catch (error) {
        return (error as Error).message.replace('a.json cannot be read: ', '');
      }
      return null;
    };
    expect(of({})).toBe(null);
    expect(of([])).toBe('it must be an object, not an empty list.');
    expect(of({ kind: 'c\u001b[2J\u202e' })).toBe('"kind" must be one of a, b, not "c\\e[2J\\u{202e}".');
    expect(of({ n: -1 })).toBe('"n" must be at least 0, not -1.');
    expect(of({ n: 1.5 })).toBe('"n" must be a whole number, not 1.5.');
    expect(of({ list: ['a', 5] })).toBe('"list[1]" must be text or an object, not 5.');
    expect(of({ list: [{ path: null }] })).toBe('"list[0].path" must be text, not null.');
    expect(of({ list: [{}] })).toBe('"list[0].path" is missing.');
    expect(of({ time: 'noon' })).toBe('"time" must be an ISO 8601 time, not "noon".');
    expect(() => parseRecord(schema, '{', { file: 'a.json', line: 3 })).toThrow(
      /^a\.json:3 cannot be read: it is not JSON \(.*\)\.$/,
    );
  });
});

describe('rows of metrics', () => {
  test('property: rows of metrics are accepted by the fast reader exactly if by the schema', () => {
    const value = fc.oneof(fc.double(), fc.constant(null), fc.string(), fc.boolean());
    const row = fc.tuple(fc.dictionary(fc.string(), value), fc.oneof(fc.nat(), value));
    forAll([row], ([rest, step]) => {
      const given = { ...rest, step };
      const problems: string[] = [];
      let taken: unknown = null;
      try {
        taken = readMetricsRow(given, { file: 'a' }, ({ message }) => problems.push(message));
      } catch (error) {
        problems.push((error as Error).message);
      }
      const { success } = metricsRowSchema.safeParse(given);
      expect(problems.length === 0).toBe(success);
      if (success) expect(taken).toEqual(given);
      // Whatever is left is a row again.
      if (taken !== null) expect(metricsRowSchema.safeParse(taken).success).toBe(true);
    });
  });

  test('rows of metrics keep other metrics if a metric is not a number, and reading continues', () => {
    const text =
      '{"step":1,"loss":"high","kl":0.5}\n{"step":2\n{"step":-3}\n\n{"step":4,"loss":1}\n{"step":5';
    const leftOut: string[] = [];
    const rows = parseLines(text, 'm.jsonl', readMetricsRow, ({ message }) => leftOut.push(message));
    expect(rows).toEqual([
      { step: 1, kl: 0.5 },
      { step: 4, loss: 1 },
    ]);
    expect(leftOut.map((message) => message.replace(/ \(.*\)/, ''))).toEqual([
      'm.jsonl:1 cannot be read: "loss" must be a number, not "high".',
      'm.jsonl:2 cannot be read: it is not JSON.',
      'm.jsonl:3 cannot be read: "step" must be at least 0, not -3.',
    ]);
    expect(parseLines('{"step":1}\n', 'e.jsonl', readEvent, ({ message }) => leftOut.push(message))).toEqual(
      [],
    );
    expect(leftOut.at(-1)).toBe('e.jsonl:1 cannot be read: "time" is missing.');
  });
});

describe('broken files in a list of runs', () => {
  let folder: string;
  beforeEach(() => {
    folder = folderOfTests('chirality-records-');
    for (const name of ['grpo', 'sft', 'spatial'])
      cpSync(join(RUNS, name), join(folder, name), { recursive: true });
  });
  const change = (file: string, change: (text: string) => string) => {
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
  };

  test('broken files do not hide other runs, and are named in the error', async () => {
    change('sft/state.json', (text) => text.replace(/"pid": \d+/, '"pid": "1; rm"'));
    const runs = await listRuns(folder);
    expect(runs.map(({ name, state }) => [name, state?.status ?? null])).toContainEqual(['sft', null]);
    expect(runs.filter(({ state }) => state !== null)).toHaveLength(2);
    expect(runs.find(({ name }) => name === 'sft')!.error).toBe(
      `${join(folder, 'sft', 'state.json')} cannot be read: "pid" must be a number, not "1; rm".`,
    );
  });

  test('broken lines do not hide valid lines, and are reported as skipped lines', async () => {
    change('sft/metrics.jsonl', (text) => text.replace(/"loss":[^,]*/, '"loss":{}'));
    change('sft/events.jsonl', (text) => `${text}{"step":1}\n`);
    const news = (await new RunReader(join(folder, 'sft')).read())!;
    expect(news).toMatchObject({ rows: 50, leftOut: 2 });
    expect(news.firstLeftOut).toContain('metrics.jsonl:1 cannot be read: "loss" must be a number');
  });
});
