import { join } from 'node:path';
import { evaluatedPair } from '../../core/run-data/evaluated.ts';
import type { EvaluationRow } from '../../core/evaluation/evaluation-row.ts';
import { readAnyRow, type SourceRow } from '../../core/evaluation/source-evaluation.ts';
import { MIRROR, ORIGINAL, partnerAmong, type ViewId } from '../../rows/view-list.ts';
import {
  readLines,
  type ByteSpan,
  type LineText,
  type PairAndArrays,
  type PairFile,
  type PairOrProblem,
  type PairSource,
} from './pair-files.ts';
import { readEvaluationManifest, type EvaluationManifest } from '../../core/evaluation/results.ts';
import { decodeRecord } from '../../base/record.ts';
import { readText } from '../files/regular.ts';
import { ifMissing } from '../files/disk-error.ts';

/** A row of an own evaluation, or of an evaluation imported from another program. */
type Row = EvaluationRow | SourceRow;

/** Completions of a row in one view, which are on consecutive lines. */
interface PlacedView extends ByteSpan {
  rows: Row[];
}

const keyOf = ({ set, id }: Row) => JSON.stringify([set, id]);
const isSameView = (a: Row, b: Row) => a.view === b.view && keyOf(a) === keyOf(b);
const indexOf = ({ completion_index: index = 0 }: Row) => index;

/**
 * The rows of an evaluation. A pair is the original and the mirror of a row or, without a mirror, the first other view.
 * Further views are separate. Rows are appended, which does not change the folder's modification time.
 */
export class EvaluationFiles implements PairSource {
  private readonly folder: string;

  /** @throws if the name of the evaluation is invalid */
  constructor(
    run: string,
    private readonly id: string,
  ) {
    this.folder = evaluationFolder(run, id);
  }

  async files(): Promise<PairFile[]> {
    const { step } = await manifestOf(this.folder);
    return [
      {
        path: join(this.folder, 'rows.jsonl'),
        name: this.id === '.' ? 'rows.jsonl' : `eval/${this.id}/rows.jsonl`,
        step: step ?? 0,
      },
    ];
  }

  async *read({ name, step }: PairFile, lines: AsyncIterable<LineText>): AsyncGenerator<PairOrProblem> {
    const { views = [] } = await manifestOf(this.folder);
    yield* pairsOf(readLines(lines, name, readAnyRow), name, step, partnerAmong(views));
  }

  open({ step }: PairFile, texts: readonly string[], pair: number): PairAndArrays {
    // `read` has validated the lines, and the file has not changed since.
    const views = texts.map((text) => text.split('\n').map((line) => JSON.parse(line) as Row));
    return { pair: evaluatedPair(views, step, pair).pair };
  }
}

/** A row with its offset, or the reason why its line is invalid. */
type RowOrProblem = { value: Row; place: ByteSpan & { number: number } } | { problem: string };

/** Yields the pairs of an evaluation's rows. @param partner view that forms a pair with the original */
export async function* pairsOf(
  lines: AsyncIterable<RowOrProblem> | Iterable<RowOrProblem>,
  file: string,
  step: number,
  partner: ViewId = MIRROR,
): AsyncGenerator<PairOrProblem> {
  const waiting = new Map<string, { number: number; view: PlacedView }>();
  let next = 0;
  const joined = (number: number, ...views: PlacedView[]): PairOrProblem => {
    const rows = views.map((view) => view.rows);
    return { ...evaluatedPair(rows, step, number), spans: views.map(({ at, bytes }) => ({ at, bytes })) };
  };
  for await (const view of viewsOf(lines, file)) {
    if ('problem' in view) {
      yield view;
      continue;
    }
    const [row] = view.rows;
    const key = keyOf(row!);
    const first = waiting.get(key);
    if (![ORIGINAL, partner].includes(row!.view ?? ORIGINAL)) yield joined(next++, view);
    else if (!first) waiting.set(key, { number: next++, view });
    else {
      waiting.delete(key);
      const views = row!.view === ORIGINAL ? [view, first.view] : [first.view, view];
      yield joined(first.number, ...views);
    }
  }
  for (const { number, view } of waiting.values()) yield joined(number, view);
}

/** Joins the completions of a row in one view. Omits a view that has already occurred, with a problem. */
async function* viewsOf(
  lines: AsyncIterable<RowOrProblem> | Iterable<RowOrProblem>,
  file: string,
): AsyncGenerator<PlacedView | { problem: string }> {
  const seen = new Set<string>();
  let view: PlacedView | null = null;
  for await (const line of lines) {
    if ('problem' in line) {
      yield line;
      continue;
    }
    const { value: row, place } = line;
    if (view && isSameView(view.rows[0]!, row)) {
      if (!view.rows.some((other) => indexOf(other) === indexOf(row))) {
        view.rows.push(row);
        view.bytes = place.at + place.bytes - view.at;
        continue;
      }
    } else if (view) {
      yield view;
      view = null;
    }
    const key = JSON.stringify([row.set, row.view, row.id]);
    if (seen.has(key))
      yield { problem: `${file}:${place.number}: the view ${row.view} of row "${row.id}" occurs twice.` };
    else view = { rows: [row], at: place.at, bytes: place.bytes };
    seen.add(key);
  }
  if (view) yield view;
}

/** Reads an evaluation's manifest, with the checkpoint's step. Empty if missing. @throws for an unreadable manifest */
async function manifestOf(folder: string): Promise<Partial<EvaluationManifest>> {
  const file = join(folder, 'manifest.json');
  const text = await readText(file).catch(ifMissing(null));
  return text === null ? {} : readEvaluationManifest(decodeRecord(text, { file }), { file });
}

/** Returns the folder of a run's evaluation. For `.`, returns the run's folder. @throws if the name leads out of it */
export function evaluationFolder(run: string, id: string): string {
  if (id === '.') return run;
  if (id === '' || id === '..' || /[/\\\0]/.test(id))
    throw new Error(`Evaluation "${id}" does not exist. Pass the name of a folder in eval/.`);
  return join(run, 'eval', id);
}
