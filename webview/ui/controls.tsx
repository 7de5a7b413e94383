import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextArea,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/*
 * The form controls of the panels, drawn by VS Code's toolkit, which no other file knows. Native are, because the toolkit
 * does worse:
 * - fields for searching and numbers: its text field has no such types, and nothing to clear or step a value with;
 * - the filter with its completions, and the fields of the annotation editor, which grow with their text, complete it, or
 *   have what is typed selected: they need the element that it hides;
 * - the list of strategies: its dropdown has no groups;
 * - progress that is known: its ring only turns; sliders: it has none;
 * - tabs that name a stage and what came of it, badges in the colour of a state: its own have one line and one colour;
 * - buttons that are a line of a list, a cell of a table or a part of a chart.
 */
provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeCheckbox(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodeProgressRing(),
  vsCodeTextArea(),
  vsCodeTextField(),
);

/** A tag of the toolkit has the properties of the element that it stands for. */
const tag = <Native extends keyof JSX.IntrinsicElements>(name: string) => name as unknown as Native;
const ButtonElement = tag<'button'>('vscode-button');
const CheckboxElement = tag<'input'>('vscode-checkbox');
const DropdownElement = tag<'select'>('vscode-dropdown');
const OptionElement = tag<'option'>('vscode-option');
const RingElement = tag<'div'>('vscode-progress-ring');
const TextAreaElement = tag<'textarea'>('vscode-text-area');
const TextFieldElement = tag<'input'>('vscode-text-field');

type ButtonProps = JSX.IntrinsicElements['button'] & {
  /** The key that does the same. */
  k?: string;
  /** What a panel is mostly for. */
  primary?: boolean;
};

export function Button({
  k = '',
  primary = false,
  title,
  disabled,
  onClick,
  children,
  ...rest
}: ButtonProps) {
  const { 'aria-pressed': pressed, 'aria-disabled': unable, 'aria-keyshortcuts': key = k, ...others } = rest;
  // Of attributes, the toolkit hands only the label on to the button within; of properties, these.
  const properties = {
    appearance: primary ? 'primary' : 'secondary',
    ariaPressed: textOf(pressed),
    ariaDisabled: textOf(unable),
    ariaKeyshortcuts: String(key).replace('Ctrl', 'Control') || null,
  };
  return (
    <ButtonElement
      type="button"
      class="button"
      {...others}
      {...properties}
      title={k && title ? `${title} (${k})` : title}
      disabled={disabled}
      onClick={disabled ? undefined : onClick}
    >
      {children} {k && <kbd aria-hidden="true">{k}</kbd>}
    </ButtonElement>
  );
}

const textOf = (state: unknown) => (state === undefined ? null : String(state));

interface CheckboxProps {
  checked: boolean;
  set: (checked: boolean) => void;
  title?: string;
  disabled?: boolean;
  children: ComponentChildren;
}

export function Checkbox({ checked, set, children, ...rest }: CheckboxProps) {
  return (
    <CheckboxElement
      {...rest}
      class="checkbox"
      checked={checked}
      onChange={({ currentTarget }) => {
        // It also tells what the program itself has changed.
        if (currentTarget.checked !== checked) set(currentTarget.checked);
      }}
    >
      {children}
    </CheckboxElement>
  );
}

interface DropdownProps {
  label: string;
  /** Where what stands around it says what it is. */
  labelUnseen?: boolean;
  options: readonly (readonly [value: string, text: string])[];
  value: string;
  set: (value: string) => void;
  title?: string;
  disabled?: boolean;
  id?: string;
}

export function Dropdown({ label, labelUnseen = false, options, value, set, ...rest }: DropdownProps) {
  const element = useRef<HTMLSelectElement & { open: boolean }>(null);
  useEffect(() => {
    // It chooses for itself when its options change; while it is open, a person does.
    const { current } = element;
    if (current && !current.open && current.value !== value) current.value = value;
  });
  return (
    <span class="dropdown" title={rest.title}>
      {!labelUnseen && <span aria-hidden="true">{label}</span>}
      <DropdownElement
        {...rest}
        ref={element}
        aria-label={label}
        value={value}
        onChange={({ currentTarget }) => {
          if (currentTarget.value !== value) set(currentTarget.value);
        }}
      >
        {options.map(([own, text]) => (
          <OptionElement key={own} class="option" value={own}>
            {text}
          </OptionElement>
        ))}
      </DropdownElement>
    </span>
  );
}

interface TextProps {
  label: string;
  /** What the label says beyond the name. */
  hint?: string;
  value: string;
  /** Told with every key. */
  onInput?: (value: string) => void;
  /** Told when the field is left, or Enter is pressed. */
  onChange?: (value: string) => void;
  id?: string;
  placeholder?: string;
}

/** A text of one line under its label. */
export const TextField = ({ label, hint, onInput, onChange, ...rest }: TextProps) => (
  <TextFieldElement
    {...rest}
    class="text-field"
    aria-label={label}
    onInput={({ currentTarget }) => onInput?.(currentTarget.value)}
    onChange={({ currentTarget }) => onChange?.(currentTarget.value)}
  >
    {label} {hint && <i class="quiet">{hint}</i>}
  </TextFieldElement>
);

/** A text of several lines under its label. */
export const TextArea = ({
  label,
  onInput,
  ...rest
}: Omit<TextProps, 'hint' | 'onChange'> & { rows: number }) => (
  <TextAreaElement
    {...rest}
    class="text-area"
    aria-label={label}
    onInput={({ currentTarget }) => onInput?.(currentTarget.value)}
  >
    {label}
  </TextAreaElement>
);

/** Turns while it is not known how far something is. */
export const ProgressRing = ({ label }: { label: string }) => <RingElement aria-label={label} />;
