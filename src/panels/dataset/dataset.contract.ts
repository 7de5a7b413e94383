import type { Audit } from '../../core/metrics/shortcuts.ts';
import * as z from 'zod/mini';
import { answers, count, imageRef, nothing, text, type HostOf } from '../calls.contract.ts';
import { mending, type UsableFile } from '../annotate/annotate.contract.ts';
import type { ImageBytes, PairImage } from '../pair/pair.contract.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';

/** Division of the rows by a property: task, answer, mirror status, … A row can lack a value. */
export interface Facet {
  title: string;
  /** Whether shares are relative to all rows, not only to rows with a value. */
  ofAll?: true;
  bars: { label: string; count: number; code: number }[];
}

/** Counts of answers with a side, which a mirror swaps. */
export interface SideBalance {
  left: number;
  right: number;
}

/** State of a row's mirror: usable with changed or unchanged words, waiting for a reviewer, or discarded. */
export type MirrorState = 'mirrored' | 'unchanged' | 'deferred' | 'discarded';

/** Number of rows in each state of the mirror. Rows without a mirror in the file are not counted. */
export type MirrorCounts = Record<MirrorState, number>;

/** Steps with a dataset after mirroring, and whether each is done. */
export interface StepsDone {
  /** Whether the dataset was frozen: false if never, `changed` if it changed after that. */
  frozen: boolean | 'changed';
  /** Newest run that reads the dataset; null if there is no such run. */
  run: string | null;
}

export interface DataSummary {
  rows: number;
  /** Number of unusable rows. */
  bad: number;
  pictures: number;
  duplicates: number;
  mirrors: MirrorCounts;
  /** Number of rows whose mirror a person accepted, edited or discarded. */
  reviewed: number;
  /** Balance of the originals, and of their usable mirrors (null if none). Null if no answer contains a side. */
  sides: { original: SideBalance; mirror: SideBalance | null } | null;
  facets: Facet[];
  /** Audit of the rows; null until it arrives after all other data, or if it failed. */
  audit: DataAudit | null;
  /** Faults of rows and their images; null until all images are checked. */
  usable: UsableFile | null;
}

/** Audit of all rows, and of each task. For large files, audits of a random sample of rows. */
export interface DataAudit {
  rows: number;
  parts: [name: string, audit: Audit][];
}

/** Share of the file that was read so far, from 0 to 1, and a summary of the rows read. */
export interface DataProgress {
  share: number;
  summary: DataSummary;
}

export interface DataCard {
  line: number;
  usable: boolean;
  /** Beginning of the question or, for an unusable row, the reason why the row is unusable. */
  question: string;
  answer: string;
  /** First image of the row; null if the row has no image. */
  image: PairImage | null;
  /** References to the frames, and their times in seconds, if the row is a clip. */
  clip?: { frames: ImageRef[]; times: number[] | null };
  /** Mirror of the row in the file. `why`: reason for deferring or discarding the mirror, otherwise "". */
  mirror?: { state: MirrorState; why: string; question: string; answer: string };
}

/** Current state of the panel, which the host sends again whenever the page restarts. */
export type DataState =
  /** Summary of the rows read so far; null before the first rows. The page can show cards of these rows. */
  | {
      kind: 'reading';
      uri: string;
      name: string;
      version: number;
      share: number;
      summary: DataSummary | null;
    }
  | { kind: 'failed'; uri: string; name: string; why: string }
  | { kind: 'read'; uri: string; name: string; version: number; summary: DataSummary };

/** Stored state, which survives a reload of the window. */
export const dataSetMemory = z.looseObject({ uri: text });
export interface DataMemory {
  uri: string;
  filter: DataFilter;
}

const filter = z.object({
  /** Codes of the selected bars, by facet title. */
  chosen: z.record(text, z.number()),
  text,
});
/** Filter for rows that have the selected value in each facet and contain all the typed words. */
export type DataFilter = z.output<typeof filter>;

/** Steps with a dataset in the panel, in their usual order. */
const STEPS = ['mirror', 'review', 'freeze', 'train'] as const;
export type DataStep = (typeof STEPS)[number];

const line = z.object({ line: count });

export const dataSetCalls = {
  ready: nothing,
  /** Returns the row numbers of the matching rows, from 0. */
  rows: answers<Int32Array, number>()(filter),
  cards: answers<DataCard[]>()(z.object({ rows: z.array(count) })),
  image: answers<ImageBytes>()(z.object({ ref: imageRef })),
  openRow: line,
  /** Opens a row in the Playground. */
  tryRow: line,
  readAgain: nothing,
  /** Opens the rows that match a filter in the annotation editor. */
  annotate: z.object({ filter: text }),
  mend: mending,
  step: z.object({ step: z.enum(STEPS) }),
};
export type DataHost = HostOf<typeof dataSetCalls>;

/** Commands for keys and the command palette, by the last part of their ids: `chirality.dataSet.<name>`. */
export const DATA_COMMANDS = ['tryRow'] as const;
export type DataCommand = (typeof DATA_COMMANDS)[number];

export interface DataPage {
  show(args: DataState): void;
  steps(args: StepsDone): void;
  command(args: { name: DataCommand }): void;
}
