import { useRef, useState, useEffect } from 'preact/hooks';
import type { TraceList } from '../../../src/panels/trace/trace.contract.ts';
import { Button } from '../../ui/controls.tsx';
import type { RefObject } from 'preact';
import type { Completions } from '../../../src/core/query/complete-filter.ts';
import { filterWriting } from '../../../src/core/run-data/trace-fields.ts';
import { valueLabel } from '../wall/wall-words.ts';
import { useLater } from '../../ui/hooks.ts';

interface FilterFieldProps {
  value: string;
  /** Receives the filter after each change, but only valid filters. */
  onFilter: (filter: string) => void;
  list: Pick<TraceList, 'own' | 'unknown' | 'occurring' | 'partners'> | null;
  /** Whether the rows are from an evaluation, which has no rewards. */
  evaluation: boolean;
}

/** Returns a filter on properties that the rows have, as an example; empty if the rows have too few properties. */
function exampleFor({ list, evaluation }: Pick<FilterFieldProps, 'list' | 'evaluation'>): string {
  const has = (...names: string[]) => !names.some((name) => list?.unknown?.includes(name));
  if (!evaluation && has('reward', 'kept')) return 'reward < 0.3 and not kept';
  if (list?.partners !== null && has('verdict')) return 'verdict = only_original';
  return has('accuracy') ? 'accuracy < 1' : '';
}

/** Filter field with completions. Marks the position of a mistake. */
export function FilterField({ value, onFilter, list, evaluation }: FilterFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const [scrolled, setScrolled] = useState(0);
  const filter = useFilterText(value, onFilter, input, list);
  const { text, popup, mistake } = filter;
  const example = exampleFor({ list, evaluation });
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
        placeholder={example ? `Filter: ${example}` : 'Filter'}
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
            event.preventDefault(); // Keep the focus in the field.
            accept(item);
          }}
        >
          <code>{item.text}</code> <span class="quiet">{docOf(item)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Returns the meaning of a completion. For a value, its words, if they differ from the value. */
function docOf({ kind, text, doc }: Completions['items'][number]): string {
  if (kind !== 'value') return doc;
  const words = valueLabel(doc, text === 'null' ? null : text);
  return words === text ? '' : words;
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

/** Completions at the cursor, and the index of the selected completion (−1 without a selection). */
type Popup = Completions & { active: number };

type FilterText = ReturnType<typeof useFilterText>;

/** Delay between the last key press and applying the filter, in ms. */
const PAUSE_MS = 250;

/**
 * Returns the state of a filter field with completions.
 * @param onFilter receives only valid filters
 * @param list additional properties of the rows, properties that no row has, and the values that the rows have
 */
function useFilterText(
  value: string,
  onFilter: (filter: string) => void,
  input: RefObject<HTMLInputElement | null>,
  list: Pick<TraceList, 'own' | 'unknown' | 'occurring'> | null,
) {
  const { mistakeIn, complete: completionsAt } = filterWriting(
    list?.own ?? [],
    list?.unknown ?? [],
    list?.occurring,
  );
  const [text, setText] = useState(value);
  const [popup, setPopup] = useState<Popup | null>(null);
  const [focused, setFocused] = useState(false);
  const later = useLater(PAUSE_MS);
  useEffect(() => setText(value), [value]);

  const mistake = mistakeIn(text);
  // While the user types, ignore mistakes that a completion can correct, and missing text at the end.
  const isUnfinished = focused && (popup !== null || (mistake?.from ?? 0) >= text.trimEnd().length);

  const apply = (filter: string) => {
    if (!mistakeIn(filter)) onFilter(filter);
  };
  /** Opens the popup if completions exist. @returns whether the cursor is in the name of a property */
  const complete = (now: string, cursor: number): boolean => {
    const offered = completionsAt(now, cursor);
    const word = now.slice(offered.from, offered.to);
    const items = offered.items.filter((item) => item.text !== word);
    const isPart =
      word !== '' && items.length === offered.items.length && items[0]?.text.startsWith(word) === true;
    setPopup(items.length > 0 ? { ...offered, items, active: isPart ? 0 : -1 } : null);
    return isPart && items.some((item) => item.kind === 'property');
  };
  const type = (now: string, cursor: number) => {
    setFocused(true);
    setText(now);
    // Do not apply an unfinished property name, because it is not a search term.
    if (complete(now, cursor)) later.cancel();
    else later.after(() => apply(now));
  };
  const replace = (from: number, to: number, by: string) => {
    const cursor = from + by.length;
    type(text.slice(0, from) + by + text.slice(to), cursor);
    // Wait until the field contains the new text.
    requestAnimationFrame(() => input.current?.setSelectionRange(cursor, cursor));
    input.current?.focus();
  };
  const accept = (item: Completions['items'][number]) => {
    const rest = text.slice(popup!.to);
    const by = item.text === 'in' ? 'in (' : `${item.text}${/^[\s)]/.test(rest) ? '' : ' '}`;
    replace(popup!.from, popup!.to, by);
  };
  const acceptActive = (): boolean => {
    if (!popup || popup.active < 0) return false;
    accept(popup.items[popup.active]!);
    return true;
  };
  const move = (by: number): true => {
    if (popup) {
      const { active, items } = popup;
      setPopup({ ...popup, active: (active + by + items.length) % items.length });
    } else complete(text, input.current!.selectionStart ?? text.length);
    return true;
  };
  const enter = (): true => {
    if (acceptActive()) return true;
    setPopup(null);
    setFocused(false); // Enter ends typing.
    later.now(() => apply(text));
    return true;
  };
  const close = (): boolean => {
    setPopup(null);
    return popup !== null;
  };
  const keys: Record<string, () => boolean> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(popup?.active === -1 ? 0 : -1),
    Enter: enter,
    Tab: acceptActive,
    Escape: close,
  };
  return {
    text,
    popup,
    // No mistake is shown while more typing can correct the text.
    mistake: isUnfinished ? null : mistake,
    type,
    replace,
    accept,
    focus: () => setFocused(true),
    blur: () => {
      setFocused(false);
      setPopup(null);
      later.now(() => apply(text));
    },
    /** @returns false if the key has no effect now */
    press: ({ key, ctrlKey, altKey, metaKey, isComposing }: KeyboardEvent): boolean => {
      if (altKey || metaKey || isComposing) return false;
      return ctrlKey && key === ' ' ? move(1) : (keys[key]?.() ?? false);
    },
  };
}
