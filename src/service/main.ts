// The worker thread: reads, checks and searches data files, so that the extension host never waits for them. It may be
// killed at any time: every call can be repeated, and it holds no state that cannot be restored by the calls or an
// `onStart` of the host's `Service`.
import { parentPort } from 'node:worker_threads';
import type { CallTable, HostOf } from '../core/protocol/calls.ts';
import { Channel } from '../core/protocol/channel.ts';
import { traceReads } from '../core/protocol/trace-panel.ts';
import { startNoSubprocess } from '../lab/files/process.ts';
import { answerWithin } from '../lab/foreign/known.ts';
import { foldersToAllow } from '../lab/traces/data-folders.ts';
import { rowsOfSamples, saveSamples } from '../lab/traces/data-rows.ts';
import type { ServiceApi } from './api.ts';
import { checkFile, checkText } from './check.ts';
import { configService } from './config.ts';
import { RunCurves } from './metrics.ts';
import { interpretationCalls } from './metrics-foreign.ts';
import { findForeignRuns, findRunRoots } from './find-runs.ts';
import { checkpoints, runPace, runsDifferences, RunSummaries } from './run-list.ts';
import { DataSets } from './data-set.ts';
import { Edits } from './edit.ts';
import { insightService } from './insights.ts';
import { PairRows } from './pair-row.ts';
import { Reports, sweepReports } from './reports.ts';
import { playgroundService } from './playground.ts';
import { Rows, countRows } from './rows.ts';
import { forkService } from './fork.ts';
import { TraceRows, whatIf } from './trace-row.ts';
import { Traces } from './traces.ts';
import { explainError } from '../lab/files/disk-error.ts';

// In Restricted Mode no process may be started, and looking at runs should not start one in any mode.
startNoSubprocess();
// A run of many gigabytes is shown while it is read.
answerWithin(500);

const rows = new Rows();
const pairs = new PairRows();
const traces = new Traces();
const traceRows = new TraceRows(rows, pairs);
const edits = new Edits(pairs);
const dataSets = new DataSets(pairs);
const runs = new RunSummaries();
const curves = new RunCurves();
const reports = new Reports();

/** The calls of a table, answered by the methods of an object. */
const answered = <Table extends CallTable>(table: Table, by: HostOf<Table>): HostOf<Table> =>
  Object.fromEntries(
    Object.keys(table).map((name) => [name, by[name]!.bind(by)]),
  ) as unknown as HostOf<Table>;

const api: ServiceApi = {
  beat: () => undefined,
  checkText,
  checkFile,
  findRow: (args) => rows.find(args),
  readRow: (args) => pairs.read(args),
  image: (args) => pairs.image(args),
  ...answered(traceReads, traces),
  traces: (args, call) => traces.traces(args, call),
  traceImage: (args) => traces.traceImage(args),
  traceRow: (args) => traceRows.read(args),
  rowsOfPairs: async ({ ids, allowed, ...source }) =>
    rowsOfSamples(source, await traces.samplesOf({ ...source, ids }), allowed),
  saveRowsOfPairs: async ({ ids, allowed, path, ...source }) =>
    saveSamples(source, await traces.samplesOf({ ...source, ids }), allowed, path),
  foldersToAllow: ({ allowed, ...source }) => foldersToAllow(source, allowed),
  ...whatIf,
  ...forkService,
  ...edits.api,
  ...dataSets.api,
  findRunRoots,
  findForeignRuns,
  ...interpretationCalls,
  listRuns: (args) => runs.list(args),
  runsDifferences,
  runPace,
  countRows,
  runOpen: (args, call) => curves.runOpen(args, call),
  runUpdate: (args) => curves.runUpdate(args),
  runSeries: (args) => curves.runSeries(args),
  runSpread: (args) => curves.runSpread(args),
  runClose: (args) => curves.runClose(args),
  ...insightService,
  checkpoints,
  reportVersion: (args) => reports.reportVersion(args),
  report: (args) => reports.report(args),
  reportRows: (args) => reports.reportRows(args),
  reportViewRows: (args) => reports.reportViewRows(args),
  ...sweepReports,
  ...configService,
  ...playgroundService,
};

const port = parentPort!;
new Channel<Record<never, never>>(
  { post: (message) => port.postMessage(message), listen: (receive) => port.on('message', receive) },
  { ...api },
  explainError,
);
