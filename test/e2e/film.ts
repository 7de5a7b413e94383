import type { Page } from 'playwright-core';
import sharp from 'sharp';

/** Width of the picture, and height of the line of words above it, in pixels. */
const WIDTH = 960;
const LINE = 40;

/** A moving picture of the window: what stands still costs nothing, so each frame stays as long as it takes to read. */
export class Film {
  private readonly frames: Buffer[] = [];
  private readonly delays: number[] = [];
  private caption = '';

  constructor(private readonly page: Page) {}

  /** What the next frames show, in words above them. */
  scene(caption: string): void {
    this.caption = caption;
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
      ])
      .png()
      .toBuffer();
    this.frames.push(frame);
    this.delays.push(ms);
  }

  seconds = () => this.delays.reduce((sum, ms) => sum + ms, 0) / 1000;

  save = (path: string) =>
    sharp(this.frames, { join: { animated: true } })
      .webp({ quality: 75, effort: 6, minSize: true, delay: this.delays, loop: 0 })
      .toFile(path);
}
