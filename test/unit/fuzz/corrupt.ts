import fc from 'fast-check';
import * as z from 'zod';

export type Path = (string | number)[];

/** What no field may bring a reader to do more than refuse. */
const HOSTILE: readonly unknown[] = [
  null,
  true,
  '',
  'x',
  -1,
  0,
  0.5,
  1e21,
  -1e308,
  2 ** 53,
  [],
  {},
  [null],
  [[]],
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '\u0000',
  '\u001b[31m',
  '\u202e',
  '🦓',
  '\ud800',
  '$(touch /tmp/x)',
  '<img src=x onerror=alert(1)>',
  '9'.repeat(400),
  'y'.repeat(100_000),
  { length: 1e9 },
  { toString: 1 },
  { __proto__x: {} },
  [1, 'two', { three: 3 }],
];
/** Written without quotes: some of them are not JSON. */
const BARE = ['NaN', 'Infinity', '-', '1e999', 'undefined', '{"a":1,"a":{}}', '[[', '"\\ud800"', '.5', '01'];

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Every place in a value. */
const placesIn = (value: unknown, path: Path = []): Path[] =>
  typeof value === 'object' && value !== null
    ? [
        path,
        ...Object.entries(value).flatMap(([key, inner]) =>
          placesIn(inner, [...path, Array.isArray(value) ? Number(key) : key]),
        ),
      ]
    : [path];

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

/** Every field that a schema names, also those that an example lacks; lists and records have one entry. */
function fieldsOf(schema: JsonSchema, path: Path = []): Path[] {
  const { properties = {}, additionalProperties, items, anyOf = [] } = schema;
  return [
    ...Object.entries(properties).flatMap(([key, of]) => [[...path, key], ...fieldsOf(of, [...path, key])]),
    ...(typeof additionalProperties === 'object' ? fieldsOf(additionalProperties, [...path, 'other']) : []),
    ...(items ? fieldsOf(items, [...path, 0]) : []),
    ...anyOf.flatMap((one) => fieldsOf(one, path)),
  ];
}

/** The places of an example and of its schema. */
export function places(value: unknown, schema?: z.ZodType): Path[] {
  const json = schema ? (z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as JsonSchema) : {};
  const all = [...placesIn(value), ...fieldsOf(json)];
  return [...new Map(all.map((path) => [JSON.stringify(path), path])).values()];
}

/** A copy with something else at a place; what lies on the way is made. */
function put(
  value: unknown,
  path: Path,
  change: (holder: Record<string, unknown>, key: string) => void,
): unknown {
  const root = { root: structuredClone(value) } as Record<string, unknown>;
  let holder = root;
  const keys = ['root', ...path.map(String)];
  for (const key of keys.slice(0, -1)) {
    if (typeof holder[key] !== 'object' || holder[key] === null) holder[key] = {};
    holder = holder[key] as Record<string, unknown>;
  }
  change(holder, keys.at(-1)!);
  return root.root;
}

const MARK = '"\u0001bare\u0001"';
const text = (value: unknown): string => (JSON.stringify(value) as string | undefined) ?? '';

/** A corruption of one record: its text is no longer, or may no longer be, what its schema asks for. */
export interface Corruption {
  kind: 'value' | 'bare' | 'missing' | 'extra' | 'nested' | 'cut' | 'flip' | 'twice';
  place: number;
  choice: number;
}

export const corruption: fc.Arbitrary<Corruption> = fc.record({
  kind: fc.constantFrom(
    'value',
    'value',
    'value',
    'bare',
    'missing',
    'extra',
    'nested',
    'cut',
    'flip',
    'twice',
  ),
  place: fc.nat(),
  choice: fc.nat(),
});

export function corrupt(value: unknown, all: readonly Path[], { kind, place, choice }: Corruption): string {
  const path = all[place % all.length]!;
  const bare = (inner: string) =>
    text(put(value, path, (holder, key) => (holder[key] = MARK.slice(1, -1)))).replace(
      text(MARK.slice(1, -1)),
      () => inner,
    );
  const whole = text(value);
  switch (kind) {
    case 'value':
      return text(put(value, path, (holder, key) => (holder[key] = HOSTILE[choice % HOSTILE.length])));
    case 'bare':
      return bare(BARE[choice % BARE.length]!);
    case 'nested':
      return bare(nested([50, 3000, 200_000][choice % 3]!));
    case 'missing':
      return text(
        put(value, path, (holder, key) =>
          Array.isArray(holder) ? holder.splice(Number(key), 1) : Reflect.deleteProperty(holder, key),
        ),
      );
    case 'extra':
      return text(
        put(value, [...path, ['__proto__', 'extra', '\u202e', '0'][choice % 4]!], (holder, key) => {
          Object.defineProperty(holder, key, { value: HOSTILE[place % HOSTILE.length], enumerable: true });
        }),
      );
    case 'cut':
      return whole.slice(0, choice % whole.length);
    case 'flip': {
      const bytes = Buffer.from(whole);
      bytes[place % bytes.length]! ^= 1 << (choice % 8);
      return bytes.toString('latin1');
    }
    case 'twice':
      return `${whole}${whole}`;
  }
}
