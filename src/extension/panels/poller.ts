import type * as vscode from 'vscode';

/** Polls for changes while a panel is visible. Two polls never overlap. */
export class Poller {
  private timer: NodeJS.Timeout | undefined;
  private polling: Promise<void> = Promise.resolve();
  private ended = false;

  /**
   * @param poll must not reject.
   * @param pause milliseconds from the end of a poll to the start of the next.
   */
  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly poll: () => Promise<void>,
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
      this.polling = this.polling.then(this.poll);
      void this.polling.then(() => this.after(this.pause()));
    }, delay);
  }
}
