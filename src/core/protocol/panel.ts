/** What the host of every panel offers, in addition to the panel's own calls. */
export interface PanelHost {
  /** The page has started, and begins a conversation. */
  ready(args: null): void;
  /** What the page shows of its panel's state after a reload, or when its tab was closed asleep. */
  remember(memory: unknown): void;
}
