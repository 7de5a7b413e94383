import * as z from 'zod/mini';
import { VERDICTS } from '../../core/answers/pair-verdict.ts';
import { isRecord } from '../../core/json.ts';
import { PAIRINGS } from '../../core/metrics/pairing.ts';
import type { AnnotateHost } from '../../core/protocol/annotate.ts';
import type { PlaygroundHost } from '../../core/protocol/playground.ts';
import type { ReportHost } from '../../core/protocol/report-panel.ts';
import type { TraceHost } from '../../core/protocol/trace-panel.ts';
import { PUBLISHED_SETS, type PublishedSet } from '../../core/reports/published/table.ts';
import { isImageRef, type ImageRef, type Sample } from '../../core/sample/sample.ts';
import { VARIANT_NAMES } from '../../core/views/list.ts';
import { callsTo } from './gate.ts';

// What the page of each panel may ask of its host, and what a panel remembers while its tab is closed.

const text = z.string();
/** Calls without arguments send null. */
const nothing = z.null();
/** A number of a row, line, step or pair, or how many there are. */
const count = z.int().check(z.nonnegative());
const imageRef = z.custom<ImageRef>(isImageRef);
/** The text for the clipboard, and the message to show in the status bar. */
const copied = z.object({ text, done: text });
/** A file for the user to save, with the proposed name without a folder. */
const saved = z.object({ name: text, bytes: z.instanceof(Uint8Array) });

// The editor of annotations

const row = z.object({ row: count });

const change = z.pipe(
  z.object({
    path: z.array(z.union([text, count])),
    // Without a value, the field is removed.
    value: z.optional(z.unknown()),
  }),
  z.transform(({ path, value }) => ({ path, value })),
);

export const annotateCalls = callsTo<AnnotateHost>()({
  ready: nothing,
  lines: z.object({ rows: z.array(count), variant: z.enum(VARIANT_NAMES) }),
  queue: z.object({ filter: text, variant: z.enum(VARIANT_NAMES) }),
  row,
  change: z.object({
    row: count,
    id: text,
    changes: z.array(change),
    label: text,
    typing: z.boolean(),
  }),
  add: row,
  remove: row,
  find: z.object({ row: z.int(), by: z.union([z.literal(1), z.literal(-1)]), text }),
  image: z.object({ ref: imageRef }),
  openRow: row,
  tryRow: row,
  openKeybindings: nothing,
});

// Playground

const question = z.object({ question: text, answer: text, choices: z.array(text) });
const drawn = { n: count, temperature: z.number(), top_p: z.number(), seed: z.int() };
const sampling = z.object({ ...drawn, max_tokens: z.nullable(count) });

const segment = z.object({ stage: text, text, stop_reason: text, error: z.exactOptional(text) });

/** A model's answers, as the host sent them to the page. */
const answers = z.object({
  model: text,
  strategy: text,
  sampling: z.object({ ...drawn, max_tokens: count }),
  views: z.array(
    z.object({
      view: text,
      question: text,
      choices: z.exactOptional(z.array(text)),
      reference: text,
      majority: z.object({ answer: z.nullable(text), count, of: count }),
      completions: z.array(
        z.object({ segments: z.array(segment), answer: text, right: z.nullable(z.boolean()) }),
      ),
    }),
  ),
  verdict: z.nullable(z.enum(VERDICTS)),
  agreement: z.nullable(z.enum(['agree', 'disagree', 'undecided'])),
});

export const playgroundCalls = callsTo<PlaygroundHost>()({
  ready: nothing,
  pickPicture: nothing,
  takePicture: z.union([z.object({ name: text, bytes: z.instanceof(Uint8Array) }), z.object({ uri: text })]),
  image: z.object({ picture: text, index: count }),
  mirror: z.object({ picture: text, question }),
  addModel: nothing,
  removeModel: z.object({ id: text }),
  ask: z.object({
    ask: count,
    model: text,
    picture: text,
    question,
    mirrored: z.boolean(),
    strategy: z.nullable(text),
    sampling,
  }),
  follow: z.object({ ask: count, model: text }),
  showPicture: z.object({ picture: text }),
  save: z.object({ picture: text, question, asked: z.array(answers) }),
  manageTrust: nothing,
  openKeybindings: nothing,
});

const isSample = (value: unknown): value is Sample =>
  isRecord(value) &&
  [value.id, value.question, value.answer].every((one) => typeof one === 'string') &&
  Array.isArray(value.images) &&
  value.images.every(isImageRef);

const modelFields = { id: text, label: text, detail: text };

export const playgroundMemory = z.looseObject({
  pictures: z.record(
    text,
    z.object({
      name: text,
      place: z.object({ folder: text, root: text }),
      sample: z.custom<Sample>(isSample),
    }),
  ),
  models: z.array(
    z.discriminatedUnion('kind', [
      z.object({ ...modelFields, kind: z.literal('local'), path: text }),
      z.object({ ...modelFields, kind: z.literal('endpoint'), url: text, model: text, key: z.boolean() }),
      z.object({ ...modelFields, kind: z.literal('vscode'), vendor: text, model: text }),
    ]),
  ),
  picture: z.nullable(text),
});

// Report

const reportChoices = z.object({
  checkpoints: z.enum(['last', 'best', 'all']),
  metric: text,
  base: z.nullable(text),
  // A tab of an earlier version remembers no choice here.
  published: z._default(z.boolean(), false),
  map: z.record(text, z.enum([...(Object.keys(PUBLISHED_SETS) as PublishedSet[]), ''])),
  compare: z.nullable(z.tuple([text, text])),
});

export const reportCalls = callsTo<ReportHost>()({
  ready: nothing,
  choose: reportChoices,
  chooseRuns: nothing,
  evaluate: nothing,
  rows: z.object({ outcome: z.enum(['both', 'only_first', 'only_second', 'neither']), from: count, count }),
  viewRows: z.object({
    cell: z.object({ key: text, set: text, views: z.tuple([text, text]) }),
    pairing: z.enum(PAIRINGS),
    from: count,
    count,
  }),
  showWall: nothing,
  open: z.object({
    key: text,
    row: z.exactOptional(z.object({ set: text, view: text, id: text })),
  }),
  save: saved,
  copy: copied,
});

export const reportMemory = z.looseObject({
  runs: z.nullable(z.array(text)),
  sweep: z.nullable(text),
  choices: reportChoices,
});

// Traces

const source = z.optional(text);
const pairId = z.object({ step: count, pair: count });
const changes = z.record(text, z.union([z.number(), text]));
/** Settings as `fork --set` takes them. */
const settings = z.array(text);

const query = z.object({
  filter: text,
  text,
  sort: z.nullable(z.object({ field: text, descending: z.boolean() })),
});

export const traceCalls = callsTo<TraceHost>()({
  ready: nothing,
  compare: z.object({ source: z.nullable(text) }),
  interpret: z.object({ what: z.enum(['right', 'data', 'mirrorOf']) }),
  annotate: z.object({ run: text, source, ids: z.array(pairId) }),
  saveRows: z.object({ run: text, source, ids: z.array(pairId) }),
  moved: z.pipe(
    z.object({ source, id: z.nullable(pairId) }),
    z.transform(({ source, id }) => ({ source, id })),
  ),
  openRow: z.object({ path: text, line: count }),
  openKeybindings: nothing,
  startWith: z.object({ run: text, set: settings }),
  fork: z.object({ run: text, step: count, set: settings }),
  copy: copied,
  save: saved,
  traceSources: z.object({ run: text }),
  traces: z.object({ run: text, source, query, list: z.exactOptional(count) }),
  traceWall: z.object({ run: text, source, list: count }),
  traceRows: z.object({ run: text, source, list: count, from: count, count }),
  traceIndex: z.object({ run: text, source, list: count, id: pairId }),
  tracePair: z.object({ run: text, source, id: pairId }),
  traceSample: z.object({ run: text, source, sample: text, set: z.nullable(text) }),
  traceImage: z.object({ run: text, source, id: pairId, view: z.exactOptional(count), image: count }),
  traceRow: z.object({ run: text, source, sample: text, set: z.nullable(text), views: z.array(text) }),
  whatIfConfig: z.object({ run: text }),
  whatIfStep: z.object({ run: text, step: count }),
  whatIfRun: z.object({ run: text, changes }),
});

export const traceMemory = z.looseObject({
  run: text,
  source,
  name: text,
  id: z.nullable(pairId),
  filter: z.exactOptional(text),
  against: z.optional(z.object({ run: text, source: text })),
});
