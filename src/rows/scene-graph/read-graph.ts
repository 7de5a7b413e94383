import type { Problem } from '../../base/problem.ts';
import { findJson, type JsonSource } from '../../base/find-json.ts';
import { isRecord } from '../../base/json.ts';
import { isOwnForm, type SceneGraph, type SceneObject } from './scene-graph.ts';
import { oneOf, readAttributes, readNumber, readNumbers, replaceField, type Repair } from './read-fields.ts';
import { readObjects } from './read-objects.ts';
import { readRelations } from './read-relations.ts';
import { SYMMETRIES } from '../symmetry.ts';

/** Result of reading a text or value as a scene graph. */
export interface GraphReading {
  /** Scene graph; null if no JSON in the input could be a graph. */
  graph: SceneGraph | null;
  source: JsonSource;
  /** Whether the JSON was valid as written; true if the input is not text. */
  valid_json: boolean;
  /** All changes made to obtain the graph, as warnings with paths. Empty for a graph in its documented form. */
  repairs: Problem[];
}

const OBJECT_KEYS = ['objects', 'nodes', 'entities', 'object_list'];
const RELATION_KEYS = ['relations', 'relationships', 'edges', 'triples', 'triplets', 'object_relationships'];
const WRAPPERS = /^(?:scene[_ ]?graph|graph|json|output|result)$/i;

/**
 * Reads a scene graph in the forms of models and datasets: from text (see `findJson`) or from a decoded value. Converts
 * other field names, missing or numeric ids, edges that refer to objects by label, triples, attribute sentences and
 * boxes with named sides to the form of docs/reference.md. Lists each change, and keeps unknown keys. Never throws.
 */
export function readGraph(input: unknown): GraphReading {
  if (typeof input !== 'string') return fromValue(input, 'whole', true, []);
  const json = findJson(input, { accept: couldBeGraph, mend: true });
  if (!json) return { graph: null, source: 'raw', valid_json: false, repairs: [] };
  return fromValue(json.value, json.source, json.repairs.length === 0, json.repairs);
}

/** Maximum number of characters to read. A typical graph has a few thousand characters. */
const MOST_READ = 200_000;

/** Reads the scene graph in a model's text. Reads only the text's beginning, because a user can be waiting. */
export const graphIn = (text: string): GraphReading => readGraph(text.slice(0, MOST_READ));

/** Returns a row's scene graph in the form of docs/reference.md. `parseSample` also accepts other tools' forms. */
export function graphOf({ scene_graph: graph }: { scene_graph?: unknown }): SceneGraph | undefined {
  return graph === undefined || isOwnForm(graph) ? graph : (readGraph(graph).graph ?? undefined);
}

function couldBeGraph(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every((v) => isRecord(v) || isTriple(v));
  return isRecord(value);
}

const isTriple = (value: unknown) =>
  Array.isArray(value) && value.length === 3 && value.every((v) => typeof v === 'string');

function fromValue(
  input: unknown,
  source: JsonSource,
  valid_json: boolean,
  jsonRepairs: readonly Problem[],
): GraphReading {
  const repairs = [...jsonRepairs];
  const repair: Repair = (code, path, message) =>
    repairs.push({ severity: 'warning', code, message, ...(path && { path }) });
  const unwrapped = depthWithin(input, MAX_DEPTH) ? unwrap(input, repair) : null;
  if (!unwrapped) return { graph: null, source, valid_json, repairs };

  const value = { ...unwrapped };
  replaceField(value, 'image', '', repair, readImage);
  replaceField(value, 'frame', '', repair, oneOf('viewer'));
  replaceField(value, 'source', '', repair, oneOf('model', 'dataset', 'user'));
  replaceField(value, 'view', '', repair, oneOf(...SYMMETRIES));
  const take = (names: readonly string[]): unknown => {
    const name = names[0]!;
    const key = names.flatMap((known) => Object.keys(value).find((k) => plainKey(k) === known) ?? [])[0];
    if (key === undefined) {
      repair('missing-list', name, `"${name}" was missing. An empty list was added.`);
      return [];
    }
    const taken = value[key];
    if (key !== name) repair('renamed', key, `"${key}" was read as "${name}".`);
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete value[key];
    return taken;
  };
  const rawObjects = take(OBJECT_KEYS);
  const rawRelations = take(RELATION_KEYS);
  const { objects, nested } = readObjects(rawObjects, repair);
  const relations = readRelations(rawRelations, nested, objects, repair);
  moveAttributes(value, objects, repair);
  const graph: SceneGraph = { ...value, version: 1, objects, relations };
  return { graph, source, valid_json, repairs };
}

/** Maximum depth of nesting, so that malicious text cannot exhaust the stack. Real graphs are less deep. */
const MAX_DEPTH = 64;

function depthWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => depthWithin(inner, levels - 1));
}

/**
 * Removes wrappers: `{scene_graph: {…}}` → `{…}`. A bare list becomes objects or relations, depending on its entries.
 */
function unwrap(input: unknown, repair: Repair): Record<string, unknown> | null {
  if (Array.isArray(input)) {
    const list: unknown[] = input;
    if (list.length === 0 || !couldBeGraph(list)) return null;
    const edges = list.every((v) => isTriple(v) || (isRecord(v) && 'subject' in v && 'object' in v));
    repair('bare-list', '', `A bare list was read as ${edges ? 'relations' : 'objects'}.`);
    return edges ? { objects: [], relations: list } : { objects: list, relations: [] };
  }
  if (!isRecord(input)) return null;
  const keys = Object.keys(input);
  const [key] = keys;
  if (keys.length === 1 && key !== undefined && WRAPPERS.test(key.trim())) {
    const inner = input[key];
    if (isRecord(inner) || Array.isArray(inner)) {
      repair('wrapped', key, `The graph was inside "${key}".`);
      return unwrap(inner, repair);
    }
  }
  const isGraph = keys.some((k) => [...OBJECT_KEYS, ...RELATION_KEYS].includes(plainKey(k)));
  if (isGraph) return input;
  if (keys.length > 0 && Object.values(input).every(isRecord)) {
    repair('bare-map', '', 'A map of objects was read as a graph.');
    return { objects: input, relations: [] };
  }
  return null;
}

const plainKey = (key: string) =>
  key
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');

function readImage(value: unknown): SceneGraph['image'] {
  const [w, h] = isRecord(value)
    ? [readNumber(value.w ?? value.width), readNumber(value.h ?? value.height)]
    : (readNumbers(value, 2) ?? []);
  if (w === undefined || h === undefined || w <= 0 || h <= 0) return undefined;
  return isRecord(value) && value.w === w && value.h === h
    ? (value as unknown as SceneGraph['image'])
    : { w, h };
}

/**
 * Moves attributes from a separate list (`{cup: ["red"]}` or `[{object: "cup", attributes: ["red"]}]`) to the objects.
 */
function moveAttributes(
  graph: Record<string, unknown>,
  objects: SceneGraph['objects'],
  repair: Repair,
): void {
  for (const key of Object.keys(graph).filter((name) => /^(?:object[_ ])?attributes$/i.test(name.trim()))) {
    const raw = graph[key];
    const entries: [unknown, unknown][] = Array.isArray(raw)
      ? raw
          .filter(isRecord)
          .map((entry) => [
            entry.object ?? entry.name ?? entry.label ?? entry.id,
            entry.attributes ?? entry.attribute ?? entry.value,
          ])
      : isRecord(raw)
        ? Object.entries(raw)
        : [];
    // If several objects have a label, use the first object.
    const byId = new Map<unknown, SceneObject>(objects.map((object) => [object.id, object]));
    const byLabel = new Map<unknown, SceneObject>(
      objects.toReversed().map((object) => [object.label, object]),
    );
    const moves = entries.map(([name, value]) => ({
      object: byId.get(name) ?? byLabel.get(name),
      attributes: readAttributes(value),
    }));
    if (
      moves.length === 0 ||
      moves.some((move) => !move.attributes || !move.object || move.object.attributes)
    )
      continue;
    for (const { object, attributes } of moves) object!.attributes = attributes!;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete graph[key];
    repair('moved-attributes', key, `"${key}" was moved into the objects.`);
  }
}
