import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { citedIn, parseReadings } from '../base/readings.ts';
import { treeOf } from '../core/config/editor/presets.ts';
import { isRecord } from '../base/json.ts';
import { checkConfig } from '../core/config/editor/config-mistakes.ts';
import { completeConfig } from '../core/config/editor/complete-config.ts';
import type { ConfigKind } from '../core/config/editor/schema.ts';
import { hoverConfig } from '../core/config/editor/hover.ts';
import { nearPath } from '../lab/files/folders.ts';
import { isElsewhere, isInside } from '../lab/files/inside.ts';
import { readTextSync } from '../lab/files/regular.ts';

/** Config in an editor. `presets`: folder of the built-in presets. */
type ConfigText = { kind: ConfigKind; text: string; presets: string };
type At = ConfigText & { offset: number };
type Checked = ConfigText & { path: string | null; root: string | null };

const SUFFIX = '.run.yaml';

export const configService = {
  setsOfConfig: setsOf,
  completeConfig: ({ kind, text, offset, presets }: At) =>
    completeConfig(text, offset, presetsIn(presets), kind),
  hoverConfig: ({ kind, text, offset, presets }: At) => {
    const hover = hoverConfig(text, offset, presetsIn(presets), kind);
    return hover && { ...hover, text: withMeanings(hover.text, join(presets, '../../docs')) };
  },
  /** `path`: the config's file; null if never saved. `root`: the only folder in which files are read or checked. */
  checkConfig: ({ kind, text, presets, path, root }: Checked) => {
    const pathOf = (named: string) => resolve(dirname(path!), named);
    const isOpen = (named: string) => root !== null && !isElsewhere(named) && isInside(root, pathOf(named));
    return checkConfig(text, presetsIn(presets), {
      kind,
      readConfig: (named) => (path === null ? null : isOpen(named) ? textOf(pathOf(named)) : undefined),
      // An untrusted config can contain any path, so paths outside `root` are checked only when the run starts.
      exists: path === null ? null : (named) => !isOpen(named) || existsSync(pathOf(named)),
      near: (named) => (isOpen(named) ? nearPath(dirname(path!), named) : undefined),
    });
  },
};

/** Returns the data files in a config, both as written and as absolute paths, and the data root. */
function setsOf({ text, path }: { text: string; path: string }) {
  const { data } = treeOf(text);
  const { train, eval: sets, root } = isRecord(data) ? data : {};
  const pathOf = (named: string) => resolve(dirname(path), named);
  const named = [train, ...(isRecord(sets) ? Object.values(sets) : [])].filter(
    (word) => typeof word === 'string',
  );
  return {
    sets: named.map((set) => ({ named: set, path: pathOf(set) })).filter((set) => existsSync(set.path)),
    root: pathOf(typeof root === 'string' ? root : '.'),
  };
}

const textOf = (path: string) => (existsSync(path) ? readTextSync(path) : null);

/** Returns the text of a hover, followed by the implementation choices and paper items that the hover cites. */
function withMeanings(hover: string, docs: string): string {
  const cited = new Set(citedIn(hover).filter((_, i) => i % 2 === 1));
  if (cited.size === 0) return hover;
  const meanings = parseReadings(textOf(join(docs, 'papers.md')) ?? '');
  const notes = [...cited].flatMap((id) => {
    const meaning = meanings.get(id);
    if (!meaning) return [];
    const { open, ours, missing } = meaning;
    return `${id}: ${plainMarkdown([open, ours, missing && `Not implemented in Chirality: ${missing}`].filter(Boolean).join(' '))}`;
  });
  return notes.length > 0 ? `${hover}\n\n---\n\n${notes.join('\n\n')}` : hover;
}

const plainMarkdown = (text: string): string => text.replace(/[\\`*_{}[\]<>|#]/g, '\\$&');

/** Returns the presets in a folder. The comment on the first line of a preset is its description. */
function presetsIn(folder: string) {
  const read = (name: string) => {
    const path = join(folder, `${name}${SUFFIX}`);
    return /^[\w-]+$/.test(name) && existsSync(path) ? readTextSync(path) : null;
  };
  const names = () =>
    readdirSync(folder)
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => file.slice(0, -SUFFIX.length))
      .sort();
  const about = (name: string) => (read(name) ?? '').split('\n')[0]!.replace(/^#\s*/, '');
  return { read, list: () => names().map((name) => ({ name, about: about(name) })) };
}
