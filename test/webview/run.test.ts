import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RunPanelHost, RunPanelPage, ShownRun } from '../../src/core/protocol/run-panel.ts';
import { RunCurves } from '../../src/extension/service/metrics.ts';
import { chromiumPath, launchChromium, NO_CHROMIUM, requireAll } from '../support/chromium.ts';
import { openPanel, THEMES, type Panel, type PanelOptions } from './page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const CALL = { cancelled: false, report: () => undefined };

if (!chromiumPath && !requireAll) console.warn(`Tests of the panels are skipped. ${NO_CHROMIUM}`);

describe.skipIf(!chromiumPath && !requireAll)('the Run panel', () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    browser = await launchChromium();
    folder = mkdtempSync(join(tmpdir(), 'chirality-run-panel-'));
    cpSync('test/fixtures/runs', folder, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  let panel: Panel<RunPanelPage>;
  let asked: string[];
  let service: RunCurves;
  let numbers: Map<string, number>;
  afterEach(() => panel?.page.close());

  const dirOf = (name: string) => join(folder, name);

  async function load(name: string): Promise<ShownRun> {
    const dir = dirOf(name);
    const { run, facts, news } = await service.runOpen({ dir }, CALL);
    numbers.set(dir, run);
    return { dir, name, kind: 'run', facts, news };
  }

  async function open(runs: (string | ShownRun)[], options: Partial<PanelOptions> = {}): Promise<Page> {
    asked = [];
    service = new RunCurves();
    numbers = new Map();
    const shown = await Promise.all(runs.map((run) => (typeof run === 'string' ? load(run) : run)));
    const host: RunPanelHost = {
      ready: () => void asked.push('ready'),
      series: (query) => {
        asked.push(`series ${query.metrics[0]}`);
        return Promise.resolve(service.runSeries({ run: numbers.get(query.dir)!, query }));
      },
      spread: (query) => service.runSpread({ run: numbers.get(query.dir)!, query }),
      act: ({ action, dir }) => void asked.push(`${action} ${dir.slice(folder.length + 1)}`),
      openTraces: ({ dir, step }) => void asked.push(`traces ${dir.slice(folder.length + 1)} ${step}`),
    };
    panel = await openPanel<RunPanelPage>(browser, {
      bundle: 'run',
      theme: 'light',
      width: 1200,
      height: 900,
      host: { ...host },
      ...options,
    });
    await expect.poll(() => asked).toContain('ready');
    panel.channel.notify('show', { runs: shown });
    await panel.page.locator('main').waitFor();
    return panel.page;
  }

  /** For a person to look at, in the folder that CHIRALITY_SHOTS names. */
  async function shot(name: string, fullPage = true): Promise<void> {
    const to = process.env.CHIRALITY_SHOTS;
    if (to) await panel.page.screenshot({ path: join(to, `run-${name}.png`), fullPage });
  }

  /** Nothing that an accessibility checker objects to, no breach of the content policy, no error. */
  async function expectSound(): Promise<void> {
    const { violations, passes } = (await panel.page.evaluate(`${AXE}; axe.run()`)) as AxeResults;
    expect(violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.html)])).toEqual([]);
    expect(passes.length).toBeGreaterThan(5);
    expect(panel.faults).toEqual([]);
  }

  const chart = (id: string) => panel.page.locator(`[data-chart="${id}"]`);
  const drawn = (id: string) => chart(id).locator('canvas').waitFor();

  test.for(THEMES)('shows config beside curves in the theme %s', async (theme) => {
    const page = await open(['spatial'], { theme });
    await drawn('reward');
    await page.waitForTimeout(600);
    await shot(theme);
    await expectSound();
  });
});
