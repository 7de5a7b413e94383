import type * as vscode from 'vscode';

/** Polls for changes while a panel is visible. Two polls never overlap. */
export class Poller {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private ended = false;

  /**
   * @param look must not reject.
   * @param pause milliseconds from the end of a look to the next one.
   */
  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly look: () => Promise<void>,
    private readonly pause: () => number,
  ) {
    panel.onDidChangeViewState(() => this.now());
    this.now();
  }

  now(): void {
    this.after(0);
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private after(delay: number): void {
    clearTimeout(this.timer);
    if (this.ended || !this.panel.visible) return;
    this.timer = setTimeout(() => {
      this.looking = this.looking.then(this.look);
      void this.looking.then(() => this.after(this.pause()));
    }, delay);
  }
}
