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
import { Icon, type IconName } from './icon.tsx';

/*
 * Form controls of the panels, drawn by VS Code's toolkit, which only this file uses. The following controls stay
 * native, because the toolkit's are worse:
 * - fields for searching and numbers: toolkit fields have no such types, and no buttons to clear or step a value;
 * - the filter with its completions, and the fields of the annotation editor, which grow with their text, complete it,
 * or select it: they need the element that the toolkit hides;
 * - the list of strategies: the toolkit's dropdown has no groups;
 * - progress with a known share, because the toolkit's ring only turns; sliders, because the toolkit has none;
 * - tabs with a stage and its result, badges in the colour of a state: toolkit ones have one line and one colour;
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

/** Returns a tag of the toolkit, typed with the properties of the native element that the tag replaces. */
const tag = <Native extends keyof JSX.IntrinsicElements>(name: string) => name as unknown as Native;
const ButtonElement = tag<'button'>('vscode-button');
const CheckboxElement = tag<'input'>('vscode-checkbox');
const DropdownElement = tag<'select'>('vscode-dropdown');
const OptionElement = tag<'option'>('vscode-option');
const RingElement = tag<'div'>('vscode-progress-ring');
const TextAreaElement = tag<'textarea'>('vscode-text-area');
const TextFieldElement = tag<'input'>('vscode-text-field');

type ButtonProps = JSX.IntrinsicElements['button'] & {
  /** Key that has the same effect as the button. */
  k?: string;
  /** Whether the button is the main action of a panel. */
  primary?: boolean;
  /** Icon that replaces the button's text. `title` then contains the text. */
  icon?: IconName;
};

export function Button({
  k = '',
  primary = false,
  icon,
  title,
  disabled,
  onClick,
  children,
  ...rest
}: ButtonProps) {
  const { 'aria-pressed': pressed, 'aria-disabled': unable, 'aria-keyshortcuts': key = k, ...others } = rest;
  // The toolkit passes only these properties to the inner button and, of the attributes, only the label.
  const properties = {
    appearance: icon ? 'icon' : primary ? 'primary' : 'secondary',
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
      {...(icon && { 'aria-label': title })}
      title={k ? `${title ?? ''} (${k})`.trim() : title}
      disabled={disabled}
      onClick={disabled ? undefined : onClick}
    >
      {icon && <Icon name={icon} />}
      {/* Show the key only in menus, as VS Code does. For other buttons, the tooltip contains the key. */}
      {children} {k && !icon && <kbd aria-hidden="true">{k}</kbd>}
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
        // The toolkit also reports changes that the program made.
        if (currentTarget.checked !== checked) set(currentTarget.checked);
      }}
    >
      {children}
    </CheckboxElement>
  );
}

interface DropdownProps<Value extends string> {
  label: string;
  /** Whether to hide the label, because the context makes the control's meaning clear. */
  labelUnseen?: boolean;
  /** Options, each with its text if the text differs from the value. */
  options: readonly (Value | readonly [value: Value, text: string])[];
  value: Value;
  set: (value: Value) => void;
  title?: string;
  disabled?: boolean;
  id?: string;
}

export function Dropdown<Value extends string>(props: DropdownProps<Value>) {
  const { label, labelUnseen = false, options, value, set, ...rest } = props;
  const element = useRef<HTMLSelectElement & { open: boolean }>(null);
  const texts = options.map((option) => (typeof option === 'string' ? ([option, option] as const) : option));
  useEffect(() => {
    // If its options change, the dropdown selects an option itself. While the dropdown is open, the user decides.
    const { current } = element;
    if (current && !current.open && current.value !== value) current.value = value;
  });
  // Show a single option as text.
  if (texts.length === 1 && texts[0]![0] === value)
    return (
      <span class="dropdown only" title={rest.title}>
        <span class={labelUnseen ? 'unseen' : undefined}>{label}</span> <span>{texts[0]![1]}</span>
      </span>
    );
  return (
    <span class="dropdown" title={rest.title}>
      {!labelUnseen && <span aria-hidden="true">{label}</span>}
      <DropdownElement
        {...rest}
        ref={element}
        aria-label={label}
        value={value}
        onChange={({ currentTarget }) => {
          if (currentTarget.value !== value) set(currentTarget.value as Value);
        }}
        // The toolkit reports no change if an arrow key returns to the option selected when the list was last opened.
        onKeyUp={({ currentTarget }) => {
          const { open } = currentTarget as HTMLSelectElement & { open: boolean };
          if (!open && currentTarget.value !== value) set(currentTarget.value as Value);
        }}
      >
        {texts.map(([optionValue, text]) => (
          // The toolkit displays the new text of a selected option only if the option is a new element.
          <OptionElement key={JSON.stringify([optionValue, text])} class="option" value={optionValue}>
            {text}
          </OptionElement>
        ))}
      </DropdownElement>
    </span>
  );
}

interface TextProps {
  label: string;
  /** Text that follows the name in the label. */
  hint?: string;
  value: string;
  /** Receives the value after every key press. */
  onInput?: (value: string) => void;
  /** Receives the value when the field loses the focus or the user presses Enter. */
  onChange?: (value: string) => void;
  id?: string;
  placeholder?: string;
}

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

/** Text field with several lines, below its label. */
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

/** Turning ring that shows progress with an unknown end. */
export const ProgressRing = ({ label }: { label: string }) => <RingElement aria-label={label} />;

interface RangeProps {
  id?: string;
  /** Name that screen readers announce, if there is no visible label. */
  label?: string;
  text?: string;
  min?: number;
  max: number;
  step?: number;
  value: number;
  set: (value: number) => void;
}

/** Slider that takes effect while the user moves it. */
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
  /** Placeholder text, if it adds information to the label. */
  placeholder?: string;
  onKeyDown?: (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => void;
}

/** Field for search words, which takes effect after every key press. */
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

/**
 * Menu that opens below a word. The menu closes after a press of one of its buttons, on Escape (which focuses the
 * word), and when the focus leaves the menu.
 */
export function Menu({ label, children }: { label: string; children: ComponentChildren }) {
  const details = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (details.current) details.current.open = false;
  };
  const back = () => {
    close();
    details.current?.querySelector('summary')!.focus();
  };
  return (
    <details
      ref={details}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !details.current?.open) return;
        event.stopPropagation();
        back();
      }}
      onClick={({ target }) => (target as Element).closest('.button') && back()}
      onFocusOut={({ relatedTarget }) => {
        if (!details.current?.contains(relatedTarget as Node | null)) close();
      }}
    >
      <summary>{label}</summary>
      {children}
    </details>
  );
}
