import { THING_WORDS } from '../../read/words/things.ts';
import type { SceneObject } from '../../scene-graph/scene-graph.ts';

/** The things of a scene graph that a row names, and whether it names others, which must stay in sight as well. */
export interface Named {
  objects: SceneObject[];
  /** A named thing that the graph lacks; null if there is none. */
  unknown: string | null;
  /** Whether a kind of things is meant ("the cubes", "the leftmost object"), so that any of them may matter. */
  kinds: boolean;
}

const BEFORE_NOUN = new Set<string>(THING_WORDS.beforeNoun);
const NO_THING = new Set<string>(THING_WORDS.noThing);
const ANY_THING = new Set<string>(THING_WORDS.anyThing);
const NO_NOUN = new Set<string>(THING_WORDS.noNoun);
const GROUND = new Set<string>(THING_WORDS.ground);

const ARTICLE = /\b(?:the|an?|this|that|these|those|his|her|its|their)\s+/g;
/** A property of the thing named after it, which is not a thing of its own. */
const OF_THING =
  /\bthe (?:box(?: coordinates)?|coordinates|positions?|locations?|cent(?:er|re)s?|middles?) of |\bbounding box(?:es)?(?: coordinates)?\b/g;
/** A frame drawn around a thing, which is in sight if the thing is. */
const MARK =
  /\((?:annotated|highlighted|marked|indicated|shown) (?:by|with|in) (?:an? |the )?\w+ (?:bounding )?box\)/g;

/**
 * Reads what a row names, by the labels of its graph.
 * @param isWorld whether the graph lists everything but the ground
 */
export function namedIn(texts: string, objects: readonly SceneObject[], isWorld = false): Named {
  let rest = texts.toLowerCase().replace(MARK, '').replace(OF_THING, '· ');
  const labels = [...new Set(objects.map(({ label }) => label.toLowerCase()))].sort(
    (a, b) => b.length - a.length,
  );
  const names = new Set<string>();
  for (const label of labels) {
    const form = new RegExp(`\\b${label.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}(?:e?s)?\\b`, 'gu');
    rest = rest.replace(form, () => {
      names.add(label);
      return '·';
    });
  }
  const heads = new Set(labels.map((label) => label.split(/[\s-]/).at(-1)!));
  const ofKind = (word: string) =>
    ANY_THING.has(word) ||
    heads.has(word) ||
    heads.has(word.replace(/e?s$/, '')) ||
    heads.has(word.replace(/s$/, ''));
  let kinds = false;
  let unknown: string | null = null;
  for (const { index, 0: article } of rest.matchAll(ARTICLE)) {
    const noun = nounAt(rest.slice(index + article.length));
    if (noun === null || NO_THING.has(noun) || (isWorld && GROUND.has(noun))) continue;
    if (ofKind(noun)) kinds = true;
    else unknown ??= noun;
  }
  return { objects: objects.filter(({ label }) => names.has(label.toLowerCase())), unknown, kinds };
}

/**
 * The noun at the start of a text, after its modifiers; null if there is none, or a label of the graph in its place.
 */
function nounAt(text: string): string | null {
  for (const part of text.split(/\s+/)) {
    const [, word, mark] = /^([\p{L}\p{N}·-]*)(.*)$/su.exec(part) as unknown as [string, string, string];
    if (word === '' || word.includes('·') || NO_NOUN.has(word)) return null;
    if (!BEFORE_NOUN.has(word) && !/^\d+$/.test(word)) return word;
    if (mark !== '') return null;
  }
  return null;
}
