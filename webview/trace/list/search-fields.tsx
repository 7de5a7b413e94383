import { useEffect, useState, useRef } from 'preact/hooks';
import { completeFilter, type Completion, type Completions } from '../../../src/core/query/complete.ts';
import { checkFilter } from '../../../src/core/query/parse.ts';
import { TRACE_FIELDS } from '../../../src/core/run-data/fields.ts';
import { Button } from '../../ui/controls.tsx';

/** Work that waits until nothing has asked for other work for a while. */
class Later {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ms: number) {}

  after(work: () => void): void {
    this.cancel();
    this.timer = setTimeout(work, this.ms);
  }

  /** At once, instead of what waits. */
  now(work: () => void): void {
    this.cancel();
    work();
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}

export function useLater(ms: number): Later {
  const [later] = useState(() => new Later(ms));
  useEffect(() => () => later.cancel(), []);
  return later;
}

interface Props {
  value: string;
  /** Is told filters without a mistake only. */
  onFilter: (filter: string) => void;
}

/** Something is being completed: what can stand there, and which of it is chosen (−1: nothing). */
interface Popup extends Completions {
  active: number;
}

/** A filter with completion, and with mistakes under their column. */
export function FilterField({ value, onFilter }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [popup, setPopup] = useState<Popup | null>(null);
  const [focused, setFocused] = useState(false);
  const [scrolled, setScrolled] = useState(0);
  const later = useLater(250);
  useEffect(() => setText(value), [value]);

  const mistake = checkFilter(text, TRACE_FIELDS);
  // What can be completed, or is missing at the end, is still to come while somebody types.
  const isUnfinished = focused && (popup !== null || (mistake?.from ?? 0) >= text.trimEnd().length);
  const shown = isUnfinished ? null : mistake;

  const apply = (filter: string) => {
    later.now(() => {
      if (!checkFilter(filter, TRACE_FIELDS)) onFilter(filter);
    });
  };
  const complete = (now: string, cursor: number) => {
    const found = completeFilter(now, cursor, TRACE_FIELDS);
    const word = now.slice(found.from, found.to);
    const items = found.items.filter((item) => item.text !== word);
    const isPart =
      word !== '' && items.length === found.items.length && items[0]?.text.startsWith(word) === true;
    setPopup(items.length > 0 ? { ...found, items, active: isPart ? 0 : -1 } : null);
    // The beginning of a property's name is not yet a word to search for.
    return isPart && items.some((item) => item.kind === 'property');
  };
  const type = (now: string, cursor: number) => {
    setText(now);
    if (complete(now, cursor)) later.cancel();
    else
      later.after(() => {
        if (!checkFilter(now, TRACE_FIELDS)) onFilter(now);
      });
  };
  const replace = (from: number, to: number, by: string) => {
    const now = text.slice(0, from) + by + text.slice(to);
    const cursor = from + by.length;
    type(now, cursor);
    // After the field has the text.
    requestAnimationFrame(() => input.current?.setSelectionRange(cursor, cursor));
    input.current?.focus();
  };
  const accept = (item: Completion) => {
    const rest = text.slice(popup!.to);
    const by = item.text === 'in' ? 'in (' : `${item.text}${/^[\s)]/.test(rest) ? '' : ' '}`;
    replace(popup!.from, popup!.to, by);
  };
  const move = (by: number) => {
    if (!popup) return void complete(text, input.current!.selectionStart ?? text.length);
    const { active, items } = popup;
    setPopup({ ...popup, active: (active + by + items.length) % items.length });
  };
  /** What keys do; false: not theirs now. */
  const keys: Record<string, () => unknown> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(popup?.active === -1 ? 0 : -1),
    Enter: () => {
      if (popup && popup.active >= 0) return accept(popup.items[popup.active]!);
      setPopup(null);
      setFocused(false); // somebody who asks for an answer is not typing any more
      apply(text);
    },
    Tab: () => {
      if (!popup || popup.active < 0) return false;
      accept(popup.items[popup.active]!);
    },
    Escape: () => {
      if (!popup) return false;
      setPopup(null);
    },
  };

  return (
    <div class="filter">
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label="Filter"
        aria-autocomplete="list"
        aria-expanded={popup !== null}
        aria-controls="filter-options"
        aria-activedescendant={popup && popup.active >= 0 ? `filter-option-${popup.active}` : undefined}
        aria-invalid={shown !== null}
        aria-describedby={shown ? 'filter-mistake' : undefined}
        placeholder="Filter: reward < 0.3 and not kept"
        spellcheck={false}
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => {
          setFocused(true);
          type(currentTarget.value, currentTarget.selectionStart ?? currentTarget.value.length);
        }}
        onScroll={({ currentTarget }) => setScrolled(currentTarget.scrollLeft)}
        onFocus={() => setFocused(true)}
        onBlur={() => {
          setFocused(false);
          setPopup(null);
          apply(text);
        }}
        onKeyDown={(event) => {
          const act = event.ctrlKey && event.key === ' ' ? () => move(1) : keys[event.key];
          if (!act || event.altKey || event.metaKey || event.isComposing || act() === false) return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      {shown && (
        <span
          class="mark"
          style={{
            '--from': shown.from,
            '--length': Math.max(shown.to - shown.from, 1),
            '--scrolled': `${scrolled}px`,
          }}
        />
      )}
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
      <div id="filter-mistake" class="mistake" role="status">
        {shown && (
          <>
            <span aria-hidden="true">✕ </span>
            {shown.message}{' '}
            {shown.suggestion !== null && (
              <Button onClick={() => replace(shown.from, shown.to, shown.suggestion!)}>
                Use <code>{shown.suggestion}</code>
              </Button>
            )}
          </>
        )}
      </div>
    </div>
  );
}
