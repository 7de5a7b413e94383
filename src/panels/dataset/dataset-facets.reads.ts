import { sum } from '../../base/numbers.ts';
import { typeQuestion } from '../../core/answers/task.ts';
import { taskOf } from '../../core/answers/score-row.ts';
import { sideInAnswer } from '../../core/metrics/give-aways.ts';
import { parseYesNo } from '../../core/answers/yes-no.ts';
import { letterOf } from '../../base/item-names.ts';
import { choiceIndex } from '../../rows/sample/choices.ts';
import { isReasoningOnly, reviewState } from '../../core/annotation/review.ts';
import { stateLabel, taskLabel } from '../../base/labels.ts';
import type { DataCard, Facet } from './dataset.contract.ts';
import type { MirrorVariant, Sample } from '../../rows/sample/sample.ts';
import { isCopy } from '../../rows/sample/variant.ts';
import { MIRROR } from '../../rows/view-list.ts';
import { byNumber } from '../../lab/files/folders.ts';

/** Maximum number of distinct free answers to count separately. */
const MAX_VALUES = 5000;
/** Maximum number of bars; the last bar counts all rarer values. */
const MAX_BARS = 10;
const REST = 'other values';
const LENGTHS = [5, 10, 15, 20, 30, 50];

/** Information about a row that the row itself does not contain. */
interface About {
  /** Whether the row is identical to an earlier row of the file. */
  repeated: boolean;
  mirror: DataCard['mirror'];
  /** Reason why the row is unusable; checked only for unusable rows. */
  unusable: 'unreadable' | 'missing texts';
}

interface Definition {
  title: string;
  /** Returns the row's value in the facet; null if the facet does not apply. */
  value: (sample: Sample, about: About) => string | null;
  /** Whether shares are of all rows, not only of rows with a value. */
  ofAll?: true;
  /** Whether the facet counts unusable rows, which other facets exclude. */
  ofUnusable?: true;
  /** Comparison that orders the bars. By default, the most frequent value is first. */
  order?: (a: string, b: string) => number;
}

const DEFINITIONS: readonly Definition[] = [
  { title: 'Unusable rows', ofAll: true, ofUnusable: true, value: () => null },
  { title: 'Mirror', ofAll: true, value: (_, { mirror }) => (mirror ? stateLabel(mirror.state) : null) },
  {
    title: 'Reason for deferring or discarding',
    value: (_, { mirror }) => (mirror?.state === 'mirrored' ? null : mirror?.why || null),
  },
  { title: 'Task', value: ({ task }) => (task === undefined ? 'none' : taskLabel(task)) },
  { title: 'Kind of question', value: kindOf },
  { title: 'Answer', value: answerOf },
  { title: 'Correct choice', value: rightChoice, order: byNumber },
  { title: 'Side in answer', value: sideInAnswer },
  { title: 'Words in question', value: lengthOf, order: byNumber },
  { title: 'Repeated rows', ofAll: true, value: (_, { repeated }) => (repeated ? 'repeated' : null) },
];

/** Returns the mirror that the file contains for a row, in the form that the page shows; undefined without a mirror. */
export function mirrorOf(sample: Sample): DataCard['mirror'] {
  const mirror = sample.variants?.mirror;
  if (!mirror) return undefined;
  const { question, answer } = mirror;
  const reviewed = reviewState(sample, MIRROR, mirror);
  if (reviewed === 'pending')
    return { state: 'deferred', why: mirror.reason ?? 'waiting for review', question, answer };
  if (reviewed === 'discarded' || mirror.status === 'discard')
    return { state: 'discarded', why: whyDiscarded(mirror, reviewed === 'discarded'), question, answer };
  if (isReasoningOnly(sample, mirror))
    return { state: 'mirrored', why: 'only in the reasoning', question, answer };
  return { state: isCopy(sample, mirror) ? 'unchanged' : 'mirrored', why: '', question, answer };
}

/** Returns who discarded a mirror, and the reason, if there is one. */
function whyDiscarded({ reason, review }: MirrorVariant, inReview: boolean): string {
  if (!inReview) return reason ?? 'discarded by the rules';
  const why = review?.note ?? reason;
  return why ? `discarded in review: ${why}` : 'discarded in review';
}

/** Returns the question type that the row declares, or else the task by which the row is scored. */
function kindOf(sample: Sample): string {
  const type = sample.meta?.question_type;
  return typeof type === 'string' && type !== '' ? type : taskLabel(taskOf({ ...sample }));
}

/** Returns the answer of a row. A sentence that answers a yes/no question counts as yes or no. */
function answerOf({ question, answer }: Sample): string {
  const yesNo = typeQuestion(question, answer) === 'yesno' ? parseYesNo(answer) : null;
  return yesNo ?? answer.trim().toLowerCase().slice(0, 60);
}

function rightChoice({ answer, choices }: Sample): string | null {
  if (!choices || choices.length === 0) return null;
  const index = choiceIndex(answer, choices);
  return index === null ? 'answer not among choices' : letterOf(index);
}

function lengthOf({ question }: Sample): string {
  const words = question.trim().split(/\s+/).length;
  const above = LENGTHS.findIndex((most) => words <= most);
  if (above < 0) return `${LENGTHS.at(-1)! + 1} or more`;
  return `${(LENGTHS[above - 1] ?? 0) + 1}–${LENGTHS[above]}`;
}

/** Values of all facets for each row of a file, stored in two bytes each. */
export class DataFacets {
  private readonly columns = DEFINITIONS.map((definition) => new Column(definition));
  private rows = 0;

  /** Adds the next row; null for an unusable row. */
  add(sample: Sample | null, about: About): void {
    for (const column of this.columns) column.add(this.rows, sample, about);
    this.rows += 1;
  }

  /** Returns the bars of the rows added so far. Omits facets without any value. */
  finish(): Facet[] {
    return this.columns.map((column) => column.finish()).filter(({ bars }) => bars.length > 0);
  }

  /** Returns a test for rows with the selected codes. Ignores unknown facets. */
  chosenBy(chosen: Readonly<Record<string, number>>): (row: number) => boolean {
    const wanted = this.columns.filter(({ title }) => chosen[title] !== undefined);
    return (row) => wanted.every((column) => column.has(row, chosen[column.title]!));
  }
}

class Column {
  readonly title: string;
  /** Code of each row's value, or 0 for rows without a value. */
  private codes = new Uint16Array(1 << 10);
  /** Codes of values from 1, in order of first occurrence. */
  private readonly values = new Map<string, number>();
  /** Number of rows for each code. */
  private readonly counts = [0];
  /** Bar code for each code of a value. */
  private shown: number[] = [];

  constructor(private readonly definition: Definition) {
    this.title = definition.title;
  }

  add(row: number, sample: Sample | null, about: About): void {
    if (row === this.codes.length) {
      const grown = new Uint16Array(2 * row);
      grown.set(this.codes);
      this.codes = grown;
    }
    const { definition } = this;
    const value = sample ? definition.value(sample, about) : definition.ofUnusable ? about.unusable : null;
    if (value === null) return;
    const code = this.codeOf(value);
    this.counts[code] = (this.counts[code] ?? 0) + 1;
    this.codes[row] = code;
  }

  finish(): Facet {
    const { order, title, ofAll } = this.definition;
    const counted = [...this.values].map(([label, code]) => ({ label, code, count: this.counts[code]! }));
    counted.sort((a, b) => b.count - a.count || byNumber(a.label, b.label));
    const crowded = counted.length > MAX_BARS;
    const bars = counted.filter(({ label }, i) => !crowded || (i < MAX_BARS - 1 && label !== REST));
    const rest = counted.filter((value) => !bars.includes(value));
    this.shown = this.counts.map((_, code) => code);
    if (order) bars.sort((a, b) => order(a.label, b.label));
    if (rest.length > 0) {
      const { code } = rest[0]!;
      for (const value of rest) this.shown[value.code] = code;
      bars.push({ label: REST, code, count: sum(rest.map(({ count }) => count)) });
    }
    return { title, bars, ...(ofAll && { ofAll }) };
  }

  has(row: number, bar: number): boolean {
    return this.shown[this.codes[row]!] === bar;
  }

  private codeOf(value: string): number {
    const label = this.values.has(value) || this.values.size < MAX_VALUES ? value : REST;
    const code = this.values.get(label) ?? this.values.size + 1;
    this.values.set(label, code);
    return code;
  }
}
