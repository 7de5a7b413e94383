/** What a shared copy of a run must not reveal: who made it, where, and on which machine. */
export interface Identity {
  /** Absolute; images lie below it. Null where the run does not say. */
  root: string | null;
  /** The machine, the account and its home folder, which may occur inside other texts. */
  names: readonly string[];
}

/** An absolute path or an address that is a whole text. */
const ABSOLUTE = /^(?:\/(?!\/)[^\n]*|~[\\/][^\n]*|[A-Za-z]:[\\/][^\n]*|\\\\[^\n]*)$/;
const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/[^\s]+|file:\/\/[^\n]+)$/i;
/** An address inside a text, without the mark that ends the sentence. */
const ADDRESS_INSIDE = /(?<![\p{L}\p{N}])[a-z][a-z0-9+.-]*:\/\/[^\s"'<>()[\]]*[^\s"'<>()[\].,:;!?]/giu;
/** An absolute path of a file, which may hold spaces, but no sentence. */
const FILE = /^(?:\/(?!\/)|~[\\/]|[A-Za-z]:[\\/]|\\\\|file:\/\/)[^\n]*\.[\p{L}\p{N}]{1,8}$/u;
/** An absolute path of two parts or more inside a text. */
const INSIDE =
  /(?<![\p{L}\p{N}_<./\\~])(?:~?\/[\p{L}\p{N}_.@+-]+(?:\/[\p{L}\p{N}_.@+-]+)+|[A-Za-z]:\\[\p{L}\p{N}_.@+-]+(?:\\[\p{L}\p{N}_.@+-]+)+)/gu;

/** A path as others may see it: relative to the root if it lies below it, else its last part. */
function shortened(path: string, root: string | null): string {
  const plain = path.replaceAll('\\', '/').replace(/\/+$/, '');
  const top = root?.replaceAll('\\', '/').replace(/\/+$/, '');
  if (top && plain.startsWith(`${top}/`)) return plain.slice(top.length + 1);
  return plain === top ? '.' : plain.slice(plain.lastIndexOf('/') + 1);
}

/**
 * Removes paths, addresses and names from a text that a program wrote. Texts of models and of datasets are not passed
 * here.
 */
export function withoutIdentity(text: string, { root, names }: Identity): string {
  if (ADDRESS.test(text)) return 'address';
  if (ABSOLUTE.test(text)) return shortened(text, root);
  const plain = text.replace(ADDRESS_INSIDE, 'address').replace(INSIDE, (path) => shortened(path, root));
  return names.reduce((rest, name) => rest.replace(wordOf(name), 'anonymous'), plain);
}

/** Whether a text of a dataset or a model can be a path or an address, and nothing else. */
export const isPath = (text: string): boolean => text.length < 4096 && (!/\s/.test(text) || FILE.test(text));

/** Applies a change to all texts of a decoded JSON value; keys stay. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, change)]));
}

/** Returns the names and the root that occur in a text as whole words, in any case. */
export const identityIn = (text: string, { root, names }: Identity): string[] =>
  [...names, ...(root === null ? [] : [root])].filter((name) => wordOf(name).test(text));

const wordOf = (name: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\d])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\d])`, 'giu');
