import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from 'vitest';
import { isSlow } from '../support/slow.ts';
import { changeTheme, isSurvey, isThemed, type Panel } from './page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The page broke no rule of the policy and threw no error, and in a survey axe finds nothing in what it shows. Where all
 * themes are tried, only the light one is for all its rules, the others for those of colours: they differ in nothing else.
 */
export async function expectSound({ page, faults }: Pick<Panel<never>, 'page' | 'faults'>): Promise<void> {
  expect(faults).toEqual([]);
  if (!isSurvey()) return;
  const light = !isSlow || (await page.evaluate(() => document.body.classList.contains('vscode-light')));
  const options = {
    resultTypes: ['violations'],
    ...(!light && { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } }),
  };
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(AXE);
  const { violations, passes } = (await page.evaluate(`axe.run(${JSON.stringify(options)})`)) as AxeResults;
  expect(violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.html)])).toEqual([]);
  expect(passes.length).toBeGreaterThan(light ? 5 : 0);
  expect(await page.evaluate(colourFaults)).toEqual([]);
}

/**
 * Runs in the page. Red says wrong and green says right: so the marks of changed words have neither, but a line below
 * them and a legend, and what is red or green also has a sign or a word, or is a part of something that has.
 */
function colourFaults(): string[] {
  const probe = document.body.appendChild(document.createElement('i'));
  const drawn = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
  const rgb = (colour: string): readonly number[] => {
    drawn.clearRect(0, 0, 1, 1);
    drawn.fillStyle = colour;
    drawn.fillRect(0, 0, 1, 1);
    return [...drawn.getImageData(0, 0, 1, 1).data];
  };
  const verdicts = ['red', 'green'].map((name) => {
    probe.style.color = `var(--vscode-charts-${name})`;
    return rgb(getComputedStyle(probe).color).slice(0, 3).join();
  });
  probe.remove();
  /** Whether one of red and green is far above the other: so it is in red, green and what is mixed from them. */
  const leans = (colour: string) => {
    const [red, green, , opacity] = rgb(colour) as [number, number, number, number];
    return opacity > 8 && Math.abs(red - green) > 40;
  };
  const seen = [...document.body.querySelectorAll<HTMLElement>('*')].filter((one) => one.checkVisibility());
  const marks = seen.filter((one) => one.matches('mark'));
  const marksWrong = marks.filter((one) => {
    const { backgroundColor, textDecorationLine, textDecorationColor, outlineStyle, outlineColor } =
      getComputedStyle(one);
    const colours = [
      backgroundColor,
      textDecorationColor,
      ...(outlineStyle === 'none' ? [] : [outlineColor]),
    ];
    return textDecorationLine !== 'underline' || colours.some(leans);
  });
  const isVerdict = (colour: string) => {
    const [red, green, blue, opacity] = rgb(colour) as [number, number, number, number];
    return opacity === 255 && verdicts.includes([red, green, blue].join());
  };
  const alone = seen.filter((one) => {
    const { color, backgroundColor, borderTopColor, borderTopStyle } = getComputedStyle(one);
    const isColoured =
      isVerdict(color) ||
      isVerdict(backgroundColor) ||
      (borderTopStyle !== 'none' && isVerdict(borderTopColor));
    if (!isColoured || one.closest('svg, canvas, [aria-hidden=true] [aria-hidden=true]')) return false;
    const said = (what: Element | null) =>
      Boolean(what?.textContent!.trim() || what?.closest('[title], [aria-label]'));
    return !said(one) && !said(one.parentElement);
  });
  return [
    ...marksWrong.map((one) => `A mark in a colour of verdicts, or without its line: ${one.outerHTML}`),
    ...(marks.length > 0 && !document.querySelector('.changed-legend, p.quiet > mark')
      ? ['Marks without a legend']
      : []),
    ...alone.map((one) => `Red or green alone: ${one.outerHTML.slice(0, 120)}`),
  ];
}

/** So are its colours in the theme that differs most from light: in the slow tests, where the test has no theme. */
export async function expectSoundInContrast(panel: Pick<Panel<never>, 'page' | 'faults'>): Promise<void> {
  if (!isSlow || isThemed()) return;
  await changeTheme(panel.page, 'high-contrast');
  await expectSound(panel);
  await changeTheme(panel.page, 'light');
}

/** So it is next to other editors: in little width nothing hangs over the edge. */
export async function expectSoundWhenNarrow(
  panel: Pick<Panel<never>, 'page' | 'faults'>,
  shot: () => Promise<void>,
): Promise<void> {
  const { page } = panel;
  await page.setViewportSize({ width: 400, height: page.viewportSize()!.height });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
  // A table that begins to scroll takes the focus after the next frame.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await shot();
  await expectSound(panel);
  await expectSoundInContrast(panel);
}
