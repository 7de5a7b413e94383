import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';

/** Width of the image, and height of the line of words above it, in pixels. */
const WIDTH = 960;
const LINE = 40;

/** The pointer, which no screenshot has: its tip is at 0, 0. */
const POINTER =
  '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="28" viewBox="-1 -1 15 21"><path d="M0 0V16L4 12.4L6.6 18.4L9.2 17.2L6.6 11.4H12Z" fill="#fff" stroke="#000" stroke-linejoin="round"/></svg>';

/** A moving image of the window: what stands still costs nothing, so each frame stays as long as it takes to read. */
export class Film {
  private readonly frames: Buffer[] = [];
  private readonly delays: number[] = [];
  private caption = '';
  /** Where the pointer is, in pixels of the page; null until it points at something. */
  private pointer: { x: number; y: number } | null = null;

  constructor(private readonly page: Page) {}

  /** What the next frames show, in words above them. */
  scene(caption: string): void {
    this.caption = caption;
  }

  /** Moves the pointer to a place of an element, in shares of its sides, as a person would before a click. */
  async point(at: Locator, x = 0.5, y = 0.5): Promise<void> {
    const box = (await at.boundingBox())!;
    this.pointer = { x: box.x + x * box.width, y: box.y + y * box.height };
    await this.page.mouse.move(this.pointer.x, this.pointer.y);
  }

  /** Leaves the pointer out of the next frames, and nothing shows that it was there. */
  async hidePointer(): Promise<void> {
    this.pointer = null;
    await this.page.mouse.move(0, 0);
  }

  async frame(ms: number): Promise<void> {
    const picture = await sharp(await this.page.screenshot())
      .resize(WIDTH)
      .toBuffer();
    const { height } = await sharp(picture).metadata();
    const words = this.caption.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const line = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${LINE}"><text x="16" y="26" font-family="sans-serif" font-size="18" fill="#fff">${words}</text></svg>`;
    const frame = await sharp({
      create: { width: WIDTH, height: height + LINE, channels: 3, background: '#10222e' },
    })
      .composite([
        { input: Buffer.from(line), left: 0, top: 0 },
        { input: picture, left: 0, top: LINE },
        ...this.drawnPointer(),
      ])
      .png()
      .toBuffer();
    this.frames.push(frame);
    this.delays.push(ms);
  }

  private drawnPointer() {
    if (!this.pointer) return [];
    const scale = WIDTH / this.page.viewportSize()!.width;
    const [left, top] = [this.pointer.x, this.pointer.y].map((at) => Math.round(at * scale)) as [
      number,
      number,
    ];
    return [{ input: Buffer.from(POINTER), left, top: top + LINE }];
  }

  seconds = () => this.delays.reduce((sum, ms) => sum + ms, 0) / 1000;

  save = (path: string) =>
    sharp(this.frames, { join: { animated: true } })
      .webp({ quality: 75, effort: 6, minSize: true, delay: this.delays, loop: 0 })
      .toFile(path);
}
