import { UsageError } from './errors.ts';
import { LeftOut, datasetInput, inputName } from './input.ts';
import { tell } from './print.ts';
import { cellOf, predictionOf, READ_COLUMNS } from '../core/answers/prediction.ts';
import { several } from '../base/format.ts';
import type { Sample } from '../rows/sample/sample.ts';
import { ORIGINAL, isViewId } from '../rows/view-list.ts';
import { inView } from '../rows/views/view.ts';
import { openDataset } from '../lab/datasets/open-dataset.ts';
import { rowNumberText } from '../lab/datasets/rows.ts';

/** Maximum number of ids that a message lists. */
const NAMED = 3;

const firstOf = (ids: Iterable<string>): string => {
  const all = [...ids];
  return `${all.slice(0, NAMED).join(', ')}${all.length > NAMED ? ', …' : ''}`;
};

/** Returns a question in lower case without extra spaces, because dataset and prediction can differ in both. */
const plain = (question: string): string => question.toLowerCase().replace(/\s+/g, ' ').trim();

/** Dataset whose rows are joined to predictions by id. */
export class ReferenceSet {
  private readonly predictions = new Map<string, Map<unknown, number>>();
  private readonly unknown = new Set<string>();
  private readonly otherViews = new Set<string>();
  private readonly otherQuestions = new Set<string>();
  private readonly ids: readonly string[];
  private isByOrder = false;
  /** Whether rows joined by order have questions, which can confirm that the right rows were joined. */
  private isChecked = false;

  private constructor(
    private readonly path: string,
    private readonly rows: ReadonlyMap<string, Sample>,
  ) {
    this.ids = [...rows.keys()];
  }

  /**
   * @param path dataset that `convert` can read
   * @param relativeTo folder for relative image references
   * @throws UsageError if the dataset has no usable row, or a repeated id
   */
  static async open(path: string, relativeTo: string | undefined): Promise<ReferenceSet> {
    const rows = new Map<string, Sample>();
    const twice = new Set<string>();
    const leftOut = new LeftOut(path);
    let count = 0;
    const set = await openDataset(await datasetInput(path), relativeTo === undefined ? {} : { relativeTo });
    for await (const { sample, problems, ...place } of set.rows) {
      count += 1;
      if (!sample) leftOut.add(rowNumberText(place), problems);
      else if (rows.has(sample.id)) twice.add(sample.id);
      else rows.set(sample.id, sample);
    }
    leftOut.end(count);
    if (rows.size === 0) throw new UsageError(`Dataset ${path} has no rows.`);
    if (twice.size > 0)
      throw new UsageError(
        `${path} has rows with the same id: ${firstOf(twice)}.\n  Set a unique id for every row, so that each prediction has one reference answer.`,
      );
    return new ReferenceSet(path, rows);
  }

  /**
   * Returns a prediction with the question, reference answer and other fields of its dataset row; null if no row
   * matches. A prediction without an id or a completion stays unchanged; its problem is reported later. If the first
   * prediction has no id, joins by order.
   */
  join(value: Record<string, unknown>, at: number): Record<string, unknown> | null {
    const { id, text: completion } = predictionOf(value);
    if (at === 0) this.isByOrder = id === null;
    if (this.isByOrder && typeof cellOf(value, ['question']) === 'string') this.isChecked = true;
    const key = this.isByOrder ? (this.ids[at] ?? null) : id;
    if (key === null || completion === null)
      return { ...value, ...(key !== null && { id: key }), completion: completion ?? undefined };
    const sample = this.rows.get(key);
    const column = cellOf(value, ['view']);
    const view = column ?? ORIGINAL;
    const seen = sample && isViewId(view) ? inView(sample, view) : null;
    if (!seen) {
      if (sample) this.otherViews.add(`${key} (${String(view)})`);
      else this.unknown.add(key);
      return null;
    }
    const question = cellOf(value, ['question']);
    if (typeof question === 'string' && !plain(question).includes(plain(seen.question))) {
      this.otherQuestions.add(key);
      return null;
    }
    const views = this.predictions.get(key) ?? new Map<unknown, number>();
    this.predictions.set(key, views.set(view, (views.get(view) ?? 0) + 1));
    return { ...value, ...seen, ...(column !== undefined && { view }), variants: undefined, completion };
  }

  /** Ids of predictions that could not be joined, by reason. */
  get left(): { unknown: string[]; other_question: string[]; not_predicted: string[] } {
    return {
      unknown: [...this.unknown],
      other_question: [...this.otherQuestions],
      not_predicted: this.ids.filter((id) => !this.predictions.has(id)),
    };
  }

  /** Prints the ids of predictions that could not be joined. @throws UsageError if no row was joined */
  end(input: string | undefined, count: number): void {
    const { unknown, other_question, not_predicted } = this.left;
    const file = inputName(input);
    if (this.isByOrder && count !== this.rows.size)
      throw new UsageError(
        `Cannot match the ${several(count, 'row')} of ${file} without ids to the ${several(this.rows.size, 'row')} of ${this.path} by order.\n  Pass the id column with --map id=COLUMN. Chirality reads ids from ${READ_COLUMNS.id.join(', ')}.`,
      );
    if (this.isByOrder)
      tell(
        `${file} has no ids. Matched its rows to ${this.path} by order: ${several(count, 'row')} in both, ${this.isChecked ? 'with the same questions' : 'without questions to check'}.`,
      );
    if (this.predictions.size === 0 && unknown.length + other_question.length > 0)
      throw new UsageError(
        unknown.length > 0
          ? `${file} and ${this.path} share no ids.\n  Predictions have ${firstOf(unknown)}; the dataset has ${firstOf(not_predicted)}.`
          : `The questions in ${file} differ from the rows of ${this.path} with the same ids.\n  Set the ids of the dataset in the predictions. Their rows might be numbered in another order.`,
      );
    const twice = [...this.predictions].flatMap(([id, views]) =>
      [...views.values()].some((n) => n > 1) ? [id] : [],
    );
    if (unknown.length > 0)
      tell(
        `${file}: excluded ${several(unknown.length, 'prediction')} whose id does not exist in ${this.path}: ${firstOf(unknown)}.`,
      );
    if (other_question.length > 0)
      tell(
        `${file}: excluded ${several(other_question.length, 'prediction')} whose question differs from the row of ${this.path} with the same id: ${firstOf(other_question)}.`,
      );
    if (this.otherViews.size > 0)
      tell(
        `${file}: excluded ${several(this.otherViews.size, 'prediction')} in a view that does not exist in ${this.path}: ${firstOf(this.otherViews)}. Rows without a view count as originals.`,
      );
    if (not_predicted.length > 0)
      tell(
        `${this.path}: excluded ${several(not_predicted.length, 'row')} without a prediction: ${firstOf(not_predicted)}.`,
      );
    if (twice.length > 0)
      tell(
        `${file}: ${several(twice.length, 'id')} with several predictions, which count as several completions of one question: ${firstOf(twice)}.`,
      );
  }
}
