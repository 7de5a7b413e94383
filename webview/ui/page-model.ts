import type { Api, Channel } from '../../src/base/channel.ts';

/** State of a page, and methods that change the state. The actions of a page are methods of a subclass. */
export class PageModel<State, Host extends Api<Host>> {
  /** @param changed called after every change, to draw the page and store its state */
  constructor(
    readonly host: Channel<Host>,
    public state: State,
    private readonly changed: (state: State) => void,
  ) {}

  update(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.changed(this.state);
  }
}
