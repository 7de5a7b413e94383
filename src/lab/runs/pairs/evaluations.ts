import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Score } from '../../../core/answers/score.ts';
import { pairVerdict } from '../../../core/answers/pair-verdict.ts';
import type { TracedPair } from '../../../core/grpo/traced.ts';
import type { TraceSummary } from '../../../core/protocol/traces.ts';
import { summarise } from '../../../core/traces/summary.ts';
import type { EvaluationRow } from '../../recipes/evaluation-row.ts';
import { evaluationFolder } from './evaluation-folder.ts';
import {
  readLines,
  type Found,
  type PairFile,
  type PairSource,
  type PlacedText,
  type Span,
} from './files.ts';

interface PlacedRow extends Span {
  row: EvaluationRow;
}

/** The rows of an evaluation: original and mirror of a sample make a pair, a polarity flip stands alone. */
export class EvaluationFiles implements PairSource {
  private readonly folder: string;

  /** @throws when the name of the evaluation is none */
  constructor(
    run: string,
    private readonly id: string,
  ) {
    this.folder = evaluationFolder(run, id);
  }

  /** Rows are appended, which no folder's time tells. */
  changed(): Promise<null> {
    return Promise.resolve(null);
  }

  async files(): Promise<PairFile[]> {
    const step = await stepOf(this.folder);
    return [
      {
        path: join(this.folder, 'rows.jsonl'),
        name: this.id === '.' ? 'rows.jsonl' : `eval/${this.id}/rows.jsonl`,
        step,
      },
    ];
  }

  async *read({ step }: PairFile, lines: AsyncIterable<PlacedText>): AsyncGenerator<Found> {
    const waiting = new Map<string, { number: number; rows: PlacedRow[] }>();
    const joined = new Set<string>();
    let next = 0;
    const join = ({ number, rows }: { number: number; rows: PlacedRow[] }): Found => {
      rows.sort((a, b) => Number(a.row.view === 'mirror') - Number(b.row.view === 'mirror'));
      const pair = pairOf(
        rows.map(({ row }) => row),
        step,
        number,
      );
      const summary = summaryOf(
        pair,
        rows.map(({ row }) => row),
      );
      return { pair, summary, spans: rows.map(({ at, bytes }) => ({ at, bytes })) };
    };
    for await (const found of readLines(lines, readEvaluationRow)) {
      if ('message' in found) {
        yield found;
        continue;
      }
      const { value: row, place } = found;
      const placed = { row, at: place.at, bytes: place.bytes };
      if (row.view === 'polarity') {
        yield join({ number: next++, rows: [placed] });
        continue;
      }
      const key = JSON.stringify([row.set, row.id]);
      const known = waiting.get(key);
      if (joined.has(key) || known?.rows[0]!.row.view === row.view) {
        yield { line: place.number, message: `The ${row.view} of "${row.id}" stands here a second time.` };
      } else if (!known) waiting.set(key, { number: next++, rows: [placed] });
      else {
        waiting.delete(key);
        joined.add(key);
        known.rows.push(placed);
        yield join(known);
      }
    }
    for (const alone of waiting.values()) yield join(alone);
  }

  open({ step }: PairFile, texts: readonly string[], pair: number): TracedPair {
    return pairOf(
      texts.map((text) => readEvaluationRow(JSON.parse(text))),
      step,
      pair,
    );
  }
}

/** The checkpoint's step; 0 where the manifest does not say. */
async function stepOf(folder: string): Promise<number> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as { step?: unknown };
    return Number.isSafeInteger(manifest.step) ? (manifest.step as number) : 0;
  } catch {
    return 0;
  }
}

/** @throws in words where a field that is used is missing or of another kind. */
export function readEvaluationRow(value: unknown): EvaluationRow {
  const row = value as Partial<EvaluationRow> | null;
  if (typeof row !== 'object' || row === null) throw new Error('The line must be an object.');
  for (const name of ['id', 'set', 'question', 'answer'] as const) {
    if (typeof row[name] !== 'string') throw new Error(`${name} must be a text.`);
  }
  if (!['original', 'mirror', 'polarity'].includes(row.view!))
    throw new Error('view must be "original", "mirror" or "polarity".');
  if (typeof row.right !== 'boolean') throw new Error('right must be true or false.');
  if (!Array.isArray(row.images)) throw new Error('images must be a list.');
  const { segments } = row;
  if (!Array.isArray(segments) || segments.some((segment) => typeof segment?.text !== 'string'))
    throw new Error('segments must be a list of objects with text.');
  return row as EvaluationRow;
}

/** Rows of one sample as a pair: one completion per view, without rewards. */
function pairOf(rows: readonly EvaluationRow[], step: number, pair: number): TracedPair {
  const [first, second] = rows;
  return {
    step,
    pair,
    sample: first!.id,
    kept: true,
    why: 'varies',
    views: rows.map(({ view, question, answer, images, segments, right, score }) => ({
      // The traces' type knows no polarity: such a row is another question about the original picture.
      view: view === 'mirror' ? 'mirror' : 'original',
      question,
      answer,
      images,
      group: [
        {
          segments,
          answer_text: scored(score),
          right,
          rewards: {},
          penalty: 0,
          reward: 0,
          advantage: 0,
        },
      ],
    })),
    delta: null,
    penalised: null,
    effect: null,
    verdict: second ? pairVerdict(first!.right, second.right) : null,
  };
}

const scored = (score: Partial<EvaluationRow['score']> | undefined): string | null =>
  (score?.extraction === 'strict' ? score.answer_text_strict : score?.answer_text) ?? null;

function summaryOf(pair: TracedPair, rows: readonly EvaluationRow[]): TraceSummary {
  const { set, view, score } = rows[0]! as Pick<EvaluationRow, 'set' | 'view'> & { score?: Partial<Score> };
  const formats = rows.map((row) => Number((row.score as Partial<Score> | undefined)?.format_ok ?? NaN));
  const format = formats.reduce((a, b) => a + b) / formats.length;
  return {
    ...summarise(pair),
    set,
    task: score?.task ?? null,
    views: rows.length > 1 ? 'pair' : view,
    why: null,
    reward: null,
    reward_mirror: null,
    reward_std: null,
    format: Number.isNaN(format) ? null : format,
  };
}
