import { build } from 'esbuild';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { smallPicture } from '../../src/lab/images/decode.ts';
import { Agent } from '../support/agent.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { requireAll } from '../support/required.ts';
import { folderOfTests } from '../support/folder.ts';
import { openProject } from '../unit/recorded/files.ts';

const CARD = 'dist/pair-card.html';
const folder = folderOfTests('card-');

/** A chat around the card, by the official host: it sends an answer, and calls tools for the card. */
const CHAT = `
import { AppBridge, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge';
window.showCard = async (html, answers, { theme, variables, canCall }) => {
  const frame = document.querySelector('iframe');
  const capabilities = canCall ? { serverTools: {} } : {};
  const bridge = new AppBridge(null, { name: 'chat', version: '1' }, capabilities, {
    hostContext: { theme, styles: { variables } },
  });
  window.calls = [];
  bridge.oncalltool = async (params) => {
    window.calls.push(params);
    return answers.pictures;
  };
  bridge.onsizechange = ({ height }) => (frame.style.height = height + 'px');
  bridge.oninitialized = () => bridge.sendToolResult(answers.first);
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.srcdoc = html;
  window.bridge = bridge;
};
`;

/** What hosts give a card that asks for nothing: its own script and styles, and data for images. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'none'";

describe.skipIf(!chromiumPath && !requireAll)('pair card for chat clients', () => {
  let browser: Browser;
  let page: Page;
  let chat: string;
  const faults: string[] = [];
  let answers: Record<'first' | 'pictures', unknown>;

  beforeAll(async () => {
    browser = await launchChromium();
    const options = { contents: CHAT, resolveDir: '.', loader: 'ts' } as const;
    const { outputFiles } = await build({ stdin: options, bundle: true, write: false, format: 'esm' });
    chat = outputFiles[0]!.text;
    await openProject(folder);
    const agent = await Agent.in(folder, { shrink: smallPicture });
    const asked = async (images: boolean) => {
      const told = await agent.told('read_pair', { run: 'spatial', step: 2, pair: 1, images });
      if ('error' in told) throw new Error(told.error);
      const pictures = (told.pictures ?? []).map(({ bytes, mime }) => ({
        type: 'image',
        data: Buffer.from(bytes).toString('base64'),
        mimeType: mime,
      }));
      return { content: [{ type: 'text', text: told.text }, ...pictures], structuredContent: told.value };
    };
    answers = { first: await asked(false), pictures: await asked(true) };
  });
  afterEach(async () => {
    await page.close();
    expect(faults.splice(0)).toEqual([]);
  });
  afterAll(() => browser.close());

  const show = async (
    given = answers,
    host: object = {},
    html = readFileSync(CARD, 'utf8'),
  ): Promise<ReturnType<Page['frameLocator']>> => {
    page = await browser.newPage({ viewport: { width: 720, height: 900 } });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.route('**/*', (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/chat.js') return route.fulfill({ contentType: 'text/javascript', body: chat });
      if (pathname !== '/') faults.push(`asked for ${pathname}`);
      const body =
        '<!doctype html><iframe sandbox="allow-scripts" style="width: 100%; border: 0"></iframe><script type="module" src="/chat.js"></script>';
      return route.fulfill({ contentType: 'text/html', body });
    });
    await page.goto('http://chat.test/');
    const guarded = html.replace(
      '<meta charset',
      `<meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta charset`,
    );
    await page.waitForFunction(() => typeof (window as { showCard?: unknown }).showCard === 'function');
    await page.evaluate(
      ([card, answer, options]) =>
        (window as unknown as { showCard: (...args: unknown[]) => unknown }).showCard(card, answer, options),
      [guarded, given, { theme: 'light', variables: {}, canCall: true, ...host }] as const,
    );
    return page.frameLocator('iframe');
  };

  it.each(['light', 'dark'])(
    'shows both images, completions and the outcome in the official host, theme %s',
    async (theme) => {
      const card = await show(answers, { theme });
      await card.getByRole('heading', { name: 'spatial · 2/1' }).waitFor();
      await expect.poll(() => card.locator('img').count()).toBe(2);
      expect(await card.locator('.verdict').textContent()).toMatch(/no answer|fewer than half|half of/);
      expect(await card.locator('.verdict').textContent()).toContain('The original was penalised');
      expect(await card.locator('article.completion').count()).toBe(8);
      await card.getByRole('button', { name: 'no answer' }).first().click();
      await card.locator('.whole').waitFor();
      const calls = await page.evaluate(() => (window as unknown as { calls: unknown[] }).calls);
      expect(calls).toEqual([
        expect.objectContaining({
          name: 'read_pair',
          arguments: { run: 'spatial', step: 2, pair: 1, images: true },
        }),
      ]);
      const background = await card
        .locator('body')
        .evaluate((body) => getComputedStyle(body).backgroundColor);
      expect(background).toBe(theme === 'dark' ? 'rgb(30, 30, 30)' : 'rgb(255, 255, 255)');
      // As tall as what it shows.
      await expect
        .poll(() => page.locator('iframe').evaluate((frame) => (frame as HTMLElement).offsetHeight))
        .toBeGreaterThan(400);
      const shots = process.env.CHIRALITY_SHOTS;
      if (shots) {
        mkdirSync(shots, { recursive: true });
        await page.screenshot({ path: join(shots, `card-${theme}.png`), fullPage: true });
      }
    },
  );

  it('follows the colours of its host, and ignores URLs in these colours', async () => {
    const variables = {
      '--color-background-primary': 'rgb(1, 2, 3)',
      '--color-text-primary': 'url(http://evil.test/)',
    };
    const card = await show(answers, { variables });
    await card.getByRole('heading').waitFor();
    const colour = () => card.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
    await expect.poll(colour).toBe('rgb(1, 2, 3)');
    await page.evaluate(() =>
      (window as unknown as { bridge: { setHostContext(context: object): void } }).bridge.setHostContext({
        styles: { variables: { '--color-background-primary': 'rgb(4, 5, 6)' } },
      }),
    );
    await expect.poll(colour).toBe('rgb(4, 5, 6)');
  });

  it('works without images if the host allows no tool calls, and shows markup as text', async () => {
    const evil = '<img src=x onerror=alert(1)>\u202e';
    const first = structuredClone(answers.first) as {
      structuredContent: { run: string; views: { question: string }[] };
    };
    first.structuredContent.run = evil;
    first.structuredContent.views[0]!.question = evil;
    const card = await show({ first, pictures: null }, { canCall: false });
    await card.getByText('cannot load images').waitFor();
    expect(await card.locator('img').count()).toBe(0);
    expect(await card.locator('.question').first().textContent()).toContain('<img src=x');
  });

  it('shows an error in place of a pair in the chat card', async () => {
    const first = { content: [{ type: 'text', text: 'Pair 9 does not exist.' }], isError: true };
    const card = await show({ first, pictures: null });
    await card.getByText('Pair 9 does not exist.').waitFor();
  });
});

it('card page: is smaller than 300 kB and loads no other file', () => {
  expect(statSync(CARD).size).toBeLessThan(300_000);
  expect(readFileSync(CARD, 'utf8')).not.toMatch(/(?:src|href)="|url\(["']?http|@import/);
});
