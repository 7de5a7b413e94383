import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from './files/package-folder.ts';

const SUFFIX = '.run.yaml';

const presetFolder = (): string => packageFolder('library/presets');

export interface PresetSummary {
  name: string;
  /** The first sentence of the comment it begins with. */
  about: string;
  recipe: string;
  /** Of its adapter; null where it has none. */
  rank: number | null;
}

export function listPresets(): PresetSummary[] {
  return readdirSync(presetFolder())
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => {
      const name = file.slice(0, -SUFFIX.length);
      const text = readPreset(name)!;
      const value = (key: string) => new RegExp(`^ *${key}: *(\\w+)`, 'm').exec(text)?.[1];
      const rank = value('rank');
      return {
        name,
        about: firstSentence(text),
        recipe: value('recipe')!,
        rank: rank === undefined ? null : Number(rank),
      };
    });
}

function firstSentence(text: string): string {
  const comment = /^(#.*\n)*/.exec(text)![0].replace(/^#\s*/gm, '').replaceAll('\n', ' ');
  return /^.*?\.(?= |$)/.exec(comment)?.[0] ?? comment.trim();
}

/** A preset's text; null when there is none of that name. */
export function readPreset(name: string): string | null {
  if (!/^[\w-]+$/.test(name)) return null;
  const path = join(presetFolder(), `${name}${SUFFIX}`);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
