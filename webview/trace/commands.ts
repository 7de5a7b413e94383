import { pairMarkdown } from '../../src/core/reports/export/markdown.ts';
import type { TraceCommand } from '../../src/core/protocol/trace-panel.ts';
import { isTextField, tellTyping, wasText } from '../ui/keyboard.ts';
import { exportHtml, exportPng } from './export.ts';
import type { TraceModel } from './model.ts';

/** A command that comes this soon after a repeating key was released is an echo of its last repeat. */
const ECHO_MS = 500;

/** A key that is held longer than this is released to go back. */
const HOLD_MS = 350;

/** What the panel's commands do. They come from the host, which knows the keys; the page knows what is held. */
export class CommandRunner {
  /** The key that is down, since when, and whether it repeats. */
  private held: { code: string; since: number; swapped: boolean } | null = null;
  private repeating = false;
  /** When a repeating key was released, unless another was pressed since. */
  private released = -Infinity;

  constructor(private readonly model: TraceModel) {
    addEventListener('keydown', (event) => {
      this.repeating = event.repeat;
      if (!event.repeat) {
        this.held = { code: event.code, since: event.timeStamp, swapped: false };
        this.released = -Infinity;
      }
      // Where these are on a keyboard differs from country to country; the character is the same.
      if (event.ctrlKey || event.altKey || event.metaKey || isTextField(document.activeElement)) return;
      if (event.key === '?') this.run('showKeys');
      if (event.key === '/') {
        event.preventDefault();
        this.run('search');
      }
    });
    addEventListener('keyup', (event) => {
      const { held } = this;
      if (held?.code !== event.code) return;
      this.held = null;
      if (this.repeating) this.released = event.timeStamp;
      this.repeating = false;
      if (held.swapped && event.timeStamp - held.since > HOLD_MS) this.swap();
    });
    // The key may be released elsewhere.
    addEventListener('blur', () => {
      if (this.held?.swapped) this.swap();
      this.held = null;
    });
    tellTyping((on) => model.host.notify('typing', { on }));
  }

  /** A command of the host, which hears the keys of text fields too. */
  hear(name: TraceCommand): void {
    if (!wasText()) this.run(name);
  }

  run(name: TraceCommand): void {
    const { model } = this;
    const { options } = model.state;
    switch (name) {
      case 'next':
        return void model.move(1);
      case 'previous':
        return void model.move(-1);
      case 'nextStep':
        return void model.moveStep(1);
      case 'previousStep':
        return void model.moveStep(-1);
      case 'swap':
        if (this.repeating || performance.now() - this.released < ECHO_MS) return;
        if (this.held) this.held.swapped = true;
        return this.swap();
      case 'toggleBoxes':
        return model.choose({ boxes: !options.boxes });
      case 'toggleGraph':
        return model.choose({ graph: !options.graph });
      case 'toggleWords':
        return model.choose({ words: !options.words });
      case 'toggleWhatIf':
        return model.choose({ whatIf: !options.whatIf });
      case 'search':
        return document.querySelector<HTMLInputElement>('.trace-list input')?.focus();
      case 'showKeys':
        return model.update({ showKeys: true });
      case 'copy':
        return this.copy();
      case 'exportPng':
        return void exportPng(model);
      case 'exportHtml':
        return void exportHtml(model);
    }
  }

  private swap(): void {
    this.model.update({ swapped: !this.model.state.swapped });
  }

  private copy(): void {
    const { opened, place } = this.model.state;
    if (!opened || !place) return;
    const text = pairMarkdown(this.model.after ?? opened.pair.traced, {
      run: place.name,
      source: place.source,
    });
    void this.model.host.call('copy', { text, done: 'The pair was copied as Markdown.' });
  }
}
