import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from 'vitest';
import { changeTheme, THEMES, type Panel } from './page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * axe finds nothing in what a panel shows, and its page broke no rule of the policy and threw no error. All its rules
 * are tried in the light theme, those of colours in every theme: themes differ in nothing else.
 */
export async function expectSound({ page, faults }: Pick<Panel<never>, 'page' | 'faults'>): Promise<void> {
  const light = await page.evaluate(() => document.body.classList.contains('vscode-light'));
  const options = {
    resultTypes: ['violations'],
    ...(!light && { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } }),
  };
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(AXE);
  const { violations, passes } = (await page.evaluate(`axe.run(${JSON.stringify(options)})`)) as AxeResults;
  expect(violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.html)])).toEqual([]);
  expect(passes.length).toBeGreaterThan(light ? 5 : 0);
  expect(faults).toEqual([]);
}

/** So are its colours in the theme that differs most from light, where panels are not opened in every theme. */
export async function expectSoundInContrast(panel: Pick<Panel<never>, 'page' | 'faults'>): Promise<void> {
  if (THEMES.includes('high-contrast')) return;
  await changeTheme(panel.page, 'high-contrast');
  await expectSound(panel);
  await changeTheme(panel.page, 'light');
}

/** So it is beside other editors: in little width nothing hangs over the edge. */
export async function expectSoundWhenNarrow(
  panel: Pick<Panel<never>, 'page' | 'faults'>,
  shot: () => Promise<void>,
): Promise<void> {
  const { page } = panel;
  await page.setViewportSize({ width: 400, height: page.viewportSize()!.height });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
  await shot();
  await expectSound(panel);
  await expectSoundInContrast(panel);
}
