import type { ComponentChildren, JSX } from 'preact';

/** A button of a panel's toolbar with its key, `''` for none. */
export function Tool({
  k,
  title,
  children,
  ...rest
}: JSX.IntrinsicElements['button'] & { k: string; title: string; children: ComponentChildren }) {
  return (
    <button
      type="button"
      title={k ? `${title} (${k})` : title}
      {...(k && { 'aria-keyshortcuts': k })}
      {...rest}
    >
      {children} {k && <kbd aria-hidden="true">{k}</kbd>}
    </button>
  );
}
