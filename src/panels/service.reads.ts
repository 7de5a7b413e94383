// Worker thread that reads, checks and searches data files, so that the extension host never waits for disks. The host
// can terminate the thread at any time: all calls are repeatable, and calls or an `onStart` of the host's `Service`
// restore its whole state.
import { parentPort } from 'node:worker_threads';
import type { HostOf } from './calls.contract.ts';
import { Channel } from '../base/channel.ts';
import { traceReads, type Allowed } from './trace/trace.contract.ts';
import type { TraceSource } from '../core/run-data/trace-summary.ts';
import { takeFramesWith, type FramePlan } from '../lab/datasets/frame-cache.ts';
import { startNoSubprocess } from '../lab/files/process.ts';
import { answerWithin } from '../lab/foreign/known.ts';
import { foldersToAllow } from '../lab/traces/data-folders.ts';
import { rowsOfSamples, saveSamples } from '../lab/traces/data-rows.ts';
import { Acuity } from './acuity/acuity.reads.ts';
import { Audits } from './report/report-audits.reads.ts';
import type * as z from 'zod';
import { listRuns } from '../lab/operations/runs.ts';
import { checkFile, checkText } from './problems.reads.ts';
import { configService } from './config-language.reads.ts';
import { RunCurves } from './run/run.reads.ts';
import { interpretationCalls } from './run/run-foreign.reads.ts';
import { checkpoints, runPace, runsDifferences, findRunRoots, savedRuns } from './runs/runs.reads.ts';
import { DataSets } from './dataset/dataset.reads.ts';
import { Edits } from './annotate/annotate-edits.reads.ts';
import { insightService, lookedPairService } from './inside/inside.reads.ts';
import { PairRows, Rows, countRows, rowParts, sharedWith, unknownWords } from './data-rows.reads.ts';
import { Reports, sweepReports } from './report/report.reads.ts';
import { playgroundService } from './playground/playground.reads.ts';
import { sandboxService } from './playground/sandbox.reads.ts';
import { tableService } from './table/table.reads.ts';
import { watchedService } from './run/run-evaluations.reads.ts';
import { usableService } from './usable.reads.ts';
import { whatIf, forkService } from './trace/trace-what-if.reads.ts';
import { TraceRows, Traces } from './trace/trace.reads.ts';
import { explainError } from '../lab/files/disk-error.ts';

// Restricted Mode forbids processes, and viewing runs should never start processes.
startNoSubprocess();
// If reading a run of many gigabytes takes more than this time (in ms), the thread answers with a part of the run.
answerWithin(500);

const rows = new Rows();
const pairs = new PairRows();
const traces = new Traces();
const traceRows = new TraceRows(rows, pairs);
const edits = new Edits(pairs);
const dataSets = new DataSets(pairs);
const curves = new RunCurves();
const reports = new Reports();
const acuity = new Acuity(pairs);
const audits = new Audits();

/** Returns handlers of calls, made from the methods of an object. */
const methods = <T extends object, K extends keyof T & string = keyof T & string>(
  query: T,
  names: readonly K[],
) =>
  Object.fromEntries(
    names.map((name) => [name, (query[name] as (...args: unknown[]) => unknown).bind(query)]),
  ) as Pick<T, K>;

const operations = { runs: listRuns };
export type Operations = typeof operations;
export type InputOf<Name extends keyof Operations> = z.input<Operations[Name]['input']>;
export type OutputOf<Name extends keyof Operations> = z.output<Operations[Name]['output']>;

const api = {
  /** Runs an operation for `Service.ask`. */
  ask: (
    { name, input, roots }: { name: keyof Operations; input: unknown; roots: readonly string[] },
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<unknown> =>
    operations[name].run(operations[name].input.parse(input), {
      roots,
      signal: signal ?? new AbortController().signal,
    }),
  beat: (ping: null) => ping,
  checkText,
  checkFile,
  findRow: rows.find.bind(rows),
  readRow: pairs.read.bind(pairs),
  image: pairs.image.bind(pairs),
  ...methods<HostOf<typeof traceReads>>(traces, Object.keys(traceReads) as (keyof typeof traceReads)[]),
  ...methods(traces, ['traces', 'traceImage']),
  traceRow: traceRows.read.bind(traceRows),
  /** Returns the data-file rows from which pairs were made, and the number of rows that are missing. */
  rowsOfPairs: async ({ ids, allowed, ...source }: Allowed<'annotate'>) =>
    rowsOfSamples(source, await traces.samplesOf({ ...source, ids }), allowed),
  /** Writes the rows of pairs to a file, with image paths relative to the file's folder. @throws if no row was found */
  saveRowsOfPairs: async ({ ids, allowed, path, ...source }: Allowed<'saveRows'> & { path: string }) =>
    saveSamples(source, await traces.samplesOf({ ...source, ids }), allowed, path),
  /** Returns the folders with a run's data that are outside the allowed folders. */
  foldersToAllow: ({ allowed, ...source }: TraceSource & { allowed: readonly string[] }) =>
    foldersToAllow(source, allowed),
  ...whatIf,
  ...forkService,
  ...edits.api,
  ...dataSets.api,
  findRunRoots,
  ...interpretationCalls,
  runsDifferences,
  runPace,
  savedRuns,
  countRows,
  rowParts,
  sharedWith,
  unknownWords,
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
  ...sandboxService,
  ...tableService(pairs),
  ...usableService,
};
export type ServiceApi = typeof api;

/** Type of the calls that the host answers for the worker thread. */
export interface ServiceHost {
  /** Extracts frames of a video into a folder (lab/datasets/frame-cache.ts). @throws with the reason for a failure */
  takeFrames(args: { path: string; plan: FramePlan; folder: string }): Promise<void>;
}

const port = parentPort!;
const host = new Channel<ServiceHost>(
  { post: (message) => port.postMessage(message), listen: (receive) => port.on('message', receive) },
  { ...api },
  explainError,
);
takeFramesWith({
  extract: (path, plan, folder) => host.call('takeFrames', { path, plan, folder }),
  length: () => Promise.reject(new Error('Video lengths are available only on the command line.')),
});
