import type { Problem } from '../../src/core/problem.ts';
import { Warning } from './warning.tsx';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface EntryProps {
  label: string;
  value: string;
  /** Told with every key, so that a save always holds what is seen. */
  onType: (value: string) => void;
  readOnly: boolean;
  /** Changes when the row changes under the field: an undo, another row. What was typed gives way to it. */
  version: string;
  id?: string;
  hint?: string;
  problems?: readonly Problem[];
}

/** A text that grows with what is in it. */
export function Field({ label, value, onType, readOnly, version, id, hint, problems = [] }: EntryProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const last = useRef({ value, version });
  /** What was told since the host last changed the text: its echoes, which come late, leave what is typed now. */
  const told = useRef(new Set<string>());
  useEffect(() => {
    const changed = value !== last.current.value && version !== last.current.version;
    if (changed && !told.current.has(value)) {
      setTyped(null);
      told.current.clear();
      last.current.version = version;
    }
    last.current.value = value;
  }, [version, value]);
  const shown = typed ?? value;
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry!.contentRect.width));
    observer.observe(area.current!);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const { style } = area.current!;
    style.height = 'auto';
    style.height = `${area.current!.scrollHeight + 2}px`;
  }, [shown, width]);
  return (
    <label class="field">
      <span class="name">
        <span>{label}</span> <Warning problems={problems} />
      </span>
      <textarea
        ref={area}
        aria-label={label}
        id={id}
        rows={1}
        value={shown}
        readOnly={readOnly}
        placeholder={hint}
        spellcheck={false}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          told.current.add(currentTarget.value);
          onType(currentTarget.value);
        }}
        onBlur={() => {
          setTyped(null);
          told.current.clear();
          last.current.version = version;
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          area.current!.blur();
        }}
      />
    </label>
  );
}

interface FieldProps {
  value: string;
  /** Told when the field is left or Enter is pressed, if it was changed. */
  onDone: (value: string) => void;
  /** Why it cannot be taken, in words that stand at the field as long as it is there; null where it can. */
  wrong?: (value: string) => string | null;
  readOnly: boolean;
  type?: 'text' | 'number';
  list?: string;
  placeholder?: string;
  title?: string;
  'aria-label'?: string;
}

/** A short text that counts when it is finished. What is typed stays, whatever is drawn anew meanwhile. */
export function Entry({ value, onDone, wrong, ...rest }: FieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const message = typed === null || typed === value ? null : (wrong?.(typed) ?? null);
  const id = useId();
  const refusal = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => refusal.current?.scrollIntoView({ block: 'nearest' }), [message]);
  useEffect(() => setTyped(null), [value]);
  const finish = () => {
    if (message !== null) return;
    if (typed !== null && typed !== value) onDone(typed);
    setTyped(null);
  };
  const entry = (
    <input
      {...rest}
      {...(message !== null && { 'aria-invalid': true, 'aria-describedby': id })}
      step="any"
      value={typed ?? value}
      onInput={({ currentTarget }) => setTyped(currentTarget.value)}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === 'Enter') finish();
        if (event.key !== 'Escape') return;
        setTyped(null);
        event.currentTarget.blur();
      }}
    />
  );
  if (!wrong) return entry;
  return (
    <span class="entry">
      {entry}
      {message !== null && (
        <span ref={refusal} class="refusal" id={id} role="alert">
          {message}
        </span>
      )}
    </span>
  );
}
