import { thousands } from '../../src/core/labels.ts';
import { Button } from '../ui/controls.tsx';
import { STATUS_WORDS } from './facts.tsx';
import { viewOf } from '../../src/core/view-list.ts';
import { sidesOf, usePage, type RowState } from './panel-state.ts';

export function Toolbar({ state }: { state: RowState }) {
  const { panel, update, host, look } = usePage();
  const { name, line, lines, row } = state;
  const where = `Line ${thousands(line)} of ${thousands(lines)}`;
  const { label } = viewOf(panel.right);
  const right = row.sample && sidesOf(panel, row).right;
  const what = !row.sample
    ? 'The row cannot be used.'
    : right?.variant
      ? `${label}: ${STATUS_WORDS[right.variant.status].label}.`
      : right
        ? ''
        : `Without a ${label.toLowerCase()}.`;
  return (
    <header>
      <div class="place">
        <h1 title={name}>{name}</h1>
        <span>{where}</span>
        <span class="unseen" role="status">{`${where}. ${what}`}</span>
      </div>
      <div class="tools" role="group" aria-label="Tools">
        <Button
          k="k"
          icon="chevron-up"
          title="Previous row"
          onClick={() => host.notify('move', { by: -1 })}
        />
        <Button k="j" icon="chevron-down" title="Next row" onClick={() => host.notify('move', { by: 1 })} />
        <Button
          k="b"
          icon="surround-with"
          title="Show or hide boxes"
          aria-pressed={panel.boxes}
          onClick={() => update({ boxes: !panel.boxes })}
        />
        <Button
          k="m"
          icon="arrow-swap"
          title="Flip: hold to see the right view in the place of the left one"
          disabled={!right}
          aria-pressed={panel.flipped}
          onPointerDown={() => update({ flipped: true })}
          onPointerUp={() => update({ flipped: false })}
          onPointerLeave={() => panel.flipped && update({ flipped: false })}
          // With the keyboard, or for those who cannot hold the button, a press toggles it.
          onClick={(event) => event.detail === 0 && update({ flipped: !panel.flipped })}
        />
        <Button
          k="l"
          title="Show where a model looks while it answers"
          disabled={!row.sample}
          aria-pressed={panel.look !== null}
          onClick={look.toggle}
        >
          Look
        </Button>
        <Button k="?" icon="question" title="Keys" onClick={() => update({ showKeys: true })} />
      </div>
    </header>
  );
}
