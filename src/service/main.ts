// The worker thread: reads, checks and searches data files, so that the extension host never waits for them. It may be
// killed at any time: every call can be repeated, and it holds no state that cannot be restored by the calls or an
// `onStart` of the host's `Service`.
import { parentPort } from 'node:worker_threads';
import type { HostOf } from '../core/protocol/calls.ts';
import { Channel } from '../core/protocol/channel.ts';
import { traceReads, type Allowed } from '../core/protocol/trace-panel.ts';
import type { TraceSource } from '../core/run-data/trace-summary.ts';
import { startNoSubprocess } from '../lab/files/process.ts';
import { answerWithin } from '../lab/foreign/known.ts';
import { foldersToAllow } from '../lab/traces/data-folders.ts';
import { rowsOfSamples, saveSamples } from '../lab/traces/data-rows.ts';
import { Acuity } from './acuity.ts';
import { Audits } from './audits.ts';
import { checkFile, checkText } from './check.ts';
import { configService } from './config.ts';
import { RunCurves } from './metrics.ts';
import { interpretationCalls } from './metrics-foreign.ts';
import {
  checkpoints,
  runPace,
  runsDifferences,
  RunSummaries,
  findForeignRuns,
  findRunRoots,
} from './run-list.ts';
import { DataSets } from './data-set.ts';
import { Edits } from './edit.ts';
import { insightService, lookedPairService } from './insights.ts';
import { PairRows, Rows, countRows } from './rows.ts';
import { Reports, sweepReports } from './reports.ts';
import { playgroundService } from './playground.ts';
import { stageService } from './stage.ts';
import { tableService } from './table.ts';
import { watchedService } from './run-evaluations.ts';
import { whatIf, forkService } from './what-if.ts';
import { TraceRows, Traces } from './traces.ts';
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
const acuity = new Acuity(pairs);
const audits = new Audits();

/** Methods of an object, as handlers of calls. */
const methods = <T extends object, K extends keyof T & string = keyof T & string>(
  of: T,
  names: readonly K[],
) =>
  Object.fromEntries(
    names.map((name) => [name, (of[name] as (...args: unknown[]) => unknown).bind(of)]),
  ) as Pick<T, K>;

const api = {
  /** A heartbeat. */
  beat: (ping: null) => ping,
  checkText,
  checkFile,
  findRow: rows.find.bind(rows),
  readRow: pairs.read.bind(pairs),
  image: pairs.image.bind(pairs),
  ...methods<HostOf<typeof traceReads>>(traces, Object.keys(traceReads) as (keyof typeof traceReads)[]),
  ...methods(traces, ['traces', 'traceImage']),
  traceRow: traceRows.read.bind(traceRows),
  /** The rows of data files from which pairs were made, and how many were not found. */
  rowsOfPairs: async ({ ids, allowed, ...source }: Allowed<'annotate'>) =>
    rowsOfSamples(source, await traces.samplesOf({ ...source, ids }), allowed),
  /** Writes these rows to a file, with their pictures relative to its folder. @throws if none was found */
  saveRowsOfPairs: async ({ ids, allowed, path, ...source }: Allowed<'saveRows'> & { path: string }) =>
    saveSamples(source, await traces.samplesOf({ ...source, ids }), allowed, path),
  /** The folders of a run's data that are not inside an allowed one. */
  foldersToAllow: ({ allowed, ...source }: TraceSource & { allowed: readonly string[] }) =>
    foldersToAllow(source, allowed),
  ...whatIf,
  ...forkService,
  ...edits.api,
  ...dataSets.api,
  findRunRoots,
  findForeignRuns,
  ...interpretationCalls,
  listRuns: runs.list.bind(runs),
  runsDifferences,
  runPace,
  countRows,
  ...methods(curves, ['runOpen', 'runUpdate', 'runSeries', 'runSpread', 'runClose']),
  ...insightService,
  ...lookedPairService(pairs),
  ...watchedService,
  checkpoints,
  ...methods(reports, ['reportVersion', 'report', 'reportRows', 'reportViewRows']),
  ...sweepReports,
  ...methods(audits, ['auditBegin', 'auditSay', 'auditImage']),
  ...methods(acuity, ['acuity', 'runAcuity', 'acuityTrials', 'acuityImage', 'ownTrials']),
  ...configService,
  ...playgroundService,
  ...stageService,
  ...tableService(pairs),
};
/** What the worker thread does for the host. */
export type ServiceApi = typeof api;

const port = parentPort!;
new Channel<Record<never, never>>(
  { post: (message) => port.postMessage(message), listen: (receive) => port.on('message', receive) },
  { ...api },
  explainError,
);
