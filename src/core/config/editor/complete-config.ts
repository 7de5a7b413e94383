import { isRecord } from '../../../base/json.ts';
import { valueAt, type Tree } from '../tree.ts';
import { defaultTexts, describe, isSection, removalText, valueText } from './hover.ts';
import { type ConfigFrame, contextWithPreset, type Presets, treeOf } from './presets.ts';
import { alternatives, choicesOf, type ConfigKind, rootOf, schemasAt, type Schema } from './schema.ts';
import { cursorAt, type Cursor } from './cursor.ts';
import { PAIR } from '../../../rows/view-list.ts';

export interface Completion {
  label: string;
  kind: 'field' | 'section' | 'value';
  /** Text that the completion inserts, in VS Code's snippet syntax. */
  snippet: string;
  /** Short text next to the label of the completion: the default value, or a description. */
  detail: string;
  /** Description of the completion in Markdown. */
  about: string;
  /** True if the editor must offer values directly after it inserts the completion. */
  next: boolean;
}

export interface Completions {
  /** Offset of the start of the word that the completion replaces; `to` is the offset of its end. */
  from: number;
  to: number;
  items: Completion[];
  /** True if a data file can be the value at this position. */
  dataFiles: boolean;
}

/** Returns the completions at a position in a config; null if the position has none. */
export function completeConfig(
  text: string,
  offset: number,
  presets: Presets,
  kind: ConfigKind = 'run',
): Completions | null {
  const cursor = cursorAt(text, offset);
  if (!cursor) return null;
  const { from, to } = cursor;
  const frame = contextWithPreset(kind, cursor.path, treeOf(cursor.rest), presets);
  const { path, written, preset, values } = frame;
  const isVaried = frame.kind === 'sweep' && cursor.kind === 'key' && path.at(-1) === 'vary';
  const items = isVaried
    ? variedFields()
    : cursor.kind === 'key'
      ? keys({ ...cursor, path }, frame.kind, written, values, preset)
      : [...valuesAt(path, frame.kind, values, presets), ...(cursor.inList ? [] : removal(frame))];
  if (cursor.quoted) for (const item of items) item.snippet = item.snippet.replace(/^'(.*)'$/, '$1');
  return { from, to, items, dataFiles: cursor.kind === 'value' && isDataFile(path) };
}

/** Returns the completion `null`, which removes a setting of a preset or of a sweep's base. */
function removal(frame: ConfigFrame): Completion[] {
  const about = removalText(frame);
  return about === '' ? [] : [valueItem('null', about, 'remove')];
}

const isDataFile = (path: readonly string[]): boolean =>
  path[0] === 'data' && (path[1] === 'train' ? path.length === 2 : path[1] === 'eval' && path.length === 3);

/** Returns completions for the fields that a sweep can vary, each with a list of values. */
const variedFields = (): Completion[] =>
  leavesOf(rootOf('run')).map(({ path, schemas }) => ({
    label: path,
    kind: 'field',
    snippet: `${path}: [$1]`,
    detail: defaultTexts(schemas).join(' or '),
    about: describe(schemas),
    next: true,
  }));

/** Returns all fields below a schema that have a value instead of fields of their own, with their paths. */
function leavesOf(schema: Schema, above: readonly string[] = []): { path: string; schemas: Schema[] }[] {
  const leaves = new Map<string, Schema[]>();
  for (const { properties = {} } of alternatives(schema)) {
    for (const [key, field] of Object.entries(properties)) {
      const path = [...above, key];
      const inner = alternatives(field).some(isSection)
        ? leavesOf(field, path)
        : [{ path: path.join('.'), schemas: alternatives(field) }];
      for (const { path, schemas } of inner) leaves.set(path, [...(leaves.get(path) ?? []), ...schemas]);
    }
  }
  return [...leaves].map(([path, schemas]) => ({ path, schemas }));
}

function keys(
  cursor: Cursor,
  kind: ConfigKind,
  written: Tree,
  values: Tree,
  preset: { name: string; tree: Tree } | null,
): Completion[] {
  const { path, hasColon } = cursor;
  const holder = valueAt(written, path);
  const taken = isRecord(holder) ? Object.keys(holder) : [];
  const maps = schemasAt(path, values, kind);
  const names = [...new Set(maps.flatMap(({ properties = {} }) => Object.keys(properties)))];
  return names
    .filter((name) => !taken.includes(name))
    .map((name) => {
      const schemas = fieldsNamed(name, maps);
      const section = schemas.some(isSection);
      const inherited = preset ? valueAt(preset.tree, [...path, name]) : undefined;
      const given = inherited !== undefined && !section;
      const needed = inherited === undefined && maps.every(({ required = [] }) => required.includes(name));
      const rest = section ? sectionSnippet(cursor) : ` ${valueSnippet(schemas)}`;
      return {
        label: name,
        kind: section ? 'section' : 'field',
        snippet: hasColon ? name : `${name}:${rest}`,
        detail: needed ? 'required' : given ? valueText(inherited) : defaultTexts(schemas).join(' or '),
        about: describe(schemas, preset && given ? { name: preset.name, value: inherited } : undefined),
        next: !hasColon && (section || ['preset', 'train', 'keep_best'].includes(name)),
      };
    });
}

const fieldsNamed = (name: string, maps: readonly Schema[]): Schema[] =>
  maps.flatMap(({ properties = {} }) => properties[name] ?? []).flatMap(alternatives);

/** In block style, VS Code indents the line after a key relative to this key. */
const sectionSnippet = ({ inFlow }: Cursor): string => (inFlow ? ' { $0 }' : '\n  $0');

/** Returns a snippet with the default value to overwrite, or with the possible values, starting with the default. */
function valueSnippet(schemas: readonly Schema[]): string {
  const [fallback] = defaultTexts(schemas);
  const choices = schemas.flatMap(choicesOf).map(valueText);
  if (choices.length > 0) {
    const first = choices.filter((choice) => choice === fallback);
    const texts = [...new Set([...first, ...choices])].map((choice) => escaped(choice, /[\\,|]/g));
    return texts.length === 1 ? texts[0]! : `\${1|${texts.join(',')}|}`;
  }
  return fallback === undefined ? '$1' : `\${1:${escaped(fallback, /[\\$}]/g)}}`;
}

const escaped = (text: string, special: RegExp): string => text.replace(special, '\\$&');

function valuesAt(path: readonly string[], kind: ConfigKind, values: Tree, presets: Presets): Completion[] {
  if (path.join('.') === 'preset') return presets.list().map(({ name, about }) => valueItem(name, about));
  if (path.join('.') === 'checkpoint.keep_best') return evaluated(values).map((figure) => valueItem(figure));
  // Ignores the value that the user is typing, so that it does not select a branch of the schema.
  const schemas = fieldsNamed(path.at(-1)!, schemasAt(path.slice(0, -1), without(values, path), kind));
  const defaults = defaultTexts(schemas);
  // In a list, the completions are the possible items.
  const choices = schemas
    .flatMap(({ items, ...schema }) => items ?? [schema])
    .flatMap((schema) =>
      choicesOf(schema).map((value) => ({
        text: valueText(value),
        about: schema.const ? describe([schema]) : '',
      })),
    );
  if (choices.length === 0) return defaults.map((text) => valueItem(text, '', 'default'));
  return [...new Map(choices.map(({ text, about }) => [text, about]))].map(([text, about]) =>
    valueItem(text, about, defaults.includes(text) ? 'default' : ''),
  );
}

const valueItem = (label: string, about = '', detail = ''): Completion => ({
  label,
  kind: 'value',
  snippet: escaped(label, /[\\$}]/g),
  detail,
  about,
  next: false,
});

/** Returns the values without the value at a path. */
function without(values: Tree, [key, ...rest]: readonly string[]): Tree {
  const { [key!]: value, ...others } = values;
  return rest.length > 0 && isRecord(value) ? { ...others, [key!]: without(value, rest) } : others;
}

/** Returns the values that `checkpoint.keep_best` accepts: each evaluation set with each view. */
function evaluated(values: Tree): string[] {
  const sets = valueAt(values, ['data', 'eval']);
  const views = valueAt(values, ['evaluate', 'views']);
  const names = Array.isArray(views) ? views.map(String) : PAIR;
  return isRecord(sets) ? Object.keys(sets).flatMap((set) => names.map((view) => `${set}/${view}`)) : [];
}
