import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { requireAll } from '../support/required.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { pressAll } from './crawl.ts';
import { scrollbarsTooMany } from './scrollbars.ts';

// Every panel is pressed where a test of it ends (page.ts). Here is what the crawler finds, and what it lets pass.
describe.skipIf(!chromiumPath && !requireAll)('crawler of page controls', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  const pressed = async (body: string) => {
    const page = await browser.newPage({ viewport: { width: 400, height: 400 } });
    try {
      await page.setContent(`<body><p id="out">nothing yet</p>${body}</body>`);
      await page.evaluate(() => Object.assign(window, { hostReceives: () => undefined }));
      return (await pressAll(page, new Set())).map((fault) => fault.split(':')[0]);
    } finally {
      await page.close();
    }
  };
  const acts = `onclick="document.getElementById('out').textContent += '.'"`;
  const cursor = 'style="cursor: pointer"';

  test.for([
    [
      'a button without an action',
      `<button ${cursor}>Save</button>`,
      ['A click does nothing', 'Enter does nothing'],
    ],
    ['a card without keyboard access', `<div ${cursor} ${acts}>Pair</div>`, ['No key reaches it']],
    ['a card with a link cursor', `<div ${cursor}>Pair</div>`, ['No key reaches it', 'A click does nothing']],
    ['an icon without words', `<button ${cursor} ${acts}>\ueb51</button>`, ['Neither words nor tooltip']],
    [
      'a button that looks like text',
      `<button style="cursor: default" ${acts}>Go</button>`,
      ['A button without the pointer'],
    ],
    [
      'a checkbox without an effect',
      '<input type="checkbox" aria-label="Boxes">',
      ['A click does nothing', '  does nothing'],
    ],
    [
      'a region without overflow',
      '<div role="region" tabindex="0">short</div>',
      ['ArrowDown, ArrowRight, ArrowUp, ArrowLeft, +, -, Home, End, Enter does nothing'],
    ],
  ] as const)('the crawler reports %s', async ([, body, faults]) => {
    expect(await pressed(body)).toEqual(faults);
  });

  test.for([
    ['a button with an action', `<button ${cursor} ${acts}>Save</button>`],
    ['a disabled button', '<button disabled>Save</button>'],
    ['the pressed radio button', '<input type="radio" checked aria-label="One">'],
    ['the selected tab', `<div role="tab" tabindex="0" aria-selected="true" ${cursor}>One</div>`],
    ['a collapsed section', `<details><summary ${cursor}>More</summary><p>text</p></details>`],
    [
      'a scrolling region',
      '<div role="region" tabindex="0" style="height: 20px; overflow: auto"><p style="height: 90px"></p></div>',
    ],
  ] as const)('the crawler accepts %s', async ([, body]) => {
    expect(await pressed(body)).toEqual([]);
  });

  test('the crawler reports nested scrollbars, and a page that scrolls sideways', async () => {
    const page = await browser.newPage({ viewport: { width: 400, height: 400 } });
    const box = (inner: string) =>
      `<div style="height: 300px; overflow: auto"><div style="height: 900px">${inner}</div></div>`;
    await page.setContent(box('text'));
    expect(await scrollbarsTooMany(page)).toEqual([]);
    await page.setContent(box(box('text')));
    expect(await scrollbarsTooMany(page)).toHaveLength(3);
    await page.setContent('<div style="width: 900px; height: 10px"></div>');
    expect(await scrollbarsTooMany(page)).toEqual([
      'The page scrolls sideways, 500 pixels wide',
      'The page scrolls sideways, 700 pixels wide',
    ]);
    await page.close();
  });
});
