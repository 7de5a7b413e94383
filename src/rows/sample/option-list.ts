import { isRecord } from '../../base/json.ts';
import { readLenient } from '../../base/lenient-json.ts';
import { indexOfLetter } from './choices.ts';

/** Longer texts are not lists of options. */
const MOST = 20_000;
/** What a list that Python prints of an array may stand in: `array(['a', 'b'], dtype=object)`. */
const ARRAY = /^(?:np\.|numpy\.)?array\(\s*([[(].*[\])])\s*(?:,\s*dtype=[^)]*)?\)$/s;
/** Where one option ends and the next begins, in a list whose quotation marks are not escaped or have no comma. */
const BETWEEN = /(?<=['"])\s*,\s*(?=['"])|(?<=['"])\s+(?=['"])/;

/** The options in a cell: as a list, as JSON or Python write one, or by their letters in an object. Null if it holds none. */
export function listedOptions(cell: unknown): string[] | null {
  if (Array.isArray(cell)) return texts(cell);
  if (isRecord(cell)) return byLetter(cell);
  if (typeof cell !== 'string' || cell.length > MOST) return null;
  const text = cell.trim();
  const plain = ARRAY.exec(text)?.[1]?.trim() ?? text;
  if (!/^(?:\[.*\]|\(.*\)|\{.*\})$/s.test(plain)) return null;
  const bare = /^[[(]([^'"[\](){}]*)[\])]$/.exec(plain)?.[1];
  if (bare !== undefined) return unquoted(bare);
  // A printed array has no commas, and a careless list has an apostrophe that would end its text.
  const apart = quoted(plain);
  const read = readLenient(plain, 0);
  const whole = read?.end === plain.length && read.repairs.every(({ code }) => code !== 'unreadable');
  const value = whole ? read.value : null;
  if (isRecord(value)) return byLetter(value);
  const listed = Array.isArray(value) ? texts(value) : null;
  return apart && (!listed || apart.length !== listed.length) ? apart : listed;
}

/** A letter before each option of a list: `['A. left', 'B. right']`. */
const OWN_MARK = /^\s*(?:\(([A-Za-z])\)|([A-Za-z])[.):])\s*(?=\S)/;

/** Options without their letters, if each has its own before its text. */
export function withoutMarks(options: readonly string[]): string[] {
  const marks = options.map((option) => OWN_MARK.exec(option));
  const isLettered = marks.every((mark, i) => mark && indexOfLetter((mark[1] ?? mark[2])!) === i);
  return isLettered ? options.map((option, i) => option.slice(marks[i]![0].length).trim()) : [...options];
}

/** The texts of a list in which every one stands in quotation marks. */
function quoted(text: string): string[] | null {
  if (!/^[[(]\s*(['"]).*['"]\s*,?\s*[\])]$/s.test(text)) return null;
  const inside = text.slice(1, -1).trim().replace(/,$/, '').trim();
  const parts = inside.split(BETWEEN).map((part) => /^(['"])(.*)\1$/s.exec(part.trim())?.[2]);
  return parts.every((part) => part !== undefined)
    ? parts.map((part) => part.replace(/\\(['"\\])/g, '$1').replace(/\\n/g, '\n'))
    : null;
}

/** Numbers and words as they stand, so that 3.50 keeps its digits. */
function unquoted(text: string): string[] | null {
  const parts = text
    .replace(/,\s*$/, '')
    .split(',')
    .map((part) => part.trim());
  return parts.every((part) => part !== '' && part !== 'None' && part !== 'null') ? parts : null;
}

const texts = (list: readonly unknown[]): string[] | null =>
  list.length > 0 && list.every((item) => item !== null && item !== undefined)
    ? list.map((item) => textOf(item))
    : null;

function textOf(item: unknown): string {
  if (typeof item === 'string') return item;
  if (isRecord(item) && typeof item.text === 'string') return item.text;
  return typeof item === 'object' ? JSON.stringify(item) : String(item as number | boolean);
}

/** The values of `{"A": …, "B": …}`, in the order of the letters; of other keys, numbers in their order. */
function byLetter(object: Record<string, unknown>): string[] | null {
  const keys = Object.keys(object).filter((key) => object[key] !== null && object[key] !== '');
  const places = keys.map((key) => {
    const [, letter, number] = /^\W*(?:(?:option|choice)[_ ]?)?(?:([A-Za-z])|(\d+))\W*$/i.exec(key) ?? [];
    return letter ? indexOfLetter(letter) : number ? Number(number) : -1;
  });
  if (keys.length < 2 || new Set(places).size < keys.length || places.includes(-1)) return null;
  const order = keys.map((key, i) => ({ key, at: places[i]! })).sort((a, b) => a.at - b.at);
  return texts(order.map(({ key }) => object[key]));
}
