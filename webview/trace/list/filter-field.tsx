import { useRef, useState } from 'preact/hooks';
import type { TraceList } from '../../../src/core/protocol/trace-panel.ts';
import { Button } from '../../ui/controls.tsx';
import { useFilterText, type FilterText } from './filter-text.ts';

interface Props {
  value: string;
  /** Called only with filters without mistakes. */
  onFilter: (filter: string) => void;
  list: Pick<TraceList, 'own' | 'unknown'> | null;
}

/** A filter with completion, and with a mark below a mistake. */
export function FilterField({ value, onFilter, list }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [scrolled, setScrolled] = useState(0);
  const filter = useFilterText(value, onFilter, input, list);
  const { text, popup, mistake } = filter;
  return (
    <div class="filter">
      <input
        ref={input}
        class="input"
        type="text"
        role="combobox"
        aria-label="Filter"
        aria-autocomplete="list"
        aria-expanded={popup !== null}
        aria-controls="filter-options"
        aria-activedescendant={popup && popup.active >= 0 ? `filter-option-${popup.active}` : undefined}
        aria-invalid={mistake !== null}
        aria-describedby={mistake ? 'filter-mistake' : undefined}
        placeholder="Filter: reward < 0.3 and not kept"
        spellcheck={false}
        autocomplete="off"
        value={text}
        onInput={({ currentTarget: { value: now, selectionStart } }) =>
          filter.type(now, selectionStart ?? now.length)
        }
        onScroll={({ currentTarget }) => setScrolled(currentTarget.scrollLeft)}
        onFocus={filter.focus}
        onBlur={filter.blur}
        onKeyDown={(event) => {
          if (!filter.press(event)) return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      {mistake && (
        <span
          class="mark"
          style={{
            '--from': mistake.from,
            '--length': Math.max(mistake.to - mistake.from, 1),
            '--scrolled': `${scrolled}px`,
          }}
        />
      )}
      <Completions {...filter} />
      <Mistake {...filter} />
    </div>
  );
}

function Completions({ popup, accept }: FilterText) {
  return (
    <ul id="filter-options" role="listbox" aria-label="Completions" hidden={!popup}>
      {popup?.items.map((item, i) => (
        <li
          id={`filter-option-${i}`}
          role="option"
          aria-selected={i === popup.active}
          ref={(element) => {
            if (i === popup.active) element?.scrollIntoView({ block: 'nearest' });
          }}
          onPointerDown={(event) => {
            event.preventDefault(); // the field keeps the focus
            accept(item);
          }}
        >
          <code>{item.text}</code> <span class="quiet">{item.doc}</span>
        </li>
      ))}
    </ul>
  );
}

function Mistake({ mistake, replace }: FilterText) {
  return (
    <div id="filter-mistake" class="mistake" role="status">
      {mistake && (
        <>
          <span aria-hidden="true">✕ </span>
          {mistake.message}{' '}
          {mistake.suggestion !== null && (
            <Button onClick={() => replace(mistake.from, mistake.to, mistake.suggestion!)}>
              Use <code>{mistake.suggestion}</code>
            </Button>
          )}
        </>
      )}
    </div>
  );
}
