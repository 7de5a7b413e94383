import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { completeFilter, type Completion, type Completions } from '../../../src/core/query/complete.ts';
import { checkFilter } from '../../../src/core/query/parse.ts';
import type { TraceList } from '../../../src/core/protocol/trace-panel.ts';
import { LIST_FIELDS, ownFields } from '../../../src/core/run-data/fields.ts';
import { useLater } from '../../ui/later.ts';

/** The completions at the cursor, and the selected one (−1: none). */
interface Popup extends Completions {
  active: number;
}

type FilterMistake = NonNullable<ReturnType<typeof checkFilter>>;

/** The state of a filter while it is typed. */
export interface FilterText {
  text: string;
  popup: Popup | null;
  /** Also null while the text may still become correct. */
  mistake: FilterMistake | null;
  type: (text: string, cursor: number) => void;
  replace: (from: number, to: number, by: string) => void;
  accept: (item: Completion) => void;
  focus: () => void;
  blur: () => void;
  /** @returns false if the key has no effect now. */
  press: (event: KeyboardEvent) => boolean;
}

/** How long after the last key to apply a filter, in ms. */
const PAUSE_MS = 250;

/**
 * The state of a filter field with completion.
 * @param onFilter called only with filters without mistakes
 * @param list which properties the rows have beyond the known ones, and which known ones no row has
 */
export function useFilterText(
  value: string,
  onFilter: (filter: string) => void,
  input: RefObject<HTMLInputElement | null>,
  list: Pick<TraceList, 'own' | 'unknown'> | null,
): FilterText {
  const all = [...LIST_FIELDS, ...ownFields(list?.own ?? [])];
  const [text, setText] = useState(value);
  const [popup, setPopup] = useState<Popup | null>(null);
  const [focused, setFocused] = useState(false);
  const later = useLater(PAUSE_MS);
  useEffect(() => setText(value), [value]);

  const mistake = checkFilter(text, all);
  // While the user types, ignore mistakes that can be completed, or that are missing text at the end.
  const isUnfinished = focused && (popup !== null || (mistake?.from ?? 0) >= text.trimEnd().length);

  const apply = (filter: string) => {
    if (!checkFilter(filter, all)) onFilter(filter);
  };
  /** Opens the popup if there are completions. @returns whether a property's name is being typed. */
  const complete = (now: string, cursor: number): boolean => {
    const fields = all.filter(({ name }) => !list?.unknown?.includes(name));
    const offered = completeFilter(now, cursor, fields);
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
    // The beginning of a property's name is not a search term yet.
    if (complete(now, cursor)) later.cancel();
    else later.after(() => apply(now));
  };
  const replace = (from: number, to: number, by: string) => {
    const cursor = from + by.length;
    type(text.slice(0, from) + by + text.slice(to), cursor);
    // After the text is in the field.
    requestAnimationFrame(() => input.current?.setSelectionRange(cursor, cursor));
    input.current?.focus();
  };
  const accept = (item: Completion) => {
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
    setFocused(false); // applying with Enter means that the user has finished typing
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
    press: ({ key, ctrlKey, altKey, metaKey, isComposing }) => {
      if (altKey || metaKey || isComposing) return false;
      return ctrlKey && key === ' ' ? move(1) : (keys[key]?.() ?? false);
    },
  };
}
