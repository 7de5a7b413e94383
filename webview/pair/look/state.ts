import { liftAt, mirrorErrorAt, shareAt, type Which } from '../../../src/core/insight/figures.ts';
import type { Look } from '../../../src/core/insight/look.ts';

/**
 * What is drawn: the attention of each view, that divided by the attention of a general prompt, or what differs between
 * the mirror, folded back, and the original.
 */
export type Mode = 'attention' | 'difference' | 'relative';

/** What can be drawn of a look, with its name. */
export const modesOf = ({ views, general_prompt: text }: Look): [Mode, string][] => [
  ['attention', 'Attention'],
  ...(views.length > 1 ? [['difference', 'Mirror folded back, less original'] as [Mode, string]] : []),
  ...(views.some(({ general }) => general)
    ? [
        ['relative', `Relative to ${text === '' ? 'the picture alone' : 'a general prompt'}`] as [
          Mode,
          string,
        ],
      ]
    : []),
];

/** A head by its number, their mean, or the one that looks most at what the query names, or at the picture. */
export type HeadChoice = number | 'mean' | 'object' | 'picture';

/** A look as the panel shows it. */
export interface LookState {
  /** The row: a look ends when another one is shown. */
  uri: string;
  line: number;
  /** What is being done; null when it is done. */
  doing: string | null;
  /** Why it failed, in words; null: it did not. */
  failed: string | null;
  /** Of the same row, also while the next one is under way. */
  look: Look | null;
  /** Words that were asked for, besides those that the row names. */
  queries: string[];
  /** Name of the query that is shown. */
  query: string;
  /** Place in the look's list of layers. */
  layer: number;
  head: HeadChoice;
  mode: Mode;
  /** Of what is drawn over the pictures, 0–1. */
  opacity: number;
}

/** The first look at a row shows the last layer but one: the last one hardly looks at pictures any more. */
export const newLook = (uri: string, line: number): LookState => ({
  ...{ uri, line, doing: 'Starting', failed: null, look: null, queries: [], query: 'answer' },
  ...{ layer: 0, head: 'mean', mode: 'attention', opacity: 0.7 },
});

/** The place of the shown query in the lists of a view; -1 where its text does not have it. */
export const queryIn = ({ views }: Look, view: number, name: string): number =>
  views[view]?.queries.findIndex((query) => query.name === name) ?? -1;

/** The object that a query names, in the lists of the original; -1 where it names none. */
export const objectOf = ({ views }: Look, query: string): number =>
  views[0]!.objects.findIndex(
    ({ label }) => label.toLowerCase() === query.replace(/#\d+$/, '').toLowerCase(),
  );

/** The map that is meant in the original; a choice by figures is made there, for both views. */
export function whichOf({ look, query, layer, head }: LookState): Which | null {
  if (!look) return null;
  const q = queryIn(look, 0, query);
  if (q < 0) return null;
  const at = { layer: Math.min(layer, look.layers.length - 1), query: q };
  return { ...at, head: chosenHead(look, at, head, query) };
}

function chosenHead(look: Look, at: Omit<Which, 'head'>, choice: HeadChoice, query: string): number | null {
  if (choice === 'mean') return null;
  if (typeof choice === 'number') return Math.min(choice, look.heads - 1);
  const [view] = look.views;
  const object = objectOf(look, query);
  const score = (head: number) =>
    choice === 'object' && object >= 0
      ? (liftAt(view!, { ...at, head }, object) ?? 0)
      : shareAt(view!, { ...at, head });
  const heads = Array.from({ length: look.heads }, (_, head) => head);
  return heads.reduce((best, head) => (score(head) > score(best) ? head : best));
}

/** What a cell of the grid of layers and heads says: the lift of the named object, else the mirror error; null: nothing. */
export function gridValue(look: Look, which: Which, object: number): number | null {
  return object >= 0 ? liftAt(look.views[0]!, which, object) : mirrorErrorAt(look, which);
}

export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
