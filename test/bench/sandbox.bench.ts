/**
 * The sandbox of the Playground: how many images its page draws in a second while an object is dragged, at what size, and
 * what one takes of the page's own processor, which hardly depends on what else the machine does.
 *
 *     npm run build && node scripts/bench.mjs sandbox
 */
import type { PlaygroundPage } from '../../src/panels/playground/playground.contract.ts';
import { Random } from '../../src/base/random.ts';
import { newScene } from '../../src/core/worlds/sandbox/sandbox-scene.ts';
import { rowOfScene } from '../../src/core/worlds/sandbox/scene-row.ts';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../support/chromium.ts';
import { openPanel } from '../webview/page.ts';

/** How long objects are dragged, in ms. */
const DRAG_MS = 5000;

if (!chromiumPath) throw new Error(NO_CHROMIUM);
const browser = await launchChromium();
const scene = newScene(Random.from(4), 'english');
const { sample } = rowOfScene(scene, 'x', 'x.png');
const { page, channel } = await openPanel<PlaygroundPage>(browser, {
  bundle: 'playground',
  theme: 'light',
  width: 1000,
  height: 1100,
  host: { ready: () => undefined },
});
channel.notify('show', { trusted: false, models: [], strategies: [] });
const source = { name: 'a row', place: { folder: '/w', root: '/w' }, sample };
const picture = { key: 'k', name: 'a row', sample, images: [], scene };
channel.notify('picture', { picture, source, question: null, opening: null, asks: false });
await page.getByRole('heading', { name: 'a row' }).waitFor();
channel.notify('command', { name: 'sandbox' });
await page.locator('.scene canvas').nth(1).waitFor();

// Both views are put onto their canvases whenever a scene is drawn.
await page.evaluate(() => {
  const put = CanvasRenderingContext2D.prototype.putImageData;
  const drawn: number[] = ((window as unknown as { drawn: number[] }).drawn = []);
  CanvasRenderingContext2D.prototype.putImageData = function (
    this: CanvasRenderingContext2D,
    image: ImageData,
    x: number,
    y: number,
  ) {
    drawn.push(image.width);
    (put as (image: ImageData, x: number, y: number) => void).call(this, image, x, y);
  };
});
const cdp = await page.context().newCDPSession(page);
await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
const worked = async () => {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
};

const box = (await page.locator('button.solid', { hasText: 'A' }).boundingBox())!;
const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
await page.mouse.move(x, y);
await page.mouse.down();
const [begin, before] = [performance.now(), await worked()];
for (let i = 0; performance.now() - begin < DRAG_MS; i++)
  await page.mouse.move(x + 40 * Math.sin(i / 8), y + 10 * Math.sin(i / 5));
const [seconds, work] = [(performance.now() - begin) / 1000, (await worked()) - before];
const widths = await page.evaluate(() => (window as unknown as { drawn: number[] }).drawn);
await page.mouse.up();
const scenes = widths.length / 2;
const mean = widths.reduce((sum, width) => sum + width, 0) / widths.length;
console.log(
  `the sandbox, dragged for ${seconds.toFixed(1)} s: ${(scenes / seconds).toFixed(0)} scenes a second in both views, ` +
    `${mean.toFixed(0)} pixels wide on average (${Math.min(...widths)} to ${Math.max(...widths)}); ` +
    `${(work / scenes).toFixed(1)} ms of the page's processor for a scene, so ${(1000 / (work / scenes)).toFixed(0)} a second on a processor of its own`,
);
await browser.close();
