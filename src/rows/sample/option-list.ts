import { isRecord } from '../../base/json.ts';
import { readLenient } from '../../base/lenient-json.ts';
import { indexOfLetter } from '../../base/item-names.ts';

/** Maximum length of a list of options that is parsed, in characters. */
const MOST = 20_000;
/** Matches Python's notation of an array around a list: `array(['a', 'b'], dtype=object)`. */
const ARRAY = /^(?:np\.|numpy\.)?array\(\s*([[(].*[\])])\s*(?:,\s*dtype=[^)]*)?\)$/s;
/** Matches the boundary between options in a list with unescaped quotation marks or without commas. */
const BETWEEN = /(?<=['"])\s*,\s*(?=['"])|(?<=['"])\s+(?=['"])/;

/**
 * Returns the options in a cell: a list, its JSON or Python notation, or an object with letter keys; else null.
 * @param marks whether options keep their letters, as in `['A. left', 'B. right']`
 */
export function listedOptions(cell: unknown, { marks = true } = {}): string[] | null {
  const options = optionsOf(cell);
  return options && !marks ? withoutMarks(options) : options;
}

function optionsOf(cell: unknown): string[] | null {
  if (Array.isArray(cell)) return texts(cell);
  if (isRecord(cell)) return byLetter(cell);
  if (typeof cell !== 'string' || cell.length > MOST) return null;
  const text = cell.trim();
  const plain = ARRAY.exec(text)?.[1]?.trim() ?? text;
  if (!/^(?:\[.*\]|\(.*\)|\{.*\})$/s.test(plain)) return null;
  const bare = /^[[(]([^'"[\](){}]*)[\])]$/.exec(plain)?.[1];
  if (bare !== undefined) return unquoted(bare);
  // A printed array has no commas, and an apostrophe in a faulty list would end a string, so first read such lists.
  const apart = quoted(plain);
  const read = readLenient(plain, 0);
  const whole = read?.end === plain.length && read.repairs.every(({ code }) => code !== 'unreadable');
  const value = whole ? read.value : null;
  if (isRecord(value)) return byLetter(value);
  const listed = Array.isArray(value) ? texts(value) : null;
  return apart && (!listed || apart.length !== listed.length) ? apart : listed;
}

/** Matches a letter before an option: `A. ` in `['A. left', 'B. right']`. */
const OWN_MARK = /^\s*(?:\(([A-Za-z])\)|([A-Za-z])[.):])\s*(?=\S)/;

/** Removes the letters from options if each option begins with its own letter. */
function withoutMarks(options: readonly string[]): string[] {
  const marks = options.map((option) => OWN_MARK.exec(option));
  const isLettered = marks.every((mark, i) => mark && indexOfLetter((mark[1] ?? mark[2])!) === i);
  return isLettered ? options.map((option, i) => option.slice(marks[i]![0].length).trim()) : [...options];
}

/** Returns the strings of a list if all of them are quoted; null for other texts. */
function quoted(text: string): string[] | null {
  if (!/^[[(]\s*(['"]).*['"]\s*,?\s*[\])]$/s.test(text)) return null;
  const inside = text.slice(1, -1).trim().replace(/,$/, '').trim();
  const parts = inside.split(BETWEEN).map((part) => /^(['"])(.*)\1$/s.exec(part.trim())?.[2]);
  return parts.every((part) => part !== undefined)
    ? parts.map((part) => part.replace(/\\(['"\\])/g, '$1').replace(/\\n/g, '\n'))
    : null;
}

/** Returns the numbers and words of a list as they are written, so that 3.50 keeps its digits. */
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

/** Returns the values of `{"A": …, "B": …}` in the order of its keys, which are letters or numbers. */
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
