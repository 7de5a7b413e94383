import { several, thousands } from './format.ts';
import type { Problem } from './problem.ts';

/** Reasons why a row is unusable, in display order: name of the reason, and its words for one row and for several. */
const KINDS = {
  encoding: ['name not UTF-8', 'names not UTF-8'],
  missing: ['image missing', 'rows with a missing image'],
  damaged: ['image damaged', 'rows with a damaged image'],
  format: ['image of another format', 'rows with an image of another format'],
  elsewhere: ['image outside data root', 'rows with an image outside data root'],
  unreadable: ['unreadable row', 'unreadable rows'],
  unwritten: ['row without question or answer', 'rows without question or answer'],
  repeated: ['duplicate id', 'duplicate ids'],
  incomplete: ['row with an error', 'rows with errors'],
} as const;
export type FaultKind = keyof typeof KINDS;
export const FAULT_KINDS = Object.keys(KINDS) as FaultKind[];

/** Reasons by problem code. An error with any other code makes a row `incomplete`. */
const OF_CODES: Record<string, FaultKind> = {
  'image-encoding': 'encoding',
  'image-missing': 'missing',
  'no-frames': 'missing',
  'image-damaged': 'damaged',
  'image-cell': 'damaged',
  'image-format': 'format',
  'image-svg': 'format',
  'image-pixels': 'format',
  'image-large': 'format',
  'image-video': 'format',
  videos: 'format',
  'video-still': 'format',
  'video-silent': 'format',
  'video-large': 'format',
  'video-empty': 'damaged',
  'video-damaged': 'damaged',
  'image-outside': 'elsewhere',
  'image-url': 'elsewhere',
  'image-place': 'elsewhere',
  'picture-inside': 'elsewhere',
  json: 'unreadable',
  nan: 'unreadable',
  nesting: 'unreadable',
  'long-line': 'unreadable',
  'json-list': 'unreadable',
  'not-an-object': 'unreadable',
  table: 'unreadable',
  missing: 'unwritten',
  'missing-column': 'unwritten',
  empty: 'unwritten',
  'duplicate-id': 'repeated',
};

/** Rows that are unusable for one reason. */
export interface RowFault {
  kind: FaultKind;
  count: number;
  /** First unusable rows, as line numbers or as `row 3`, each with its first problem. */
  rows: { place: string; message: string; fix?: string }[];
}

/** Usable rows of a dataset: the summary at the end of every command and view. */
export interface UsableRows {
  rows: number;
  usable: number;
  /** Faults in the order of `FAULT_KINDS`. The counts sum to the number of unusable rows. */
  faults: RowFault[];
  /** Number of different images that do not exist, if the images were checked. */
  missing?: number;
  /** Folder of 16-bit grey images without a stored depth range; absent if the rows have no such images. */
  deep?: string;
}

/** Maximum number of listed rows per reason. */
const NAMED = 1000;

/** Returns the reason why a row is unusable (the first of several), and its problem; null if the row is usable. */
export function faultOf(problems: readonly Problem[]): { kind: FaultKind; problem: Problem } | null {
  const errors = problems
    .filter(({ severity }) => severity === 'error')
    .map((problem) => ({ kind: OF_CODES[problem.code] ?? ('incomplete' as const), problem }));
  return errors.sort((a, b) => FAULT_KINDS.indexOf(a.kind) - FAULT_KINDS.indexOf(b.kind))[0] ?? null;
}

/** Collects the unusable rows of a set by reason. */
export class RowFaults {
  private readonly faults = new Map<FaultKind, RowFault>();

  /**
   * @param place the row's line, or `row 3`
   * @param problems all problems of the row. Warnings do not count
   * @returns whether the row is unusable
   */
  add(place: string | number, problems: readonly Problem[]): boolean {
    const cause = faultOf(problems);
    if (!cause) return false;
    const { kind, problem } = cause;
    const { message, fix } = problem;
    const fault = this.faults.get(kind) ?? { kind, count: 0, rows: [] };
    fault.count += 1;
    if (fault.rows.length < NAMED) fault.rows.push({ place: String(place), message, ...(fix && { fix }) });
    this.faults.set(kind, fault);
    return true;
  }

  /** @param rows number of all rows of the set, usable or not */
  of(rows: number): UsableRows {
    const faults = FAULT_KINDS.flatMap((kind) => this.faults.get(kind) ?? []);
    return { rows, usable: faults.reduce((left, { count }) => left - count, rows), faults };
  }
}

/** Reasons that concern a row's images. */
export const OF_PICTURES: readonly FaultKind[] = ['encoding', 'missing', 'damaged', 'format', 'elsewhere'];

/** Whether rows lack image files, which can have moved. */
export const lacksImages = ({ faults }: Pick<UsableRows, 'faults'>): boolean =>
  faults.some(({ kind }) => kind === 'missing');

/** Formats a number of unusable rows: "2 names not UTF-8", "1 image missing". */
export const faultText = ({ kind, count }: Pick<RowFault, 'kind' | 'count'>): string =>
  `${thousands(count)} ${KINDS[kind][count === 1 ? 0 : 1]}`;

/** Formats the summary: "9 of 13 rows usable: 2 names not UTF-8 · 1 image missing", or "all 13 rows usable". */
export function usableText({ rows, usable, faults }: UsableRows): string {
  if (faults.length === 0) return rows === 1 ? '1 row usable' : `all ${several(rows, 'row')} usable`;
  return `${thousands(usable)} of ${several(rows, 'row')} usable: ${faults.map(faultText).join(' · ')}`;
}

/** Maximum number of places in a line of text. */
const LISTED = 8;

/** Formats the places of rows that are unusable for one reason: "lines 3, 7, 12 and 5 more". */
export function placesText({ count, rows }: RowFault): string {
  const listed = rows.slice(0, LISTED).map(({ place }) => place);
  const more = count > listed.length ? ` and ${thousands(count - listed.length)} more` : '';
  const isTable = listed[0]?.startsWith('row ') ?? false;
  const names = isTable ? listed.map((place) => place.slice('row '.length)) : listed;
  return `${isTable ? 'row' : 'line'}${count === 1 ? '' : 's'} ${names.join(', ')}${more}`;
}
