import type { Call } from '../core/call.ts';
import type { ImageBytes, PairRow } from '../core/protocol/pair.ts';
import type { ReportService, SweepReports } from '../core/protocol/report-panel.ts';
import type { InsightService } from '../core/protocol/insights.ts';
import type { RunService } from '../core/protocol/run-panel.ts';
import type { ForkService, TraceService } from '../core/protocol/trace-panel.ts';
import type { RunsHost } from '../core/protocol/runs-panel.ts';
import type { Interpretation } from '../core/foreign/interpretation.ts';
import type { RewardChoice, RunSummary } from '../core/protocol/runs.ts';
import type { ImageRef } from '../core/sample/sample.ts';
import type { ConfigService } from './config.ts';
import type { CheckResult } from './check.ts';
import type { DataService } from './data-set.ts';
import type { EditService } from './edit.ts';
import type { PlaygroundService } from './playground.ts';
import type { ImageFolders } from './pair-row.ts';
import type { RowCount, FoundRow } from './rows.ts';
import type { Checkpoints } from './run-list.ts';

/** What the worker thread does for the host. */
export interface ServiceApi
  extends
    ConfigService,
    DataService,
    EditService,
    ReportService,
    SweepReports,
    RunService,
    InsightService,
    TraceService,
    ForkService,
    Pick<RunsHost, 'runsDifferences'>,
    PlaygroundService {
  /** A heartbeat. */
  beat(args: null): void;
  /** `name` is the name of the text in messages. */
  checkText(
    args: { name: string; text: string; place: ImageFolders | null },
    call: Call,
  ): Promise<CheckResult>;
  /** Reports progress as the share of the file that was read, 0–1. */
  checkFile(args: { path: string; place: ImageFolders | null }, call: Call<number>): Promise<CheckResult>;
  /**
   * The row at `line` or the next one below it (the last, if there is none), then moved by `by` rows; null in an empty
   * file.
   */
  findRow(args: { path: string; line: number; by: number }): Promise<FoundRow | null>;
  readRow(args: { text: string; place: ImageFolders | null }): Promise<PairRow>;
  image(args: { image: ImageRef; place: ImageFolders }): Promise<ImageBytes>;
  /** The folders named `runs` in or below the given folders. */
  findRunRoots(args: { folders: string[] }): Promise<string[]>;
  /** The runs of other programs in or below the given folders. */
  findForeignRuns(args: { folders: string[] }): Promise<RunSummary[]>;
  /** Makes this thread read a run of another program with what a person says about it. */
  interpretRun(args: { dir: string } & Interpretation): void;
  /** What a person can choose from. @throws if the folder holds no run of another program */
  rewardsOfRun(args: { dir: string }): Promise<RewardChoice>;
  listRuns(args: { roots: string[] }): Promise<RunSummary[]>;
  /** Average seconds of the run's last steps; null if unknown. */
  runPace(args: { dir: string }): Promise<number | null>;
  countRows(args: { path: string }): Promise<RowCount>;
  checkpoints(args: { dir: string }): Promise<Checkpoints>;
}
