import { stringify } from 'yaml';
import { choicesOf, type ConfigKind, type Schema, schemasAt } from './schema.ts';
import { isRecord } from '../../../base/json.ts';
import { merge, type Tree, valueAt } from '../tree.ts';
import { type ConfigFrame, contextWithPreset, type Presets, treeOf } from './presets.ts';
import { fieldAt } from './cursor.ts';

/** Formats a value for a config. Quotes values that another YAML parser would misread. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  const text = stringify(value, { version: '1.1', lineWidth: 0 }).trim();
  return typeof value === 'string' && text.startsWith('"') ? `'${value.replaceAll("'", "''")}'` : text;
}

const code = (value: unknown) => `\`${valueText(value)}\``;

/** Describes the possible values of a field. */
function demand(schema: Schema): string {
  const choices = choicesOf(schema);
  if (schema.type === 'boolean') return '';
  if (choices.length > 0) return choices.map(code).join(', ');
  if (schema.type === 'array') {
    const item = Array.isArray(schema.items) ? null : schema.items;
    const each = item ? demand(item) : '';
    return each === '' || each === 'text' ? 'list' : `list of ${each}`;
  }
  if (schema.type !== 'integer' && schema.type !== 'number') return schema.type === 'string' ? 'text' : '';
  const name = schema.type === 'integer' ? 'whole number' : 'number';
  const { minimum: low = -Infinity, maximum: high = Infinity, exclusiveMinimum: above } = schema;
  const [bottom, top] = [low > Number.MIN_SAFE_INTEGER, high < Number.MAX_SAFE_INTEGER];
  if (above !== undefined) return top ? `${name} above ${above}, up to ${high}` : `${name} above ${above}`;
  if (bottom && top) return `${name} from ${low} to ${high}`;
  return bottom ? `${name} from ${low}` : name;
}

export const isSection = ({ type }: Schema): boolean => type === 'object';

/**
 * Describes a field in Markdown: meaning, values, default, notes from the papers, and trade-off.
 * @param alternatives schemas of the field in different branches of the schema; equal texts appear once.
 * @param preset value of the field in the config's preset, if any.
 */
export function describe(alternatives: readonly Schema[], preset?: { name: string; value: unknown }): string {
  const each = (text: (schema: Schema) => string | undefined) =>
    [...new Set(alternatives.map(text))].filter(
      (found): found is string => found !== undefined && found !== '',
    );
  const defaults = defaultTexts(alternatives).map((text) => `\`${text}\``);
  const descriptions = each(({ description }) => description);
  const values = each(demand).filter((text) => !descriptions.some((each) => each.includes(text)));
  const value = alternatives.some(isSection)
    ? []
    : [values.join(', '), defaults.length > 0 ? `default ${defaults.join(' or ')}` : ''];
  const paragraphs = [
    ...descriptions,
    value.filter(Boolean).join(' · '),
    fieldsText(alternatives),
    preset && !alternatives.some(isSection) ? `Preset \`${preset.name}\`: ${code(preset.value)}` : '',
    headed(
      'In the papers',
      each(({ paper }) => paper),
    ),
    headed(
      'Trade-off',
      each(({ tradeoff }) => tradeoff),
    ),
  ];
  // Readers of a hover cannot know the numbers of docs/papers.md.
  const numbered = paragraphs.filter(Boolean).join('\n\n');
  return numbered.replace(/\((R\d+)\)/g, '(implementation choice $1, docs/papers.md)');
}

/** Returns texts below one heading; '' without texts. */
const headed = (heading: string, texts: readonly string[]): string =>
  texts.length === 0 ? '' : `**${heading}**: ${texts.join(' ')}`;

/** Maximum length of a default value in a list of fields. The hover of the field shows longer values. */
const LONGEST_DEFAULT = 30;

/** Returns the fields of a section, with their defaults; '' for other fields. */
function fieldsText(alternatives: readonly Schema[]): string {
  const fields = new Map<string, Schema[]>();
  for (const { properties = {} } of alternatives)
    for (const [name, schema] of Object.entries(properties))
      fields.set(name, [...(fields.get(name) ?? []), schema]);
  const texts = [...fields].map(([name, schemas]) => {
    const value = defaultTexts(schemas).join(' or ');
    return `\`${name}${value !== '' && value.length <= LONGEST_DEFAULT ? `: ${value}` : ''}\``;
  });
  return texts.length > 0 ? `Fields, with their defaults: ${texts.join(', ')}` : '';
}

/** Returns the default values of a field in the different branches of the schema, formatted for a config. */
export const defaultTexts = (alternatives: readonly Schema[]): string[] => [
  ...new Set(
    alternatives
      .filter((schema) => schema.default !== undefined && !isSection(schema))
      .map((schema) => valueText(schema.default)),
  ),
];

/**
 * Describes the effect of `null` on a field that a preset or a sweep's base sets; '' if neither sets the field, or if
 * the field is required.
 */
export function removalText({ kind, path, preset, values, below }: ConfigFrame): string {
  const maps = kind === 'run' ? schemasAt(path.slice(0, -1), values, kind) : [];
  const isNeeded = maps.length === 0 || maps.some(({ required = [] }) => required.includes(path.at(-1)!));
  if (isNeeded || valueAt(below, path) === undefined) return '';
  const where =
    preset && valueAt(preset.tree, path) !== undefined ? `preset \`${preset.name}\`` : 'the base config';
  return `\`null\` removes the value set by ${where}.`;
}

/** Explains a start from another condition or stage of the sweep; '' for other values. */
function startText({ path, all }: ConfigFrame, sweep: Tree): string {
  const field = path.join('.');
  const name = valueAt(all, path);
  if ((field !== 'init' && field !== 'engine.model') || typeof name !== 'string') return '';
  const sections = { cells: 'condition', stages: 'stage' };
  const what = Object.entries(sections).find(
    ([section]) => valueAt(sweep, [section, name]) !== undefined,
  )?.[1];
  return what === undefined
    ? ''
    : `${code(name)} is a ${what} of this sweep. The run starts from the last checkpoint of its run with the same seed.`;
}

export interface FieldHover {
  from: number;
  to: number;
  text: string;
}

/** Returns the description of the field at an offset; null if the schema does not contain the field. */
export function hoverConfig(
  text: string,
  offset: number,
  presets: Presets,
  kind: ConfigKind = 'run',
): FieldHover | null {
  const field = fieldAt(text, offset);
  if (!field) return null;
  const { from, to } = field;
  const tree = treeOf(text);
  const frame = contextWithPreset(kind, field.path, tree, presets);
  const { path, preset } = frame;
  const schemas = schemasAt(path, frame.values, frame.kind);
  if (schemas.length === 0) return null;
  const inherited = preset ? valueAt(preset.tree, path) : undefined;
  const about = describe(
    schemas,
    preset && inherited !== undefined ? { name: preset.name, value: inherited } : undefined,
  );
  const start =
    kind === 'sweep'
      ? startText(frame, isRecord(tree.small) && field.path[0] === 'small' ? merge(tree, tree.small) : tree)
      : '';
  const listed = path.join('.') === 'preset' ? presets.list() : [];
  const choices = listed.map(({ name, about: purpose }) => `- \`${name}\`: ${purpose}`).join('\n');
  const paragraphs = [`**${path.join('.')}**`, start, about, choices, removalText(frame)];
  return { from, to, text: paragraphs.filter(Boolean).join('\n\n') };
}
