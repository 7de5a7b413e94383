import { Component, createContext, type ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import { Button } from './controls.tsx';

/** VS Code's term for untrusted workspaces. The page adds the trust button to messages that contain this term. */
const RESTRICTED = 'Restricted Mode';

/** Opens VS Code's page about workspace trust. */
export const ManageTrust = createContext<() => void>(() => undefined);

/** Button for leaving Restricted Mode. */
export function TrustButton() {
  const manage = useContext(ManageTrust);
  return <Button onClick={manage}>Manage Workspace Trust</Button>;
}

interface MessageProps {
  title?: string | undefined;
  text?: string | undefined;
  role?: 'alert' | 'status';
  /** Whether the message is inside the main part of a page. If not, the message replaces this part. */
  within?: boolean;
  children?: ComponentChildren;
}

/** Message that replaces the content of a page, and contains the next steps. */
export function Message({ title, text, role, within = false, children }: MessageProps) {
  const Tag = within ? 'div' : 'main';
  return (
    <Tag class="message">
      {title && <h1>{title}</h1>}
      {text && <p role={role}>{text}</p>}
      {text?.includes(RESTRICTED) && <TrustButton />}
      {children}
    </Tag>
  );
}

/** Error that the page shows next to its content. */
export const Problem = ({ why, signed }: { why: string | null | undefined; signed?: boolean }) =>
  why ? (
    <p class="problem fault" role="alert">
      {signed && <span aria-hidden="true">✕ </span>}
      {why}
      {why.includes(RESTRICTED) && (
        <>
          {' '}
          <TrustButton />
        </>
      )}
    </p>
  ) : null;

interface Guarded {
  /** Displayed data. If the data change, the component draws its content again. */
  shown: unknown;
  children: ComponentChildren;
}

/**
 * Shows an error instead of content that cannot be drawn, because data can have unforeseen forms. The remaining panel
 * is unchanged.
 */
export class Boundary extends Component<Guarded, { error: Error | null }> {
  override state = { error: null as Error | null };

  static override getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidUpdate({ shown }: Guarded): void {
    if (shown !== this.props.shown && this.state.error) this.setState({ error: null });
  }

  override render({ children }: Guarded) {
    const { error } = this.state;
    return error ? <p class="missing">Cannot show this content: {error.message}</p> : children;
  }
}
