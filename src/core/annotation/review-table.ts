import { compileFilter, propertiesOf, textsOf, type Column } from '../query/compile.ts';
import { parseFilter } from '../query/parse.ts';
import type { Filter, Property } from '../query/filter-tokens.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { CONSENSUS } from './decisions.ts';
import { FAULT_KINDS, type FaultKind } from '../../base/row-faults.ts';
import type { readLabel } from '../../rows/sample/label-review.ts';
import type { ReviewItem } from './review.ts';

type LabelState = ReturnType<typeof readLabel>['state'];
type Status = Exclude<ReviewItem['status'], 'none'>;

/** Returns the values of a field. If a value is missing, the code does not compile. */
const valuesOf = <Value extends string>(values: Record<Value, 1>): Value[] => Object.keys(values) as Value[];

/** Fields that filters of the review queue can use. */
export const REVIEW_FIELDS: readonly Property[] = [
  { name: 'id', type: 'text', doc: 'Id of the row.' },
  { name: 'question', type: 'text', doc: 'Question of the original. Plain text also searches the variant.' },
  { name: 'answer', type: 'text', doc: 'Answer of the original. Example: answer = left' },
  {
    name: 'state',
    type: 'choice',
    values: valuesOf<ReviewItem['state']>({ pending: 1, accepted: 1, edited: 1, discarded: 1, none: 1 }),
    doc: 'Decision of the reviewer. Without a decision, pending if a review is required, otherwise none.',
  },
  {
    name: 'status',
    type: 'choice',
    values: valuesOf<Status>({
      flipped: 1,
      invariant: 1,
      needs_llm: 1,
      discard: 1,
      needs_info: 1,
      not_applicable: 1,
    }),
    doc: 'Status of the rewrite, for example flipped, invariant or needs_llm.',
  },
  {
    name: 'route',
    type: 'choice',
    values: valuesOf<ReviewItem['route']>({ rules: 1, llm: 1, human: 1, verified: 1 }),
    doc: 'Author of the text. The value verified means a language model that was prompted twice.',
  },
  {
    name: 'category',
    type: 'choice',
    values: ['left_right', 'box', 'unaffected', 'none'],
    doc: 'Content that the mirror affects, in the three categories of SVQA-R1’s appendix.',
  },
  { name: 'rule', type: 'text', doc: 'Ids of the rules that applied. Example: rule contains side.of' },
  { name: 'check', type: 'text', doc: 'Failed checks. Example: check contains double_flip' },
  {
    name: 'text',
    type: 'choice',
    values: ['current', 'older'],
    doc: 'Whether the row or its rewrite changed after the review.',
  },
  {
    name: 'although',
    type: 'text',
    doc: 'Failed checks of accepted rewrites. Example: although contains side_changed',
  },
  {
    name: 'by',
    type: 'text',
    doc: 'Reviewer, or agent that proposed the text. Example: by contains agent',
  },
  {
    name: 'people',
    type: 'choice',
    values: CONSENSUS,
    doc: 'Agreement of several reviewers. If the row has fewer than two decisions, none.',
  },
  {
    name: 'merge',
    type: 'choice',
    values: ['clean', 'conflict'],
    doc: 'Whether the row has an unresolved conflict between merged files.',
  },
  {
    name: 'fault',
    type: 'choice',
    values: [...FAULT_KINDS, 'none'],
    doc: 'Reason why the row is unusable. The filter "not fault = none" shows all unusable rows.',
  },
  {
    name: 'label',
    type: 'choice',
    values: valuesOf<LabelState>({ suspect: 1, kept: 1, corrected: 1, none: 1 }),
    doc: 'State of the label: likely wrong, or reviewed (docs/label-quality.md).',
  },
];

interface RowFacts {
  /** Fault of the row; set only if the filter uses faults (`asksFaults`). */
  fault?: FaultKind | undefined;
  label?: LabelState;
}

const VALUES: Record<string, (item: ReviewItem, facts: RowFacts, sample: Sample | null) => string> = {
  id: ({ id }) => id,
  question: (_item, _facts, sample) => sample?.question ?? '',
  answer: (_item, _facts, sample) => sample?.answer ?? '',
  state: ({ state }) => state,
  status: ({ status }) => status,
  route: ({ route }) => route,
  category: ({ category }) => category,
  rule: ({ rules }) => rules.join(' '),
  check: ({ failed }) => failed.join(' '),
  text: ({ older }) => (older ? 'older' : 'current'),
  although: ({ although }) => although.join(' '),
  by: ({ people, proposal }) => [...people, ...(proposal ? [proposal] : [])].map(({ by }) => by).join(' '),
  people: ({ consensus }) => consensus,
  merge: ({ conflict }) => (conflict ? 'conflict' : 'clean'),
  fault: (_, { fault = 'none' }) => fault,
  label: (_, { label = 'none' }) => label,
};

/** Filter fields that all rows have, even rows without the reviewed variant. */
const OF_ROWS = ['id', 'question', 'answer', 'fault', 'label'];

/** Selects the rows of a file that match a filter, among rows with the variant under review. */
export class ReviewTable {
  private readonly filter: Filter;
  private readonly texts: string[];
  /** Row number in the file, for each entry of the table. */
  private readonly rows: number[] = [];
  private readonly columns = new Map<string, { codes: number[]; words: Map<string, number> }>();
  /** Indices of matching entries, for each text that the filter searches for. */
  private readonly found: Set<number>[];

  /** @throws FilterError if the filter cannot be parsed */
  constructor(filter: string) {
    this.filter = parseFilter(filter, REVIEW_FIELDS);
    this.texts = textsOf(this.filter).map((text) => text.toLowerCase());
    this.found = this.texts.map(() => new Set());
    for (const name of propertiesOf(this.filter)) this.columns.set(name, { codes: [], words: new Map() });
  }

  /** Whether the filter uses only fields that every row has. Such a filter also selects rows without a review. */
  get isOfRows(): boolean {
    const used = propertiesOf(this.filter);
    return this.texts.length === 0 && used.length > 0 && used.every((name) => OF_ROWS.includes(name));
  }

  /** Whether the filter uses faults of rows, which require reading the images. */
  get asksFaults(): boolean {
    return propertiesOf(this.filter).includes('fault');
  }

  /** Adds a row to the table. @param sample null for an unreadable row */
  add(row: number, item: ReviewItem, sample: Sample | null, facts: RowFacts = {}): void {
    const entry = this.rows.push(row) - 1;
    for (const [name, { codes, words }] of this.columns) {
      const value = VALUES[name]!(item, facts, sample);
      if (!words.has(value)) words.set(value, words.size);
      codes.push(words.get(value)!);
    }
    if (this.texts.length === 0 || !sample) return;
    const variant = sample.variants?.[item.form];
    const all = [sample.question, sample.answer, variant?.question, variant?.answer].join('\n').toLowerCase();
    this.texts.forEach((text, i) => all.includes(text) && this.found[i]!.add(entry));
  }

  /** Returns the numbers of the rows that match the filter, in file order. */
  select(): number[] {
    const keeps = compileFilter(this.filter, {
      column: (name): Column => {
        const { codes, words } = this.columns.get(name)!;
        return { type: 'text', codes: Int32Array.from(codes), words: [...words.keys()] };
      },
      hits: (text) => {
        const entries = this.found[this.texts.indexOf(text.toLowerCase())]!;
        return (entry) => entries.has(entry);
      },
    });
    return this.rows.filter((_, entry) => keeps(entry));
  }
}
