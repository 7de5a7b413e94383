import { useState } from 'preact/hooks';
import type { Actions, PanelState } from './panel-state.ts';

/** Goes to the next row that holds all the words. */
export function Search({ panel, actions }: { panel: PanelState; actions: Actions }) {
  const [text, setText] = useState('');
  const [told, setTold] = useState('');
  const find = async (by: 1 | -1) => {
    if (text.trim() === '' || !panel.state) return;
    setTold('searching…');
    const { rows } = panel.state;
    const from = (panel.row + by + rows) % rows;
    const found = await actions.host.call('find', { row: from, by, text }).catch(() => null);
    setTold(found === null ? 'not found' : '');
    if (found !== null) actions.goTo(found);
  };
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        void find(1);
      }}
    >
      <input
        id="search"
        type="search"
        aria-label="Find rows"
        placeholder="Find rows (/)"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setTold('');
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && event.shiftKey) {
            event.preventDefault();
            void find(-1);
          } else if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <span class="quiet" role="status">
        {told}
      </span>
    </form>
  );
}
