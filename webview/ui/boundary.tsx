import { Component, type ComponentChildren } from 'preact';

interface Props {
  /** What is shown; something else gets another chance. */
  of: unknown;
  children: ComponentChildren;
}

/** Data may be of shapes that nobody thought of: what cannot be drawn says so, and does not take the panel with it. */
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
