import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Score } from '../../core/answers/score.ts';
import { isMajorityRight, pairVerdict } from '../../core/answers/pair-verdict.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import { summarise, type TraceSummary } from '../../core/run-data/summary.ts';
import type { EvaluationRow } from '../../core/metrics/evaluation-row.ts';
import { evaluationFolder } from './evaluation-folder.ts';
import {
  readLines,
  type Found,
  type PairFile,
  type PairSource,
  type PlacedText,
  type Span,
} from './files.ts';

/** The completions of one form of a row, which stand below each other. */
interface PlacedForm extends Span {
  rows: EvaluationRow[];
}

const keyOf = ({ set, id }: EvaluationRow) => JSON.stringify([set, id]);
const isSameForm = (a: EvaluationRow, b: EvaluationRow) => a.view === b.view && keyOf(a) === keyOf(b);
const indexOf = ({ completion_index: index = 0 }: EvaluationRow) => index;

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
    const waiting = new Map<string, { number: number; forms: PlacedForm[] }>();
    const seen = new Set<string>();
    let next = 0;
    const join = ({ number, forms }: { number: number; forms: PlacedForm[] }): Found => {
      forms.sort((a, b) => Number(a.rows[0]!.view === 'mirror') - Number(b.rows[0]!.view === 'mirror'));
      const views = forms.map(({ rows }) => rows);
      const pair = pairOf(views, step, number);
      return { pair, summary: summaryOf(pair, views), spans: forms.map(({ at, bytes }) => ({ at, bytes })) };
    };
    /** The pair that a form completes. */
    const add = (form: PlacedForm): Found[] => {
      const { view } = form.rows[0]!;
      if (view === 'polarity') return [join({ number: next++, forms: [form] })];
      const key = keyOf(form.rows[0]!);
      const known = waiting.get(key);
      if (!known) {
        waiting.set(key, { number: next++, forms: [form] });
        return [];
      }
      waiting.delete(key);
      return [join({ ...known, forms: [...known.forms, form] })];
    };
    let form: PlacedForm | null = null;
    for await (const found of readLines(lines, readEvaluationRow)) {
      if ('message' in found) {
        yield found;
        continue;
      }
      const { value: row, place } = found;
      if (form && isSameForm(form.rows[0]!, row)) {
        if (!form.rows.some((other) => indexOf(other) === indexOf(row))) {
          form.rows.push(row);
          form.bytes = place.at + place.bytes - form.at;
          continue;
        }
      } else if (form) {
        yield* add(form);
        form = null;
      }
      const name = JSON.stringify([row.set, row.view, row.id]);
      if (seen.has(name))
        yield { line: place.number, message: `The ${row.view} of "${row.id}" stands here a second time.` };
      else form = { rows: [row], at: place.at, bytes: place.bytes };
      seen.add(name);
    }
    if (form) yield* add(form);
    for (const alone of waiting.values()) yield join(alone);
  }

  open({ step }: PairFile, texts: readonly string[], pair: number): TracedPair {
    const views = texts.map((text) => text.split('\n').map((line) => readEvaluationRow(JSON.parse(line))));
    return pairOf(views, step, pair);
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
  if (row.completion_index !== undefined && !Number.isSafeInteger(row.completion_index))
    throw new Error('completion_index must be a whole number.');
  if (!Array.isArray(row.images)) throw new Error('images must be a list.');
  const { segments } = row;
  if (!Array.isArray(segments) || segments.some((segment) => typeof segment?.text !== 'string'))
    throw new Error('segments must be a list of objects with text.');
  return row as EvaluationRow;
}

/** The views of one sample as a pair, without rewards. */
function pairOf(views: readonly EvaluationRow[][], step: number, pair: number): TracedPair {
  const right = views.map((rows) => isMajorityRight(rows.map((row) => row.right)));
  return {
    step,
    pair,
    sample: views[0]![0]!.id,
    kept: true,
    why: 'varies',
    views: views.map((rows) => {
      const { view, question, answer, images } = rows[0]!;
      return {
        // The traces' type knows no polarity: such a row is another question about the original picture.
        view: view === 'mirror' ? 'mirror' : 'original',
        question,
        answer,
        images,
        group: rows.map(({ segments, right, score }) => ({
          segments,
          answer_text: scored(score),
          right,
          rewards: {},
          penalty: 0,
          reward: 0,
          advantage: 0,
        })),
      };
    }),
    delta: null,
    penalised: null,
    effect: null,
    verdict: views.length > 1 ? pairVerdict(right[0]!, right[1]!) : null,
  };
}

const scored = (score: Partial<EvaluationRow['score']> | undefined): string | null =>
  (score?.extraction === 'strict' ? score.answer_text_strict : score?.answer_text) ?? null;

function summaryOf(pair: TracedPair, views: readonly EvaluationRow[][]): TraceSummary {
  const { set, view, score } = views[0]![0]! as Pick<EvaluationRow, 'set' | 'view'> & {
    score?: Partial<Score>;
  };
  const rows = views.flat();
  const formats = rows.map((row) => Number((row.score as Partial<Score> | undefined)?.format_ok ?? NaN));
  const format = formats.reduce((a, b) => a + b) / formats.length;
  return {
    ...summarise(pair),
    set,
    task: score?.task ?? null,
    views: views.length > 1 ? 'pair' : view,
    why: null,
    reward: null,
    reward_mirror: null,
    reward_std: null,
    format: Number.isNaN(format) ? null : format,
    error: rows.map(({ attribution }) => attribution?.error ?? null).find((error) => error !== null) ?? null,
  };
}
