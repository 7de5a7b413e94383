import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TracedPair } from '../../src/core/run-data/trace.ts';
import type { EvaluationPlace, TraceHost } from '../../src/panels/trace/trace.contract.ts';
import { PairRows, Rows } from '../../src/panels/data-rows.reads.ts';
import { whatIf } from '../../src/panels/trace/trace-what-if.reads.ts';
import { TraceRows, Traces } from '../../src/panels/trace/trace.reads.ts';
import { readRows } from '../support/rows.ts';

const stepFile = (run: string, step: number) =>
  join(run, 'traces', `step-${String(step).padStart(6, '0')}.jsonl`);

/** Shared, so that it closes the file of the test before. */
const rows = new Rows();

/** A recorded run in a folder of its own, served as the extension's worker does. */
export class TraceRun {
  readonly folder = mkdtempSync(join(tmpdir(), 'chirality-traces-'));
  readonly run = join(this.folder, 'spatial');
  readonly asked: string[] = [];
  /** The evaluation that is compared. */
  against: EvaluationPlace | undefined;
  readonly copied: string[] = [];
  readonly saved: { name: string; bytes: Uint8Array }[] = [];
  private readonly traces = new Traces();
  private readonly rows = new TraceRows(rows, new PairRows());

  constructor() {
    const fixture = 'test/fixtures/traces';
    cpSync(join(fixture, 'run'), this.run, { recursive: true });
    cpSync(join(fixture, 'data'), join(this.folder, 'data'), { recursive: true });
    const path = join(this.run, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const data = [{ path: join(this.folder, 'data/data.qa.jsonl'), sha256: '', rows: 20 }];
    writeFileSync(path, JSON.stringify({ ...manifest, data, data_root: join(this.folder, 'data') }));
  }

  read(step: number): TracedPair[] {
    return readRows<TracedPair>(stepFile(this.run, step));
  }

  /** Writes a step's traces, numbered again. */
  write(step: number, pairs: readonly TracedPair[]): void {
    const lines = pairs.map((pair, p) => `${JSON.stringify({ ...pair, step, pair: p })}\n`);
    writeFileSync(stepFile(this.run, step), lines.join(''));
  }

  host(): TraceHost {
    const note = (what: string) => void this.asked.push(what);
    return {
      ready: () => note('ready'),
      compare: ({ source }) => note(`compare ${source}`),
      interpret: ({ what }) => note(`say ${what}`),
      annotate: ({ ids }) => Promise.resolve(note(`annotate ${ids.length}`)),
      saveRows: ({ ids }) => Promise.resolve(note(`saveRows ${ids.length}`)),
      moved: ({ id }) => note(`moved ${id?.step}/${id?.pair}`),
      openRow: ({ line }) => note(`openRow ${line}`),
      openKeybindings: () => note('openKeybindings'),
      startWith: ({ set }) => note(`startWith ${set.join(' ')}`),
      fork: ({ step, set }) => note(`fork ${step} ${set.join(' ')}`),
      refuse: ({ why }) => note(`refuse ${why}`),
      copy: ({ text }) => Promise.resolve(void this.copied.push(text)),
      save: (file) => Promise.resolve(void this.saved.push(file)),
      traceSources: (args) => this.traces.traceSources(args),
      traces: (args, call) => this.traces.traces({ ...args, against: this.against }, call),
      traceWall: (args) => this.traces.traceWall(args),
      traceRows: (args) => this.traces.traceRows(args),
      traceIndex: (args) => this.traces.traceIndex(args),
      tracePair: (args) => this.traces.tracePair(args),
      traceSample: (args) => this.traces.traceSample(args),
      traceImage: (args) => this.traces.traceImage({ ...args, allowed: [this.folder] }),
      traceRow: (args) => this.rows.read({ ...args, allowed: [this.folder] }),
      ...whatIf,
      whatIfCheckpoints: () => [40, 80],
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
