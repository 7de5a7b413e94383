import type { TracedPair } from './trace.ts';

type Fields = Record<string, unknown>;

/**
 * A line of a trace, checked as far as it is used: files may come from elsewhere.
 * @throws Error in words where something is missing or of another kind.
 */
export function readTracedPair(value: unknown): TracedPair {
  const pair = fields(value, 'the line');
  for (const name of ['step', 'pair']) {
    if (!Number.isSafeInteger(pair[name]) || (pair[name] as number) < 0) fail(name, 'a whole number');
  }
  text(pair, 'sample', '');
  flag(pair, 'kept', '');
  nullable(pair, 'delta', 'number');
  for (const name of ['penalised', 'effect', 'verdict']) nullable(pair, name, 'string');
  const views = list(pair, 'views', '');
  if (views.length === 0) fail('views', 'a list that is not empty');
  views.forEach((view, v) => checkView(view, `views[${v}]`));
  return value as TracedPair;
}

function checkView(value: unknown, place: string): void {
  const view = fields(value, place);
  if (view.view !== 'original' && view.view !== 'mirror') fail(`${place}.view`, '"original" or "mirror"');
  text(view, 'question', place);
  text(view, 'answer', place);
  list(view, 'images', place);
  list(view, 'group', place).forEach((one, g) => checkCompletion(one, `${place}.group[${g}]`));
}

function checkCompletion(value: unknown, place: string): void {
  const completion = fields(value, place);
  flag(completion, 'right', place);
  for (const name of ['penalty', 'reward', 'advantage']) {
    if (typeof completion[name] !== 'number') fail(`${place}.${name}`, 'a number');
  }
  if (completion.answer_text !== null) text(completion, 'answer_text', place);
  for (const [name, part] of Object.entries(fields(completion.rewards, `${place}.rewards`))) {
    const { value: worth } = fields(part, `${place}.rewards.${name}`);
    if (typeof worth !== 'number') fail(`${place}.rewards.${name}.value`, 'a number');
  }
  list(completion, 'segments', place).forEach((segment, s) => {
    text(fields(segment, `${place}.segments[${s}]`), 'text', `${place}.segments[${s}]`);
  });
}

function fields(value: unknown, place: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(place, 'an object');
  return value as Fields;
}

function list(parent: Fields, name: string, place: string): unknown[] {
  if (!Array.isArray(parent[name])) fail(join(place, name), 'a list');
  return parent[name];
}

function text(parent: Fields, name: string, place: string): void {
  if (typeof parent[name] !== 'string') fail(join(place, name), 'a text');
}

function flag(parent: Fields, name: string, place: string): void {
  if (typeof parent[name] !== 'boolean') fail(join(place, name), 'true or false');
}

function nullable(parent: Fields, name: string, type: 'number' | 'string'): void {
  if (parent[name] !== null && typeof parent[name] !== type)
    fail(name, type === 'number' ? 'a number or null' : 'a text or null');
}

const join = (place: string, name: string) => (place ? `${place}.${name}` : name);

function fail(place: string, wanted: string): never {
  throw new Error(`${place} must be ${wanted}.`);
}
