import type { Look } from '../../../src/core/insight/look.ts';
import { Dropdown } from '../controls.tsx';
import { Range } from '../fields.tsx';
import { modesOf, objectOf, type HeadChoice, type MapChoice } from './choice.ts';
import './controls.css';

const NAMED: Record<string, string> = { answer: 'where the answer is written', last: 'end of the prompt' };

interface Props {
  look: Look;
  choice: MapChoice;
  change: (change: Partial<MapChoice>) => void;
}

/** Chooses which map of a look is drawn. */
export function MapControls({ look, choice, change }: Props) {
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
