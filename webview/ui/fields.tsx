/** Fields that stay native (see controls.tsx). */

interface RangeProps {
  id?: string;
  /** For screen readers, if no label stands beside it. */
  label?: string;
  /** What the value says. */
  text?: string;
  min?: number;
  max: number;
  step?: number;
  value: number;
  set: (value: number) => void;
}

/** A slider that acts while it is moved. */
export const Range = ({ label, text, min = 0, set, ...rest }: RangeProps) => (
  <input
    {...rest}
    type="range"
    aria-label={label}
    aria-valuetext={text}
    min={min}
    onInput={({ currentTarget }) => set(currentTarget.valueAsNumber)}
  />
);

interface SearchProps {
  label: string;
  value: string;
  set: (text: string) => void;
  id?: string;
  title?: string;
  /** If it says more than the label. */
  placeholder?: string;
  onKeyDown?: (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => void;
}

/** A field for words to look for, which acts with every key. */
export const SearchField = ({ label, set, ...rest }: SearchProps) => (
  <input
    class="input"
    type="search"
    aria-label={label}
    placeholder={label}
    spellcheck={false}
    {...rest}
    onInput={({ currentTarget }) => set(currentTarget.value)}
  />
);
