import { printable } from '../../base/printable.ts';
import type { z } from 'zod';
import { nearest, type Problem } from '../../base/problem.ts';
import { demandOf } from '../../base/record.ts';
import { valueAt, withValue, type Tree } from './tree.ts';

/** Maximum number of unknown fields per section with an explanation; further unknown fields are only counted. */
const EXPLAINED = 20;
/** Demand on a value that must be a section. */
const FIELDS = 'fields with values';
/** Maximum number of field names in a message. */
const LISTED = 20;

/**
 * Rewords Zod's issues for the author of the file. Reports a missing field whose name is misspelt only once, as a
 * misspelt name.
 * @param schema schema that the file was checked against.
 * @param tree values of the file
 */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  tree: unknown,
): Problem[] {
  const all = issues.flatMap((issue) => [
    ...describeIssue(issue, schema),
    ...(issue.code === 'invalid_union' ? behindKind(issue, schema, tree) : []),
  ]);
  const problems = all.filter((problem, i) => all.findIndex(isSame(problem)) === i);
  const meant = problems.flatMap(({ code, path, typo }) =>
    code === 'unknown-field' && typo ? [path!.slice(0, -typo.word.length) + typo.meant] : [],
  );
  return problems.filter(({ code, path }) => code !== 'missing' || !meant.includes(path!));
}

/** Returns the problems that a wrong `recipe` or `kind` hides: those that every choice has, whatever was meant. */
function behindKind({ path }: z.core.$ZodIssueInvalidUnion, schema: z.ZodType, tree: unknown): Problem[] {
  const at = path.map(String);
  const choices = path.every((key) => typeof key === 'string') ? choicesOf(schema, at) : [];
  const [first, ...others] = choices.map((choice) => {
    const chosen = withValue(tree as Tree, at, choice);
    const { error } = schema.safeParse(chosen, { reportInput: true });
    return error ? describeIssues(error.issues, schema, chosen) : [];
  });
  return (first ?? []).filter((problem) => others.every((problems) => problems.some(isSame(problem))));
}

const isSame = (problem: Problem) => (other: Problem) =>
  other.path === problem.path && other.message === problem.message;

function describeIssue(issue: z.core.$ZodIssue, schema: z.ZodType): Problem[] {
  const path = issue.path.map(String);
  const problem = (
    code: string,
    message: string,
    fix?: string,
    key?: string,
    typo?: Problem['typo'],
  ): Problem => ({
    severity: 'error',
    code,
    message,
    path: [...path, ...(key === undefined ? [] : [key])].join('.'),
    ...(fix && { fix }),
    ...(typo && { typo }),
  });
  const name = path.join('.') || 'the file';
  if (issue.code === 'unrecognized_keys') {
    const keys = siblings(schema, path);
    const fields = fieldsOf(shapesAt(schema, path).filter((shape) => isOfKind(shape, issue.input)));
    const { length } = issue.keys;
    const more = length > EXPLAINED ? [issue.keys[EXPLAINED]!] : [];
    const rest = more.map((key) =>
      problem('unknown-field', `${length - EXPLAINED} more unknown fields.`, undefined, key),
    );
    const explained = issue.keys.slice(0, EXPLAINED).map((key) => {
      const near = nearest(key, keys);
      return problem(
        'unknown-field',
        `Unknown field "${key}".`,
        keys.includes(key)
          ? `The field belongs to ${ownersOf(key, schema, path)}. ${START[key] ?? 'Remove the field, or choose a matching preset.'}`
          : near
            ? `Did you mean "${near}"?`
            : (elsewhere(key, schema, path, issue.input) ?? START[key] ?? listOf(fields)),
        key,
        near === undefined || keys.includes(key) ? undefined : { word: key, meant: near },
      );
    });
    return [...explained, ...rest];
  }
  // Custom rewards can have any name, but a section without a command is a misspelt reward name.
  if (path.length === 3 && path[0] === 'rewards' && path[2] === 'command' && issue.input === undefined) {
    const [, key] = path as [string, string];
    const rewards = siblings(schema, ['rewards']);
    const near = nearest(key, rewards);
    return [
      {
        severity: 'error',
        code: 'unknown-field',
        message: `Unknown field "${key}".`,
        path: `rewards.${key}`,
        fix: near
          ? `Did you mean "${near}"?`
          : `Known rewards: ${rewards.join(', ')}. A custom reward requires a command (docs/training.md).`,
        ...(near && { typo: { word: key, meant: near } }),
      },
    ];
  }
  if ('input' in issue && issue.input === undefined && issue.code !== 'custom') {
    return [problem('missing', `"${name}" is missing.`, howToSet(schema, path))];
  }
  if (issue.code === 'invalid_key')
    return [problem('name', `"${path.at(-1)!}": ${issue.issues[0]!.message}.`)];
  const refused = (code: string, demand: string, input: unknown, values: readonly string[]): Problem[] => {
    const got = input === undefined ? '' : `, not ${printable(JSON.stringify(input), 100)}`;
    const message = `"${name}": ${demand}${got}.`;
    if (demand.includes(FIELDS)) {
      const fields = siblings(schema, path);
      const [type] = typesUnder([schema], path);
      return [problem(code, message, fields.length > 0 ? listOf(fields) : descriptionOf(type))];
    }
    const meant = typeof input === 'string' ? nearest(input, values) : undefined;
    if (meant === undefined) return [problem(code, message)];
    return [problem(code, message, `Did you mean "${meant}"?`, undefined, { word: input as string, meant })];
  };
  if (issue.code === 'invalid_union') {
    const choices = choicesOf(schema, path);
    const word = choices.length > 0 ? valueAt(issue.input, path.slice(-1)) : issue.input;
    const values = choices.length > 0 ? choices : issue.errors.flat().flatMap(valuesOf);
    const list = values.join(', ');
    if (word === undefined) return [problem('missing', `"${name}" is missing.`, `Choose from ${list}.`)];
    return refused('one-of', `must be ${list === '' ? 'of another type' : `one of ${list}`}`, word, values);
  }
  const demand = ['invalid_type', 'invalid_value', 'too_small', 'too_big'].includes(issue.code)
    ? `must be ${demandOf(issue).replace('an object', FIELDS)}`
    : issue.message.replace(/^Invalid \w+: /, '');
  return refused('value', demand, issue.input, valuesOf(issue));
}

/** Returns the problems of empty fields. Some are unknown whatever their value, such as fields of another recipe. */
export function describeEmpty(empty: readonly string[], tree: Tree, schema: z.ZodType): Problem[] {
  const filled = empty.reduce((values, path) => withValue(values, path.split('.'), {}), tree);
  const { issues = [] } = schema.safeParse(filled, { reportInput: true }).error ?? {};
  const unknown = describeIssues(issues, schema, filled).filter(({ code }) => code === 'unknown-field');
  const fix = 'Enter a value, or enter `null` to remove the field.';
  return empty.map(
    (at) => unknown.find(({ path }) => path === at) ?? error(at, 'value', `"${at}" has no value.`, fix),
  );
}

const listOf = (fields: readonly string[]): string | undefined =>
  fields.length > LISTED
    ? 'In VS Code, press Ctrl+Space on an empty line to list the fields. docs/training.md describes the fields.'
    : fields.length > 0
      ? `Known fields: ${fields.join(', ')}.`
      : undefined;

const valuesOf = (issue: z.core.$ZodIssue): string[] =>
  issue.code === 'invalid_value' ? issue.values.map(String) : [];

/**
 * Rewords the problems of a config after `null` removed fields. Required fields cannot be removed. Fields outside the
 * schema are misspelt, except rewards, which can have any name.
 * @param removed paths of the removed fields
 * @param tree the config with these nulls
 */
export function describeRemoved(
  removed: readonly string[][],
  tree: Tree,
  problems: readonly Problem[],
  schema: z.ZodType,
): Problem[] {
  const paths = removed.map((path) => path.join('.'));
  const required = problems.map((problem) =>
    problem.code === 'missing' && paths.includes(problem.path!)
      ? error(
          problem.path!,
          'required',
          `"${problem.path}" cannot be removed, because every run requires it.`,
          'Set the field.',
        )
      : problem,
  );
  const misspelt = removed.flatMap((path) => {
    const above = path.slice(0, -1);
    const key = path.at(-1)!;
    const fields = siblings(schema, above);
    const isFree = fields.length === 0 || (above.join('.') === 'rewards' && !nearest(key, fields));
    if (fields.includes(key) || isFree) return [];
    const input = valueAt(tree, above) as Tree;
    return describeIssue({ code: 'unrecognized_keys', keys: [key], path: above, message: '', input }, schema);
  });
  return [...required, ...misspelt];
}

/** Returns the field names of a schema under a path, including all members of a union. */
const siblings = (schema: z.ZodType, path: string[]): string[] => fieldsOf(shapesAt(schema, path));

const fieldsOf = (shapes: readonly Shape[]): string[] => [
  ...new Set(shapes.flatMap((shape) => Object.keys(shape))),
];

/** Returns the recipes or else the kinds of a section with a field, such as `GRPO` or `engine kind torch`. */
function ownersOf(key: string, schema: z.ZodType, path: readonly string[]): string {
  const valuesIn = (name: string, shapes: readonly Shape[]) =>
    shapes.flatMap((shape) => [...((shape[name] as Literal | undefined)?.values ?? [])].map(String));
  const owns = (shape: Shape) => key in shape;
  const recipes = shapesAt(schema, []);
  const owners = recipes.filter((recipe) => shapesUnder([{ def: { shape: recipe } }], path).some(owns));
  return owners.length < recipes.length
    ? valuesIn('recipe', owners).join(' or ').toUpperCase().replaceAll(' OR ', ' or ')
    : `${path.at(-1)!} kind ${[...new Set(valuesIn('kind', shapesAt(schema, path).filter(owns)))].join(' or ')}`;
}

/** Whether a value can belong to a member of a union, because both have the same `kind`. */
const isOfKind = (shape: Shape, input: unknown): boolean =>
  (shape.kind as Literal | undefined)?.values?.has((input as { kind?: unknown }).kind) ?? true;

/** What is meant by a field of an engine that has no such field. */
const START: Readonly<Record<string, string>> = {
  model: 'To start from a checkpoint of a run, set "init" to its folder.',
};

/**
 * Returns the sections that have a field with this name or, for a field outside a section, a similar name; undefined if
 * none or too many have one.
 * @param input values of the section with the unknown field
 */
function elsewhere(
  key: string,
  schema: z.ZodType,
  inside: readonly string[],
  input: unknown,
): string | undefined {
  const places = siblings(schema, []).flatMap((section) => {
    const values = inside.length === 0 ? ((input as Tree | undefined)?.[section] ?? {}) : {};
    const fields = fieldsOf(shapesAt(schema, [section]).filter((shape) => isOfKind(shape, values)));
    const near = nearest(key, fields);
    if (near === undefined || (near !== key && inside.length > 0)) return [];
    // Short words resemble too many other words: `stop` does not mean `scope`.
    if (!near.includes(key) && key.length < 6) return [];
    return [{ path: `"${section}.${near}"`, exact: near === key }];
  });
  const exact = places.filter((field) => field.exact);
  const paths = (exact.length > 0 ? exact : places).map(({ path }) => path);
  return paths.length > 0 && paths.length <= 3 ? `Did you mean ${paths.join(' or ')}?` : undefined;
}

/** Explains how to set a missing field. Only run configs have presets. */
function howToSet(schema: z.ZodType, path: string[]): string {
  if (siblings(schema, []).includes('preset')) return 'Set the field, or choose a preset that sets it.';
  const inside = siblings(schema, path);
  return inside.length > 0 ? `Set the section. Its fields are ${inside.join(', ')}.` : 'Set the field.';
}

/** Returns the values of the field that selects a member of a union; empty for other unions. */
function choicesOf(schema: z.ZodType, path: string[]): string[] {
  const last = path.at(-1);
  if (last === undefined) return [];
  const values = shapesAt(schema, path.slice(0, -1)).flatMap(
    (shape) => (shape[last] as Literal | undefined)?.values ?? [],
  );
  return [...new Set(values.flatMap((set) => [...set]).map(String))];
}

type Shape = Record<string, unknown>;
type Literal = { values?: Set<unknown> };

const shapesAt = (schema: z.ZodType, path: readonly string[]): Shape[] => shapesUnder([schema], path);

const shapesUnder = (types: readonly unknown[], path: readonly string[]): Shape[] =>
  typesUnder(types, path).flatMap(objectsOf);

const typesUnder = (types: readonly unknown[], path: readonly string[]): readonly unknown[] =>
  path.reduce((above, key) => above.flatMap((type) => valuesAt(type, key)), types);

/** Returns the description of a field, which contains an example if its values are free. */
const descriptionOf = (type: unknown): string | undefined => {
  const { description, def } = (type ?? {}) as { description?: string; def?: { innerType?: unknown } };
  return description ?? (def?.innerType ? descriptionOf(def.innerType) : undefined);
};

function valuesAt(type: unknown, key: string): unknown[] {
  const { valueType } = (type as { def: { valueType?: unknown } }).def; // Records have arbitrary keys.
  if (valueType) return [valueType];
  return objectsOf(type).flatMap((shape) => (key in shape ? [shape[key]] : []));
}

/** Returns the object shapes inside a type. Resolves defaults, optionals and unions. */
function objectsOf(type: unknown): Shape[] {
  const def = (type as { def?: { shape?: Shape; options?: unknown[]; innerType?: unknown } }).def;
  if (!def) return [];
  if (def.shape) return [def.shape];
  if (def.options) return def.options.flatMap(objectsOf);
  return def.innerType ? objectsOf(def.innerType) : [];
}

type Maker = (path: string, code: string, message: string, fix: string) => Problem;

export const error: Maker = (path, code, message, fix) => ({ severity: 'error', code, message, path, fix });
export const warning: Maker = (path, code, message, fix) => ({
  severity: 'warning',
  code,
  message,
  path,
  fix,
});
