import type { ComponentChildren } from 'preact';
import './message.css';

interface Props {
  title?: string | undefined;
  text?: string | undefined;
  /** How the text is read aloud. */
  role?: 'alert' | 'status';
  /** Whether it stands within the main part of a page, rather than in its place. */
  within?: boolean;
  /** What can be done. */
  children?: ComponentChildren;
}

/** In the place of what cannot be shown: why, and what can be done. */
export function Message({ title, text, role, within = false, children }: Props) {
  const Tag = within ? 'div' : 'main';
  return (
    <Tag class="message">
      {title && <h1>{title}</h1>}
      {text && <p role={role}>{text}</p>}
      {children}
    </Tag>
  );
}

/** What went wrong, beside what is shown all the same. */
export const Problem = ({ why, signed }: { why: string | null | undefined; signed?: boolean }) =>
  why ? (
    <p class="problem" role="alert">
      {signed && <span aria-hidden="true">✕ </span>}
      {why}
    </p>
  ) : null;
