import type { TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TraceQuery } from '../../../src/core/run-data/trace-summary.ts';
import type { TraceList } from '../../../src/panels/trace/trace.contract.ts';
import { SearchField } from '../../ui/controls.tsx';
import { useLater } from '../../ui/hooks.ts';
import { FilterField } from './filter-field.tsx';
import './list.css';

interface SearchProps {
  query: TraceQuery;
  onQuery: (query: TraceQuery) => void;
  /** List whose rows the fields filter; null until the list is loaded. */
  list: Pick<TraceList, 'own' | 'unknown' | 'occurring' | 'partners'> | null;
  evaluation: boolean;
}

/** Fields for selecting pairs: a search text, and a filter. */
export function Search({ query, onQuery, list, evaluation }: SearchProps) {
  // Each field waits for a pause. During the pause, the other part of the query can change.
  const latest = useRef(query);
  latest.current = query;
  const ask = (change: Partial<TraceQuery>) => {
    const { text, filter } = latest.current;
    const next = { ...latest.current, ...change };
    if (next.text !== text || next.filter !== filter) onQuery(next);
  };
  return (
    <search class="trace-search" onKeyDown={backToRows}>
      <TextField value={query.text} onText={(text) => ask({ text })} />
      <FilterField value={query.filter} onFilter={(filter) => ask({ filter })} {...{ list, evaluation }} />
    </search>
  );
}

/** On Escape, moves the focus from a field to the rows, without changing the field's text. */
function backToRows(event: TargetedKeyboardEvent<HTMLElement>): void {
  if (event.key !== 'Escape') return;
  event.preventDefault();
  document.querySelector<HTMLElement>('[role=grid], [role=listbox][aria-multiselectable]')?.focus();
}

function TextField({ value, onText }: { value: string; onText: (text: string) => void }) {
  const [text, setText] = useState(value);
  const later = useLater(250);
  useEffect(() => setText(value), [value]);
  return (
    <SearchField
      label="Search questions, answers and completions"
      placeholder="Search texts"
      value={text}
      set={(now) => {
        setText(now);
        later.after(() => onText(now));
      }}
      onKeyDown={({ key }) => key === 'Enter' && later.now(() => onText(text))}
    />
  );
}
