import { oneLine } from '../../src/core/reports/export/escape.ts';
import type { PlaygroundCommand } from '../../src/core/protocol/playground.ts';
import { Button } from '../ui/controls.tsx';
import { runCommand, type Key } from '../ui/keyboard.ts';
import type { PlaygroundModel } from './model.ts';

export function Toolbar({ model, keys }: { model: PlaygroundModel; keys: readonly Key[] }) {
  const { picture, boxes, graph, swapped } = model.state;
  const tool = (name: PlaygroundCommand, k: string, title: string) => ({
    ...{ k, title },
    onClick: () => runCommand(keys, { name }),
  });
  return (
    <header>
      <div class="place">
        <h1 title={picture?.name}>{picture ? oneLine(picture.name, 80) : 'Playground'}</h1>
      </div>
      <div class="tools" role="group" aria-label="Tools">
        <Button {...tool('pickPicture', 'o', 'Open a picture')}>Picture…</Button>
        <Button {...tool('swap', 'm', 'Swap original and mirror')} icon="arrow-swap" aria-pressed={swapped} />
        <Button
          {...tool('toggleBoxes', 'b', 'Show or hide boxes')}
          icon="surround-with"
          aria-pressed={boxes}
        />
        <Button
          {...tool('toggleGraph', 'g', 'Show or hide the scene graph')}
          icon="type-hierarchy-sub"
          aria-pressed={graph}
        />
        <Button {...tool('save', 's', 'Append the question to a data file')}>Save as Sample…</Button>
        <Button {...tool('showKeys', '?', 'Keys')} icon="question" />
      </div>
    </header>
  );
}
