import { isRecord } from '../../base/json.ts';
import { nameKey } from '../read/names.ts';
import { usualFrame } from './predicates.ts';
import { oneOf, readName, readNumber, takeField, replaceField, type Repair } from './read-fields.ts';
import type { NestedRelation } from './read-objects.ts';
import type { SceneObject, SceneRelation } from './scene-graph.ts';

const SUBJECT_KEYS = ['subject', 'from', 'source', 'subj', 'subject_id', 'head', 'object1', 'node1', 'start'];
const OBJECT_KEYS = ['object', 'to', 'target', 'obj', 'object_id', 'tail', 'object2', 'node2', 'end'];
const PREDICATE_KEYS = ['predicate', 'relation', 'relationship', 'rel', 'type', 'label', 'name', 'edge'];

/**
 * Reads the edges of a graph: records, triples, sentences such as `cup -> left of -> plate`, a map from predicate to
 * pairs, and edges inside objects. An endpoint is an id, a label or an object; labels become ids. If the graph lists no
 * objects at all, adds the objects in edges; otherwise, the validator reports unlisted objects.
 */
export function readRelations(
  raw: unknown,
  nested: readonly NestedRelation[],
  objects: SceneObject[],
  repair: Repair,
): SceneRelation[] {
  let list: unknown[] = [];
  if (Array.isArray(raw)) list = raw;
  else if (isRecord(raw)) {
    repair('map', 'relations', 'A map from predicate to pairs was read as a list.');
    list = Object.entries(raw).flatMap(([predicate, pairs]) =>
      (Array.isArray(pairs) ? (pairs as unknown[]) : []).map((pair) =>
        Array.isArray(pair) ? [pair[0], predicate, pair[1]] : pair,
      ),
    );
  } else repair('unreadable', 'relations', '"relations" is neither a list nor a map.');

  const find = endpoints(objects, repair);
  const written = list.map((entry, i) => readRelation(entry, `relations[${i}]`, find, repair));
  const moved = nested.map(({ subject, relation }, i) =>
    readRelation(
      isRecord(relation) ? { subject, ...relation } : relation,
      `relations[${list.length + i}]`,
      find,
      repair,
    ),
  );
  return [...written, ...moved].filter((relation) => relation !== null);
}

type Endpoint = (value: unknown, path: string) => string | undefined;

function endpoints(objects: SceneObject[], repair: Repair): Endpoint {
  const ids = new Set(objects.map((object) => object.id));
  /** First object with each name, and whether further objects share the name. */
  const byLabel = new Map<string, { id: string; shared: boolean }>();
  for (const { id, label } of objects) {
    const key = nameKey(label);
    const first = byLabel.get(key);
    if (first) first.shared = true;
    else byLabel.set(key, { id, shared: false });
  }
  const add = objects.length === 0;
  return (value, path) => {
    const name = endpointName(value);
    if (name === undefined) return undefined;
    if (ids.has(name)) {
      if (value !== name) repair('converted', path, `The endpoint was replaced by its id, "${name}".`);
      return name;
    }
    const called = byLabel.get(nameKey(name));
    if (called) {
      const { id, shared } = called;
      if (shared)
        repair('ambiguous', path, `"${name}" is the label of several objects. The edge uses "${id}".`);
      else repair('resolved', path, `"${name}" was resolved to the object "${id}".`);
      return id;
    }
    if (!add) {
      if (value !== name) repair('converted', path, `The endpoint was replaced by the string "${name}".`);
      return name;
    }
    objects.push({ id: name, label: name });
    ids.add(name);
    byLabel.set(nameKey(name), { id: name, shared: false });
    repair('added-object', path, `The object "${name}" occurs only in an edge and was added.`);
    return name;
  };
}

function readRelation(entry: unknown, path: string, find: Endpoint, repair: Repair): SceneRelation | null {
  const record = asRecord(entry, path, repair);
  const leaveOut = () => {
    repair('unreadable', path, 'The relation lacks a subject, a predicate or an object.');
    return null;
  };
  if (!record) return leaveOut();
  const rawSubject = takeField(record, SUBJECT_KEYS, path, repair, isNamed);
  const rawObject = takeField(record, OBJECT_KEYS, path, repair, isNamed);
  const rawPredicate = takeField(record, PREDICATE_KEYS, path, repair);
  const predicate = spaced(readName(rawPredicate) ?? '');
  if (predicate === '' || rawSubject === undefined || rawObject === undefined) return leaveOut();
  if (predicate !== rawPredicate)
    repair('converted', `${path}.predicate`, `The predicate was converted to "${predicate}".`);
  const subject = find(rawSubject, `${path}.subject`)!;
  const object = find(rawObject, `${path}.object`)!;
  for (const key of ['subject', 'predicate', 'object'])
    replaceField(record, key, path, repair, () => undefined);
  replaceField(record, 'frame', path, repair, oneOf('viewer', 'object', 'agent', 'world', 'none'));
  replaceField(record, 'value', path, repair, readValue);
  replaceField(record, 'confidence', path, repair, readNumber);
  replaceField(record, 'agent', path, repair, readName);
  if (record.frame === undefined) {
    record.frame = usualFrame(predicate);
    repair('missing-frame', path, `The frame was set to "${record.frame as string}".`);
  }
  const { frame, ...rest } = record;
  return { subject, predicate, object, frame: frame as SceneRelation['frame'], ...rest };
}

const endpointName = (value: unknown) =>
  readName(isRecord(value) ? (value.id ?? value.object_id ?? value.label ?? value.name) : value);
const isNamed = (value: unknown) => endpointName(value) !== undefined;

/**
 * Inserts spaces into a predicate: `left_of`, `leftOf`, `left-of` → `left of`. Keeps hyphens inside words such as
 * `front-left`.
 */
function spaced(predicate: string): string {
  return predicate
    .replace(/_+/g, ' ')
    .replace(/(\p{Ll})(\p{Lu})/gu, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
    .replace(/-(of|to|from)\b/g, ' $1')
    .trim();
}

function asRecord(entry: unknown, path: string, repair: Repair): Record<string, unknown> | null {
  if (isRecord(entry)) return { ...entry };
  let parts: unknown[] | null = Array.isArray(entry) ? (entry as unknown[]) : null;
  if (typeof entry === 'string') {
    parts = entry
      .replace(/^[\s([<]+|[\s)\]>.]+$/g, '')
      .split(/\s*(?:-+>|→|--|,|\|)\s*/)
      .filter(Boolean);
  }
  // 3DSSG: subject, object, number of the predicate, and its name.
  if (parts?.length === 4 && typeof parts[2] === 'number') parts = [parts[0], parts[3], parts[1]];
  if (parts?.length !== 3) return null;
  repair('triple', path, 'A triple was read as subject, predicate and object.');
  const [subject, predicate, object] = parts;
  return { subject, predicate, object };
}

/** Reads a value with a unit: `{n: 2, unit: "m"}`, `2` (metres) or `"2.5 m"`. */
function readValue(value: unknown): SceneRelation['value'] | undefined {
  if (isRecord(value)) {
    const n = readNumber(value.n ?? value.value);
    const unit = readName(value.unit) ?? 'm';
    return n === undefined ? undefined : { n, unit };
  }
  if (typeof value === 'number') return { n: value, unit: 'm' };
  const match = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(value) : null;
  return match ? { n: Number(match[1]), unit: match[2]! } : undefined;
}
