import { chosenMap, objectOf, type MapChoice } from '../../src/core/insight/map-choice.ts';
import type { Look } from '../../src/core/insight/look.ts';
import { Dropdown, Range } from './controls.tsx';
import { Heat } from './heat.tsx';

type Mode = MapChoice['mode'];

/** Returns the map modes for which an analysis has data, with their labels. */
export const modesOf = ({ views, general_prompt: text }: Look): [Mode, string][] => [
  ['attention', 'Attention'],
  ...(views.length > 1 ? [['difference', 'Difference of mirror and original'] as [Mode, string]] : []),
  ...(views.some(({ general }) => general)
    ? [['relative', `Relative to ${text === '' ? 'the image alone' : 'a general prompt'}`] as [Mode, string]]
    : []),
];

/** Returns the choice for the first map: the attention of the answer, averaged over all heads. */
export const firstChoice = (look: Look | null): MapChoice => ({
  query: 'answer',
  layer: look ? firstLayer(look) : 0,
  head: 'mean',
  mode: 'attention',
  opacity: 0.7,
});

/** Returns the index of the second-to-last layer, because the last layer attends little to images. */
export const firstLayer = ({ layers }: Look): number => Math.max(0, layers.length - 2);

const NAMED: Record<string, string> = { answer: 'answer', last: 'end of prompt' };

interface MapControlsProps {
  look: Look;
  choice: MapChoice;
  change: (change: Partial<MapChoice>) => void;
}

export function MapControls({ look, choice, change }: MapControlsProps) {
  const { query, layer, head, mode, opacity } = choice;
  const heads = Array.from({ length: look.heads }, (_, h): [string, string] => [`${h}`, `Head ${h}`]);
  const object = objectOf(look, query);
  const modes = modesOf(look);
  return (
    <div class="look-controls" role="group" aria-label="Attention map">
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
        set={(value) => change({ head: /^\d+$/.test(value) ? Number(value) : (value as MapChoice['head']) })}
        options={[
          ['mean', 'Mean of all heads'],
          ...(object >= 0 ? [['object', 'Most attention on object'] as [string, string]] : []),
          ['picture', 'Most concentrated on image'],
          ...heads,
        ]}
      />
      {modes.length > 1 && (
        <Dropdown label="Map" value={mode} set={(mode) => change({ mode })} options={modes} />
      )}
      <label>
        Opacity
        <Range max={1} step={0.1} value={opacity} set={(opacity) => change({ opacity })} />
      </label>
    </div>
  );
}

interface HeatProps {
  look: Look;
  choice: MapChoice;
  /** Index of the view in the analysis. */
  view: number;
  /** Index of the image that the map covers, from 0. */
  picture?: number;
  /** Id that is unique in the page's document. */
  id: string;
}

/** Map of a view from an analysis, drawn over the view's image. */
export function LookedHeat({ look, choice, view, picture = 0, id }: HeatProps) {
  const map = chosenMap(look, choice, view);
  if (!map || picture >= (map.grid.pictures ?? 1)) return null;
  return <Heat {...{ id, picture, ...map }} opacity={choice.opacity} />;
}
