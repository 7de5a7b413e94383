import type { Frame } from 'playwright-core';
import { expect } from 'vitest';
import { until, type Code } from './code.ts';

/** A place on an image, as shares of its width and height. */
type Place = readonly [x: number, y: number];

/** The annotation editor as a person uses it, by mouse and keyboard. */
export class Annotation {
  private constructor(
    private readonly code: Code,
    readonly frame: Frame,
  ) {}

  /** Opens a file by its name. */
  static async open(code: Code, name: string): Promise<Annotation> {
    await code.openFile(name);
    await code.run('Chirality: Annotate Rows');
    return Annotation.shown(code);
  }

  /** The editor in sight, for example after a reload. */
  static async shown(code: Code): Promise<Annotation> {
    return new Annotation(code, await code.webview('.columns .list[role=listbox]'));
  }

  /** Waits until the card shows a row. */
  at = (row: number, rows: number) =>
    expect
      .poll(() => this.frame.locator('.place span').first().textContent(), { timeout: 60_000 })
      .toBe(`Row ${row} of ${rows}`);

  drawn = () => until('the image', () => this.frame.evaluate(() => document.images[0]?.naturalWidth));

  save = () =>
    until('the file to be saved', async () => {
      const { page } = this.code;
      await page.keyboard.press('Control+s');
      return page
        .locator('.editor-group-container.active .tab.active:not(.dirty)')
        .waitFor({ timeout: 2000 })
        .then(() => true);
    });

  async drag(from: Place, to: Place, release = true): Promise<void> {
    const { mouse } = this.code.page;
    const { x, y, width, height } = (await this.frame.locator('.frame').first().boundingBox())!;
    await mouse.move(x + width * from[0], y + height * from[1]);
    await mouse.down();
    await mouse.move(x + width * to[0], y + height * to[1], { steps: 4 });
    if (release) await mouse.up();
  }

  /** Presses n, draws, and types the label into the field that asks for it. */
  async draw(label: string, from: Place, to: Place): Promise<void> {
    const { keyboard } = this.code.page;
    await keyboard.press('n');
    await this.frame.locator('.draw.drawing').first().waitFor();
    await this.drag(from, to);
    const field = this.frame.getByLabel('Label of the new box');
    await field.waitFor();
    await until('the field to be focused', () => field.evaluate((input) => input.matches(':focus')));
    await keyboard.type(label);
    await keyboard.press('Enter');
    await this.frame.getByLabel(`Label of object ${label}`).waitFor();
  }
}
