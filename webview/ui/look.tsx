import { sum } from '../../src/core/numbers.ts';
import {
  entropyAt,
  liftAt,
  shareAt,
  type Which,
  differenceAt,
  mapAt,
  relativeAt,
  sinksAt,
} from '../../src/core/insight/figures.ts';
import type { Look } from '../../src/core/insight/look.ts';
import { Dropdown, Range } from './controls.tsx';
import { unmirrorMap } from '../../src/core/insight/maps.ts';
import { Heat } from './heat.tsx';

/**
 * What is drawn: the attention of each view; the same divided by the attention of a general prompt; or the difference
 * between the mirror's map, flipped back, and the original's.
 */
type Mode = 'attention' | 'difference' | 'relative';

/** The modes that a look has data for, with their labels. */
export const modesOf = ({ views, general_prompt: text }: Look): [Mode, string][] => [
  ['attention', 'Attention'],
  ...(views.length > 1 ? [['difference', 'Mirror, flipped back, minus original'] as [Mode, string]] : []),
  ...(views.some(({ general }) => general)
    ? [
        ['relative', `Relative to ${text === '' ? 'the picture alone' : 'a general prompt'}`] as [
          Mode,
          string,
        ],
      ]
    : []),
];

/**
 * A head by its number; the mean of all heads; the head that looks most at the queried object; or, of those that look at
 * the picture, the one with the least spread.
 */
type HeadChoice = number | 'mean' | 'object' | 'picture';

/** Which of a look's maps is drawn, and how. */
export interface MapChoice {
  /** Name of the query that is shown. */
  query: string;
  /** Index in the look's list of layers. */
  layer: number;
  head: HeadChoice;
  mode: Mode;
  /** Opacity of the map over the pictures, 0–1. */
  opacity: number;
}

/** The first choice: what the answer reads, on the mean of all heads. */
export const firstChoice = (look: Look | null): MapChoice => ({
  query: 'answer',
  layer: look ? firstLayer(look) : 0,
  head: 'mean',
  mode: 'attention',
  opacity: 0.7,
});

/** The last layer but one, as the last one hardly looks at pictures. */
export const firstLayer = ({ layers }: Look): number => Math.max(0, layers.length - 2);

/** The index of a query in a view; -1 if the view's text does not contain it. */
export const queryIn = ({ views }: Look, view: number, name: string): number =>
  views[view]?.queries.findIndex((query) => query.name === name) ?? -1;

/** The index of the object that a query names among the original's objects; -1 if it names none. */
export const objectOf = ({ views }: Look, query: string): number =>
  views[0]!.objects.findIndex(
    ({ label }) => label.toLowerCase() === query.replace(/#\d+$/, '').toLowerCase(),
  );

/** The map to show, by indices in the original. A head that is chosen by its figures is chosen there, for both views. */
export function whichOf(look: Look, { query, layer, head }: MapChoice): Which | null {
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
  const all = Array.from({ length: look.heads }, (_, head) => head);
  const share = (head: number) => shareAt(view!, { ...at, head });
  const even = sum(all.map(share)) / all.length;
  const isObject = choice === 'object' && object >= 0;
  // As heads that find objects are picked in arXiv 2503.06287: much attention on the picture, then little spread.
  const heads = isObject ? all : all.filter((head) => share(head) >= even - 1e-9);
  const score = (head: number) =>
    isObject ? (liftAt(view!, { ...at, head }, object) ?? 0) : -entropyAt(view!, { ...at, head });
  return heads.reduce((best, head) => (score(head) > score(best) ? head : best));
}

const NAMED: Record<string, string> = { answer: 'where the answer is written', last: 'end of the prompt' };

interface MapControlsProps {
  look: Look;
  choice: MapChoice;
  change: (change: Partial<MapChoice>) => void;
}

/** Chooses which map of a look is drawn. */
export function MapControls({ look, choice, change }: MapControlsProps) {
  const { query, layer, head, mode, opacity } = choice;
  const heads = Array.from({ length: look.heads }, (_, h): [string, string] => [`${h}`, `Head ${h}`]);
  const object = objectOf(look, query);
  const modes = modesOf(look);
  return (
    <div class="look-controls" role="group" aria-label="What is shown">
      <Dropdown
        label="Attention of"
        value={query}
        set={(name) => change({ query: name })}
        options={look.views[0]!.queries.map(({ name }) => [name, NAMED[name] ?? name])}
      />
      <label>
        Layer {look.layers[Math.min(layer, look.layers.length - 1)]}
        <Range label="Layer" max={look.layers.length - 1} value={layer} set={(layer) => change({ layer })} />
      </label>
      <Dropdown
        label="Head"
        value={`${head}`}
        set={(value) => change({ head: /^\d+$/.test(value) ? Number(value) : (value as HeadChoice) })}
        options={[
          ['mean', 'Mean of all'],
          ...(object >= 0 ? [['object', 'Most on the object'] as [string, string]] : []),
          ['picture', 'On the picture, least spread'],
          ...heads,
        ]}
      />
      {modes.length > 1 && (
        <Dropdown label="Shown" value={mode} set={(mode) => change({ mode })} options={modes} />
      )}
      <label>
        Strength
        <Range max={1} step={0.1} value={opacity} set={(opacity) => change({ opacity })} />
      </label>
    </div>
  );
}

interface HeatProps {
  look: Look;
  choice: MapChoice;
  /** Index in the look's views. */
  view: number;
  /** Which of several pictures it lies on, from 0. */
  picture?: number;
  /** Unique in the page. */
  id: string;
}

/** The map of a view, drawn over its picture. */
export function LookedHeat({ look, choice, view, picture = 0, id }: HeatProps) {
  const { mode, opacity } = choice;
  const which = whichOf(look, choice);
  const grid = look.views[view]?.grid;
  if (!grid || !which || picture >= (grid.pictures ?? 1)) return null;
  const values =
    mode === 'difference' ? differenceOf(look, which, view) : attentionOf(look, which, choice, view);
  if (!values) return null;
  const sinks = new Set(sinksAt(look.views[view]!, which.layer));
  const kind = mode === 'difference' ? mode : 'attention';
  return <Heat {...{ id, grid, values, kind, picture, sinks, opacity }} />;
}

function attentionOf(
  look: Look,
  which: Which,
  { query, mode }: MapChoice,
  view: number,
): Float32Array | null {
  const there = queryIn(look, view, query);
  const at = { ...which, query: there };
  if (there < 0) return null;
  return mode === 'relative' ? relativeAt(look.views[view]!, at) : mapAt(look.views[view]!, at);
}

/** The map of differences; for the mirror's picture it is mirrored. */
function differenceOf(look: Look, which: Which, view: number): Float32Array | null {
  const values = differenceAt(look, which);
  const grid = look.views[view]!.grid!;
  return values && view > 0 ? unmirrorMap(values, grid) : values;
}
