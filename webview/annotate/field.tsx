import type { Problem } from '../../src/base/problem.ts';
import { useWidth } from '../ui/hooks.ts';
import { usePage } from './annotate-model.ts';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { oneLine } from '../../src/base/escape.ts';
import { several } from '../../src/base/format.ts';

interface EntryProps {
  label: string;
  value: string;
  /** Receives the text after every key press, so that saving always includes the displayed text. */
  onType: (value: string) => void;
  /** Key whose change makes the field show the new value. By default, it changes with the row, but not by typing. */
  version?: string;
  id?: string;
  hint?: string;
  /** Question in English, which the field shows below the text if the question differs from the text. */
  english?: string;
  problems?: readonly Problem[];
  /** Whether Tab passes over the field, while the user edits the text beside it. */
  passed?: boolean;
}

export function Field({
  label,
  value,
  onType,
  id,
  hint,
  english,
  problems = [],
  passed = false,
  ...props
}: EntryProps) {
  const { readOnly, version: current, actions } = usePage();
  const { version = current } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const last = useRef({ value, version });
  /**
   * Values reported since the host last changed the text. When the host sends these values back late, they must not
   * replace newer typing.
   */
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
  const width = useWidth(area);
  useLayoutEffect(() => {
    const { style } = area.current!;
    style.height = 'auto';
    style.height = `${area.current!.scrollHeight + 2}px`;
  }, [shown, width]);
  return (
    <label class="field stack">
      <span class="name">
        <span>{label}</span> <Warning problems={problems} />
      </span>
      <textarea
        class="input"
        dir="auto"
        ref={area}
        aria-label={label}
        id={id}
        rows={1}
        value={shown}
        readOnly={readOnly}
        tabIndex={passed ? -1 : undefined}
        placeholder={hint}
        spellcheck={false}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          told.current.add(currentTarget.value);
          onType(currentTarget.value);
        }}
        // Until the row with the typed text arrives, the value is still the old text.
        onBlur={() =>
          actions.whenLoaded(() => {
            if (document.activeElement === area.current) return;
            setTyped(null);
            told.current.clear();
            last.current.version = version;
          })
        }
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          area.current!.blur();
        }}
      />
      {english !== undefined && <InEnglish text={english} question={shown} />}
    </label>
  );
}

/** English form of a compact question, next to the question in the file, which models get. */
export const InEnglish = ({ text, question }: { text: string; question: string }) =>
  text === question ? null : (
    <span class="quiet" dir="auto">
      {text}
    </span>
  );

interface FieldProps {
  value: string;
  /** Receives a changed text when the field loses the focus or the user presses Enter. */
  onDone: (value: string) => void;
  /** Returns the reason why a value is invalid, which the field shows; null for a valid value. */
  wrong?: (value: string) => string | null;
  type?: 'text' | 'number';
  list?: string;
  placeholder?: string;
  title?: string;
  'aria-label'?: string;
}

/** Field for a short text that takes effect when the user has finished typing. Typing survives redrawing the page. */
export function Entry({ value, onDone, wrong, ...rest }: FieldProps) {
  const { readOnly } = usePage();
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
      class="input"
      dir="auto"
      readOnly={readOnly}
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
    <span>
      {entry}
      {message !== null && (
        <span ref={refusal} class="refusal" id={id} role="alert">
          {message}
        </span>
      )}
    </span>
  );
}

/** Fields of the card that show their own problems next to the field. */
const FIELDS = ['question', 'answer', 'reasoning', 'choices', 'task', 'boxes', 'scene_graph', 'variants'];

const fieldOf = (path = ''): string => path.split(/[.[]/)[0]!;

export const hasField = (path: string | undefined): boolean => FIELDS.includes(fieldOf(path));

export const problemsOf = (problems: readonly Problem[], ...fields: string[]): Problem[] =>
  problems.filter(({ path }) => fields.includes(fieldOf(path)));

/** Returns the text of a problem. A fix without its terminal command, which the editor has as buttons. */
const textOf = (message: string, fix = ''): string =>
  oneLine(`${message} ${fix.replace(/: chirality review .*$/, '.')}`, 500);

/** All problems of a row in full, below the fields, so that no field moves. The lines of the fields can cut them. */
export function Problems({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <section aria-label="Problems of this row">
      <h2 class="name">
        <span>{several(problems.length, 'problem')} of this row</span>
      </h2>
      <ul class="problems">
        {problems.map(({ path, message, fix }) => (
          <li key={`${path} ${message}`}>
            {path && <span class="quiet">{oneLine(path, 60)}: </span>}
            {textOf(message, fix)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Problems of a field, in the line of its name, so that no field moves. The tooltip contains the full text. */
export function Warning({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  const texts = problems.map(({ message, fix }) => textOf(message, fix));
  return (
    <span class="warning" role="status" title={texts.join('\n')}>
      <span aria-hidden="true">⚠</span> {texts.join(' ')}
    </span>
  );
}
