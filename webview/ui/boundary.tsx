import { Component, type ComponentChildren } from 'preact';

interface Props {
  /** What is shown; when it changes, drawing is tried again. */
  of: unknown;
  children: ComponentChildren;
}

/**
 * Shows an error in place of what cannot be drawn, since data may have unforeseen shapes, so that the rest of the panel
 * stays.
 */
export class Boundary extends Component<Props, { error: Error | null }> {
  override state = { error: null as Error | null };

  static override getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidUpdate({ of }: Props): void {
    if (of !== this.props.of && this.state.error) this.setState({ error: null });
  }

  override render({ children }: Props) {
    const { error } = this.state;
    return error ? <p class="missing">This cannot be shown: {error.message}</p> : children;
  }
}
