import { stat } from 'node:fs/promises';
import { versionIn, UntilChanged } from '../files/version.ts';
import { basename } from 'node:path';
import { rowSlots } from '../../core/prompts/template.ts';
import { JoinIndex, joinPairs, type JoinCounts, type JoinKey } from './values/join-index.ts';
import { idOf, questionOf, viewIn, type LoggedRow } from './values/logged-row.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { cannotRead, DataError } from '../datasets/data-error.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import type { GroupedBatch } from './grouping.ts';
import type { GroupNotes } from './notes.ts';

/** Maximum number of dataset rows in memory for joining. */
const MAX_ROWS = 1_000_000;

const textsOf = (sample: Sample): string[] => [sample.question, rowSlots(sample, '{question}').question];

const MAX_INDEXES = 2;
/** Cache of indexes, because panels use the same dataset for every step. */
const indexes = new UntilChanged<JoinIndex>(MAX_INDEXES);

/** Returns a version that changes when a data file changes. @throws DataError if the file is missing or unreadable */
export async function dataVersion(path: string): Promise<string> {
  const stats = await stat(path).catch(cannotRead(path));
  if (!stats.isFile()) throw new DataError('no-file', 'A dataset must be a file.', { file: path });
  return `${path} ${versionIn(stats)}`;
}

/**
 * Returns a dataset's rows by id and question. Reads a `*.qa.jsonl` file or any table that `chirality convert` reads.
 * @throws DataError if the file is unreadable
 */
const joinIndex = async (path: string): Promise<JoinIndex> =>
  indexes.of(path, await dataVersion(path), () => read(path));

async function read(path: string): Promise<JoinIndex> {
  const index = new JoinIndex(textsOf);
  let count = 0;
  for await (const { sample } of (await openDataset(path)).rows) {
    if (!sample) continue;
    count += 1;
    if (count > MAX_ROWS)
      throw new DataError('too-many-rows', `Cannot match more than ${MAX_ROWS} rows.`, {
        file: path,
        fix: 'Use only the part that the run was trained on, for example with chirality convert --sample.',
      });
    index.add(sample);
  }
  if (count === 0) throw new DataError('no-rows', 'The dataset has no usable rows.', { file: path });
  return index;
}

/** Maximum number of questions, and of batches, that are used to find the text around questions. */
const LEARNT_FROM = 40;
const LEARNT_BATCHES = 5;

export interface BatchPairs {
  rows: readonly LoggedRow[];
  pairs: readonly TracedPair[];
  notes: readonly (GroupNotes | null)[];
}

export class Joining {
  /** Numbers of joined pairs, by the version of their batch. */
  private readonly counts = new Map<string, JoinCounts>();
  private learnt: { from: string; index: JoinIndex } | null = null;

  constructor(private readonly data: string) {}

  /** Adds values of the dataset to the pairs of a batch. @throws an error with a message for users */
  async join(grouped: GroupedBatch, made: BatchPairs): Promise<TracedPair[]> {
    return (await this.joined(grouped, made)).pairs;
  }

  /**
   * Returns a message with the number of pairs that match a row of the dataset.
   * @param make function that returns the pairs of a batch
   * @throws an error with a message for users
   */
  async count(
    batches: readonly GroupedBatch[],
    make: (grouped: GroupedBatch) => Promise<BatchPairs>,
  ): Promise<string> {
    await this.index(batches);
    const all: JoinCounts = { pairs: 0, joined: 0, ambiguous: 0 };
    for (const grouped of batches) {
      const counts =
        this.counts.get(grouped.version) ?? (await this.joined(grouped, await make(grouped))).counts;
      this.counts.set(grouped.version, counts);
      all.pairs += counts.pairs;
      all.joined += counts.joined;
      all.ambiguous += counts.ambiguous;
    }
    const several =
      all.ambiguous > 0
        ? ` ${all.ambiguous} pairs are ambiguous, because their questions occur in several rows.`
        : '';
    return `Matched ${all.joined} of ${all.pairs} pairs to ${basename(this.data)}.${several}`;
  }

  private async joined(
    grouped: GroupedBatch,
    { rows, pairs, notes }: BatchPairs,
  ): Promise<{ pairs: TracedPair[]; counts: JoinCounts }> {
    const { groups } = grouped;
    const index = await this.index([grouped]);
    const keys = pairs.map(({ views }, i): JoinKey => {
      const { question, answer } = views[0]!;
      const row = rows[groups[i]!.at[0]!]!;
      const { id, view } = notes[i] ?? { id: null, view: null };
      return { id: id ?? idOf(row), view: view ?? viewIn(row), question, reference: answer };
    });
    return joinPairs(pairs, keys, index);
  }

  /** Returns the index of the dataset, after finding the text that surrounds all questions. */
  private async index(batches: readonly GroupedBatch[]): Promise<JoinIndex> {
    const from = await dataVersion(this.data);
    if (this.learnt?.from === from) return this.learnt.index;
    const index = await joinIndex(this.data);
    const questions = new Set<string>();
    for (const { batch, groups } of batches.slice(0, LEARNT_BATCHES)) {
      const rows = await batch.rows().catch(() => []); // A call that needs these rows reports the error.
      for (const { at } of groups) questions.add(questionOf(rows[at[0]!]?.prompt));
    }
    index.learn([...questions].slice(0, LEARNT_FROM));
    this.learnt = { from, index };
    return index;
  }
}
