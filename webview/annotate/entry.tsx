import { useState } from 'preact/hooks';

interface Props {
  value: string;
  /** Told when the field is left or Enter is pressed, if it was changed. */
  onDone: (value: string) => void;
  readOnly: boolean;
  type?: 'text' | 'number';
  list?: string;
  placeholder?: string;
  title?: string;
  'aria-label'?: string;
}

/** A short text that counts when it is finished. What is typed stays, whatever is drawn anew meanwhile. */
export function Entry({ value, onDone, ...rest }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const finish = () => {
    if (typed !== null && typed !== value) onDone(typed);
    setTyped(null);
  };
  return (
    <input
      {...rest}
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
}
