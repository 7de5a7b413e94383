import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { Code, until } from './code.ts';
import { Film } from './film.ts';
import { story } from './steps.ts';
import { folderOfTests } from '../support/folder.ts';
import { parseRows } from '../support/rows.ts';

const tools = inject('vscode');

/** The last evaluation of the demo's runs. */
const EVALUATION = 'step-000050';

/** Whether to replace the images of README and docs (CONTRIBUTING.md). */
const REPLACES = process.env.CHIRALITY_PICTURES !== undefined;

// Panels as README and docs show them, of the demo, in the packaged editor.
describe.skipIf(!tools)('recorded images of the panels', () => {
  let code: Code;
  let page: Page;
  let film: Film;
  const parent = folderOfTests('chirality-pictures-');
  let folder: string;
  const chirality = (...args: string[]) =>
    execFileSync(process.execPath, [resolve('dist/cli.js'), ...args], { cwd: folder, encoding: 'utf8' });

  beforeAll(async () => {
    // Made first: an editor that nobody uses ends after five minutes.
    folder = join(parent, 'shapes'); // its name is in the images
    mkdirSync(folder);
    chirality('demo', '-o', 'demo');
    chirality('demo', '--motion', '-o', 'motion');
    renameSync(join(folder, 'motion/runs'), join(parent, 'runs')); // both demos have a run named given
    chirality('acuity', 'given', 'spatial', '--runs', 'demo/runs', '--axis', 'side,nearer');
    chirality('inspect', 'attention', 'spatial', '--runs', 'demo/runs', '--limit', '32');
    chirality('worlds', '--count', '12', '--seed', '5', '-o', 'scenes');
    copyFileSync(join(folder, 'scenes/data.qa.jsonl'), join(folder, 'scenes/scenes.qa.jsonl'));
    code = await Code.start(tools!, {
      settings: { 'security.workspace.trust.enabled': false, 'workbench.colorTheme': 'Default Dark Modern' },
    });
    ({ page } = code);
    await page.setViewportSize({ width: 1200, height: 780 }); // so that words can be read where pages show less
    film = new Film(page);
    await code.openFolder(folder, '.monaco-list-row');
    await code.run('View: Toggle Primary Side Bar Visibility');
  }, 1_800_000);
  afterAll(async () => {
    await code?.stop();
  });

  const step = story(() => page);
  const pathOf = (name: string) => (REPLACES ? `media/${name}` : join(code.root, name));
  /** Images in a panel are decoded, and what the pointer showed is gone. */
  const settled = async (): Promise<void> => {
    await code.run('Notifications: Clear All Notifications');
    await page.waitForTimeout(1000);
  };
  const picture = async (name: string, panel: Frame): Promise<void> => {
    await settled();
    const frame = await panel.parentFrame()!.frameElement();
    await frame.screenshot({ path: pathOf(`${name}.png`) });
  };

  for (const [run, caption] of [
    ['given', 'Trained by GRPO on the rows as given: asked about sides, it answers “left” in every mirror'],
    ['spatial', 'Trained on each row and its mirror (Spatial-GRPO): it looks, and is right in both views'],
  ] as const)
    step(`show the run ${run}`, async () => {
      await code.run('Chirality: Open Run');
      await code.choose(run);
      const panel = await code.webview(`h1:text-is("${run}")`);
      await until('its curves', () => panel.locator('[data-chart] canvas').count());
      const scrubber = panel.getByRole('slider', { name: 'Evaluation', exact: true });
      const last = Number(await scrubber.getAttribute('max'));
      await settled();
      film.scene(caption);
      for (let place = 0; place <= last; place++) {
        await scrubber.fill(`${place}`);
        await scrubber.blur();
        await film.point(scrubber, place / last);
        await film.frame(place === last ? 3000 : 1200);
      }
      await film.hidePointer();
      if (run === 'spatial') await picture('run', panel);
    });

  step('show a traced pair', async () => {
    await code.run('Chirality: Open Traces'); // of the run in front
    const panel = await code.webview('.trace .pair-head');
    await panel.locator('img').first().waitFor();
    await picture('trace', panel);
    film.scene('Every pair of the training: completions, claims drawn into the picture, rewards, advantages');
    await film.frame(3500);
    const row = panel.locator('.list [role=row]').nth(2);
    await film.point(row);
    await row.click();
    await settled();
    await film.frame(3500);
    await film.hidePointer();
  });

  step('show the report', async () => {
    await code.run('Chirality: Open Report');
    const panel = await code.webview('#consistency-0');
    await panel.locator('figure svg').first().waitFor();
    await picture('report', panel);
    film.scene('The report leads with the finding');
    await film.frame(4500);
  });

  step('show the attention of a model', async () => {
    await code.run('Chirality: Open Interpretability');
    await code.choose('spatial');
    // The panel may load its page once more.
    const panel = await until('its images', async () => {
      const frame = await code.webview('.finding');
      const images = await frame
        .locator('.finding ~ * img, .finding img')
        .count()
        .catch(() => 0);
      return images > 0 ? frame : null;
    });
    await picture('inside', panel);
  });

  step('show the Playground', async () => {
    await code.run('Chirality: Open Playground');
    const panel = await code.webview('#question');
    await panel.locator('.frame img').nth(1).waitFor();
    const answers = panel.locator('.one-model .answer-text');
    await panel.locator('#question textarea').press('Control+Enter');
    await expect.poll(() => answers.count(), { timeout: 120_000 }).toBe(4);
    await picture('playground', panel);
  });

  step('show the Acuity panel', async () => {
    await code.run('Chirality: Open Acuity');
    const panel = await code.webview('.sentences .finding');
    await panel.locator('figure svg').first().waitFor();
    await picture('acuity', panel);
  });

  step('show the annotation editor', async () => {
    await code.openFile('scenes.qa.jsonl');
    await code.run('Chirality: Annotate Rows');
    const panel = await code.webview('.columns .list[role=listbox]');
    await panel.locator('img').first().waitFor();
    await picture('annotate', panel);
    film.scene('Rows of your own: mirrored by rules, decided by you with single keys');
    await film.frame(4500);
  });

  step('include an animation of 20 to 40 seconds below 3 MB', async () => {
    expect(film.seconds()).toBeGreaterThan(20);
    expect(film.seconds()).toBeLessThan(40);
    const { size } = await film.save(pathOf('chirality.webp'));
    expect(size).toBeLessThan(3e6);
  });

  step('include a figure of a pair that only one model answers correctly in both views', async () => {
    const pairs = (run: string, filter: string) =>
      parseRows<{ pair: number }>(
        chirality(
          ...`trace ${run} --runs demo/runs --eval ${EVALUATION} --limit 0 --json --where`.split(' '),
          filter,
        ),
      ).map((row) => row.pair);
    const seen = new Set(pairs('spatial', 'verdict = consistent'));
    const pair = pairs('given', 'verdict = only_original').find((number) => seen.has(number));
    const figure = join(folder, 'pair.svg');
    chirality(
      ...`trace given --runs demo/runs --eval ${EVALUATION} --pair ${pair} --beside spatial --figure`.split(
        ' ',
      ),
      figure,
    );
    await sharp(figure, { density: 144 })
      .extend({ top: 16, bottom: 16, left: 16, right: 16, background: '#fff' })
      .toFile(pathOf('pair.png'));
  });

  step('include an animation of a clip next to its reverse', async () => {
    rmSync(join(folder, 'demo'), { recursive: true });
    renameSync(join(parent, 'runs'), join(folder, 'motion/runs'));
    await code.run('Chirality: Open Pairs with One Correct View');
    await code.choose('given');
    const panel = await code.webview('.clip-bar');
    await panel.locator('.clip img').nth(1).waitFor();
    await settled();
    await panel.locator('.clip .frame').first().focus();
    const clip = new Film(page);
    clip.scene(
      'Trained on clips in which things go to the left, it says “left” when they run backwards, too',
    );
    for (let frame = 0; frame < 4; frame++) {
      await clip.frame(frame === 3 ? 1500 : 500);
      await page.keyboard.press('.');
      await page.waitForTimeout(300);
    }
    const { size } = await clip.save(pathOf('motion.webp'));
    expect(size).toBeLessThan(1e6);
  });
});
