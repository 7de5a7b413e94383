import { typeQuestion } from '../core/answers/question-type.ts';
import { taskOf } from '../core/answers/score-row.ts';
import { parseYesNo } from '../core/answers/yes-no.ts';
import { choiceIndex } from '../core/spatial/choices.ts';
import { taskLabel } from '../core/labels.ts';
import type { Facet, BoxMap } from '../core/protocol/data-panel.ts';
import { type Sample, declaredSize } from '../core/spatial/sample.ts';
import { splitFormat, toPixels, type BoxFormat, type Size } from '../core/spatial/boxes.ts';

/** Of free answers, as many different ones are told apart; the others are counted together. */
const MAX_VALUES = 5000;
/** As many bars are shown; what is rarer stands in the last. */
const MAX_BARS = 10;
const REST = 'all others';
const LENGTHS = [5, 10, 15, 20, 30, 50];

/** What is known of a row besides itself. */
interface About {
  /** An earlier row of the file is the same. */
  repeated: boolean;
  /** What another file has too. */
  shared: string | null;
}

interface Definition {
  title: string;
  /** What to think of it. */
  note?: string;
  /** Null for rows that the facet says nothing about. */
  value: (sample: Sample, about: About) => string | null;
  /** Shares are of all rows, not of those that have a value. */
  ofAll?: true;
  /** Of rows that cannot be used, which the other facets leave out. */
  unusable?: string;
  /** The order of the bars; the most frequent first where there is none. */
  order?: (a: string, b: string) => number;
}

const byName = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

const DEFINITIONS: readonly Definition[] = [
  { title: 'Unusable', ofAll: true, unusable: 'unreadable', value: () => null },
  {
    title: 'Also in other files',
    ofAll: true,
    note: 'Leakage, if these files are splits of one set; a rewritten copy shares everything.',
    value: (_, { shared }) => shared,
  },
  { title: 'Task', value: ({ task }) => task ?? 'none' },
  { title: 'Kind of question', value: kindOf },
  { title: 'Answer', value: answerOf },
  { title: 'Right choice', value: rightChoice, order: byName },
  { title: 'Side in the answer', value: sideOf },
  { title: 'Words in the question', value: lengthOf, order: byName },
  { title: 'Mirror in the file', value: ({ variants }) => variants?.mirror?.status ?? 'none' },
  { title: 'Repeated', ofAll: true, value: (_, { repeated }) => (repeated ? 'same row' : null) },
];

/** As the data set has it; else what the row is scored as. */
function kindOf(sample: Sample): string {
  const type = sample.meta?.question_type;
  return typeof type === 'string' && type !== '' ? type : taskLabel(taskOf({ ...sample }));
}

/** A sentence that says yes or no is counted as that where it answers such a question. */
function answerOf({ question, answer }: Sample): string {
  const said = typeQuestion(question, answer) === 'yesno' ? parseYesNo(answer) : null;
  return said ?? answer.trim().toLowerCase().slice(0, 60);
}

function rightChoice({ answer, choices }: Sample): string | null {
  if (!choices || choices.length === 0) return null;
  const index = choiceIndex(answer, choices);
  return index === null ? 'none of them' : String.fromCharCode(65 + index);
}

/** What a mirror swaps: an answer that a set prefers on one side is a shortcut. */
function sideOf({ answer, choices }: Sample): string | null {
  const index = choices ? choiceIndex(answer, choices) : null;
  const text = index === null ? answer : choices![index]!;
  const left = /\bleft/i.test(text);
  const right = /\bright/i.test(text);
  return left && right ? 'both' : left ? 'left' : right ? 'right' : null;
}

function lengthOf({ question }: Sample): string {
  const words = question.trim().split(/\s+/).length;
  const above = LENGTHS.findIndex((most) => words <= most);
  if (above < 0) return `${LENGTHS.at(-1)! + 1} or more`;
  return `${(LENGTHS[above - 1] ?? 0) + 1}–${LENGTHS[above]}`;
}

/** For each row of a file the values of its facets, two bytes each. */
export class DataFacets {
  private readonly columns = DEFINITIONS.map((definition) => new Column(definition));
  private rows = 0;

  /** The next row; null for one that cannot be used. */
  add(sample: Sample | null, about: About): void {
    for (const column of this.columns) column.add(this.rows, sample, about);
    this.rows += 1;
  }

  /** After the last row. Facets of which no row has a value are left out. */
  finish(): Facet[] {
    return this.columns.map((column) => column.finish()).filter(({ bars }) => bars.length > 0);
  }

  /** Tells which rows have the chosen codes. A facet that is not there chooses nothing. */
  chosenBy(chosen: Readonly<Record<string, number>>): (row: number) => boolean {
    const wanted = this.columns.filter(({ title }) => chosen[title] !== undefined);
    return (row) => wanted.every((column) => column.code(row) === chosen[column.title]);
  }
}

class Column {
  readonly title: string;
  /** 0 for no value; from 1 on in the order in which values were met, later that of the bars. */
  private codes = new Uint16Array(1 << 10);
  private readonly values = new Map<string, number>();
  private counts: number[] = [0];
  /** From the code under which a row was stored to that of its bar. */
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
    const value = sample ? definition.value(sample, about) : (definition.unusable ?? null);
    if (value === null) return;
    const code = this.codeOf(value);
    this.codes[row] = code;
    this.counts[code] = (this.counts[code] ?? 0) + 1;
  }

  finish(): Facet {
    const { order, title, note, ofAll } = this.definition;
    const known = [...this.values].map(([label, code]) => ({ label, code, count: this.counts[code]! }));
    known.sort((a, b) => b.count - a.count || byName(a.label, b.label));
    const crowded = known.length > MAX_BARS;
    const bars = known.filter(({ label }, i) => !crowded || (i < MAX_BARS - 1 && label !== REST));
    const rest = known.filter((value) => !bars.includes(value));
    this.shown = this.counts.map((_, code) => code);
    if (order) bars.sort((a, b) => order(a.label, b.label));
    if (rest.length > 0) {
      const { code } = rest[0]!;
      for (const value of rest) this.shown[value.code] = code;
      bars.push({ label: REST, code, count: rest.reduce((sum, { count }) => sum + count, 0) });
    }
    return { title, bars, ...(note && { note }), ...(ofAll && { ofAll }) };
  }

  code(row: number): number {
    return this.shown[this.codes[row]!]!;
  }

  private codeOf(value: string): number {
    const label = this.values.has(value) || this.values.size < MAX_VALUES ? value : REST;
    const code = this.values.get(label) ?? this.values.size + 1;
    this.values.set(label, code);
    return code;
  }
}

/** Cells along each side of the map. */
const SIDE = 12;

/** Counts where in their pictures boxes lie. No picture is opened: pixels need a size that the row declares. */
export class BoxCentres {
  private readonly cells = new Array<number>(SIDE * SIDE).fill(0);
  private boxes = 0;
  private unplaced = 0;
  private left = 0;

  /** Boxes of the row, and of the objects of its scene graph where it has none itself. */
  add({ boxes = [], box_format, scene_graph, images }: Sample): void {
    const size = declaredSize(images[0]);
    const objects = Array.isArray(scene_graph?.objects) ? scene_graph.objects : [];
    const own = boxes.map((box) => ({ box, format: box_format }));
    const drawn = objects.flatMap(({ box, box_format: format }) =>
      box ? [{ box, format: format ?? ('xyxy_px' as const) }] : [],
    );
    for (const { box, format } of own.length > 0 ? own : drawn) {
      const parts = format ? splitFormat(format) : null;
      if (!format || !parts || parts.shape === 'point') continue;
      // Fractions of the picture need no size: any will do.
      const frame = parts.unit === 'px' ? size : { w: 1, h: 1 };
      if (frame) this.place(box, format, frame);
      else this.unplaced += 1;
    }
  }

  private place(box: readonly number[], format: BoxFormat, frame: Size) {
    try {
      const [x1, y1, x2, y2] = toPixels(box, format, frame);
      const cell = (share: number) => Math.max(0, Math.min(SIDE - 1, Math.floor(SIDE * share)));
      const x = (x1 + x2) / 2 / frame.w;
      const at = SIDE * cell((y1 + y2) / 2 / frame.h) + cell(x);
      this.cells[at] = this.cells[at]! + 1;
      this.boxes += 1;
      if (x < 0.5) this.left += 1;
    } catch {
      this.unplaced += 1; // what does not fit its format is left to the checks
    }
  }

  map(): BoxMap | null {
    const { boxes, unplaced, cells, left } = this;
    if (boxes + unplaced === 0) return null;
    return { boxes, unplaced, side: SIDE, cells, left: boxes > 0 ? left / boxes : 0 };
  }
}
