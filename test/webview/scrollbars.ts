import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** A panel next to others, next to a side bar, and alone. */
const SIZES = [
  { width: 500, height: 800 },
  { width: 700, height: 800 },
  { width: 1200, height: 800 },
] as const;

/** Up to this width, columns are below each other, and one part of the page scrolls. */
const ONE_COLUMN = 719;

/** @returns one line for each scrollbar too many of what a panel shows, at all widths; the size stays as it was */
export async function scrollbarsTooMany(page: Page): Promise<string[]> {
  const before = page.viewportSize()!;
  const faults: string[] = [];
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    const found = await page.evaluate(tooMany, size.width <= ONE_COLUMN);
    faults.push(...found.map((fault) => `${fault}, ${size.width} pixels wide`));
  }
  await page.setViewportSize(before);
  return faults;
}

/** Both images of a pair, and what is asked and answered in both views, are seen at once in a narrow editor. */
export async function expectPairInSight(page: Page, texts: string): Promise<void> {
  const before = page.viewportSize()!;
  const { width, height } = SIZES[1];
  await page.setViewportSize({ width, height });
  for (const [what, least] of [
    ['.pictures img, figure img', 2],
    [texts, 4],
  ] as const) {
    const all = page.locator(what).filter({ visible: true });
    await expect.poll(() => all.count()).toBeGreaterThanOrEqual(least);
    const hidden = await all.evaluateAll(
      (each, [width, height]) => {
        const outside = (one: Element) => {
          const { left, top, right, bottom } = one.getBoundingClientRect();
          return left < 0 || top < 0 || right > width || bottom > height;
        };
        const covered = (one: Element) => {
          const { left, top, right, bottom } = one.getBoundingClientRect();
          const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
          return !hit || !(one.contains(hit) || hit.closest('figure, .field, .said, .cell')?.contains(one));
        };
        return each.filter((one) => outside(one) || covered(one)).map((one) => one.outerHTML.slice(0, 100));
      },
      [width, height] as const,
    );
    expect(hidden).toEqual([]);
  }
  await page.setViewportSize(before);
}

/** Runs in the page. */
function tooMany(isOneColumn: boolean): string[] {
  const page = document.documentElement;
  const nameOf = (element: Element) =>
    element === page ? 'the page' : `${element.localName}.${element.getAttribute('class') ?? ''}`;
  return (['y', 'x'] as const).flatMap((axis) => {
    const overflows = (element: Element) =>
      axis === 'y'
        ? element.scrollHeight > element.clientHeight + 1
        : element.scrollWidth > element.clientWidth + 1;
    const scrolls = (element: Element) => {
      if (element === page) return overflows(page);
      const style = getComputedStyle(element);
      const { width, height } = element.getBoundingClientRect();
      return (
        /auto|scroll/.test(axis === 'y' ? style.overflowY : style.overflowX) &&
        width > 1 &&
        height > 1 &&
        overflows(element) &&
        element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
        // What is typed into, and what opens above the page, scrolls by itself.
        !element.matches('input, textarea') &&
        !element.closest('dialog, .menu > :not(summary), [popover]')
      );
    };
    const all = [page, ...document.body.querySelectorAll('*')].filter(scrolls);
    const nested = all.filter((one) => all.some((other) => other !== one && other.contains(one)));
    const faults = nested.map((one) => `${nameOf(one)} scrolls (${axis}) in what scrolls`);
    // A wide table scrolls sideways by itself, so that the page does not.
    if (isOneColumn && axis === 'y' && all.length > 1 && nested.length === 0)
      faults.push(`${all.map(nameOf).join(' and ')} scroll`);
    if (axis === 'x' && all.includes(page)) faults.push('The page scrolls sideways');
    return faults;
  });
}
