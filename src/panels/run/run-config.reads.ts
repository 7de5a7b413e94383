import { basename } from 'node:path';
import { thousands } from '../../base/format.ts';
import { planLabel } from '../../base/labels.ts';
import { changesText } from '../../core/config/changed.ts';
import { RunConfig } from '../../core/config/run-config.ts';
import { isRecord } from '../../base/json.ts';
import type { Tree } from '../../core/config/tree.ts';
import type { ConfigField, RunFacts } from './run.contract.ts';
import { readManifest } from '../../lab/runs/make-run.ts';
import { explainError, isMissing, unlessUnreadable } from '../../lab/files/disk-error.ts';

/** Properties of a zod type that the code uses. */
interface Type {
  def: {
    shape?: Record<string, Type>;
    options?: Type[];
    innerType?: Type;
    discriminator?: string;
    defaultValue?: unknown;
    type: string;
  };
  meta(): { description?: string; paper?: string; tradeoff?: string } | undefined;
}

/**
 * Returns every setting of a run with its description, in the order of the schema. Marks settings that differ from
 * their default.
 */
export function configFields(config: RunConfig): ConfigField[] {
  return fieldsOf(RunConfig as unknown as Type, config, []);
}

function fieldsOf(type: Type, value: unknown, path: string[]): ConfigField[] {
  const shape = isRecord(value) ? shapeOf(type, value) : null;
  if (shape) {
    return Object.entries(shape).flatMap(([key, field]) =>
      (value as Tree)[key] === undefined ? [] : fieldsOf(field, (value as Tree)[key], [...path, key]),
    );
  }
  // A map such as `data.eval` (evaluation sets by name) becomes one field per entry.
  if (isRecord(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, entry]) => fieldsOf(type, entry, [...path, key]));
  }
  const fallback = type.def.type === 'default' ? text(type.def.defaultValue) : null;
  const optional = type.def.type === 'optional';
  const { description = '', paper = null, tradeoff = null } = notesOf(type);
  const shown = text(value);
  return [
    {
      path: path.join('.'),
      value: shown,
      fallback,
      // A field without a default differs only if the field is optional and set.
      differs: fallback === null ? optional : shown !== fallback,
      description,
      paper,
      tradeoff,
    },
  ];
}

/** Returns the fields of a section or of the current variant of a union; null for other values. */
function shapeOf({ def }: Type, value: Tree): Record<string, Type> | null {
  if (def.shape) return def.shape;
  if (def.options) {
    const kind = value[def.discriminator ?? ''];
    const used = def.options.find(({ def: option }) => {
      const literal = option.shape?.[def.discriminator ?? '']?.def as { values?: unknown[] } | undefined;
      return literal?.values?.includes(kind);
    });
    return used ? shapeOf(used, value) : null;
  }
  return def.innerType ? shapeOf(def.innerType, value) : null;
}

/** Returns the notes on a type. If the type has a default, the notes can be on its inner type. */
function notesOf(type: Type): NonNullable<ReturnType<Type['meta']>> {
  return type.meta() ?? (type.def.innerType ? notesOf(type.def.innerType) : {});
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value)?.replaceAll('","', '", "') ?? '';
}

/** Returns the parent of a fork; null without a parent, or for an unreadable manifest (reported by `readAbout`). */
export async function readParent(dir: string): Promise<NonNullable<RunFacts['parent']> | null> {
  const manifest = await readManifest(dir).catch(unlessUnreadable(null));
  if (!manifest?.parent) return null;
  const { name, step, changes } = manifest.parent;
  // The parent must be in a folder next to the fork's.
  return name === basename(name) ? { name, step, changes: changesText(changes) } : null;
}

const words = (name: string) => name.replaceAll('_', ' ');

/**
 * Reads the facts from the manifest that distinguish and reproduce a run: command, code, machine, versions, data, pairs
 * per step and trainable parameters [A-57, B-27]. Empty without a manifest; for an unreadable manifest, the reason.
 */
export async function readAbout(dir: string): Promise<[name: string, value: string][]> {
  try {
    const manifest = await readManifest(dir);
    const { preflight = {}, data, versions, seeds, git, host, hardware, argv, started } = manifest;
    const counted = Object.entries(preflight).filter(([, value]) => typeof value === 'number');
    const fact = (name: string, value: string | undefined): [string, string][] =>
      value ? [[name, value]] : [];
    return [
      ...fact('command', argv.length > 0 ? `chirality ${argv.join(' ')}` : undefined),
      ...fact('commit', git?.commit.slice(0, 10)),
      ['host', host],
      ...fact('hardware', hardware),
      ...Object.entries(versions).map(([name, value]): [string, string] => [words(name), value]),
      ['started', started],
      ['seed', `${seeds.seed}`],
      ...data.map(({ path, rows }): [string, string] => ['data', `${path}, ${thousands(rows)} rows`]),
      ...counted.map(([name, value]): [string, string] => [planLabel(name), thousands(value as number)]),
    ];
  } catch (error) {
    return isMissing(error) ? [] : [['manifest', explainError(error as Error)]];
  }
}
