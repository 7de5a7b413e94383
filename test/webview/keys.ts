import { expect } from 'vitest';
import type { Key } from '../../webview/ui/keyboard.ts';
import { isSlow } from '../support/slow.ts';
import type { Panel } from './page.ts';

const PRINTABLE = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));

/** Zooms what has the focus, as `+` and `-` do in any image: not of the panel, but of that widget. */
const OF_WIDGETS = ['+', '=', '-', '0'];

/** The character that a key types; undefined for one that types none. */
const characterOf = (key: string): string | undefined =>
  key === 'space' ? ' ' : key.length === 1 ? key : /^shift\+(.)$/.exec(key)?.[1]!.toUpperCase();

const charactersOf = (table: readonly Key[]) =>
  table.flatMap(({ keys }) => keys.flatMap((key) => characterOf(key) ?? []));

/**
 * A page takes no character for itself that is not in its table, whatever has the focus, nor answers it. Of buttons and
 * links that look alike, only the slow tests try more than the first.
 */
export async function expectNoOtherKeys(
  { page }: Pick<Panel<never>, 'page'>,
  table: readonly Key[] = [],
): Promise<void> {
  const own = charactersOf(table);
  const others = PRINTABLE.filter((key) => ![...own, ...OF_WIDGETS].includes(key));
  expect(others.length).toBeGreaterThan(55);
  const taken = await page.evaluate(
    async ([keys, each]) => {
      const text = (element: Element) => element.matches('input, textarea, select');
      const all = [...document.querySelectorAll<HTMLElement>('button, a, summary, input, [tabindex]')];
      const first = new Map(all.map((one) => [`${one.tagName} ${one.className}`, one] as const).reverse());
      const focusable = each ? all : [...first.values()];
      const targets = [
        document.body,
        ...focusable.filter((each) => !text(each) || each.matches('[type=range]')),
      ];
      const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const taken: string[] = [];
      for (const target of targets) {
        let before = '';
        while (before !== document.body.innerHTML) {
          before = document.body.innerHTML;
          await frames();
        }
        for (const key of keys) {
          const shiftKey = key !== key.toLowerCase();
          const press = new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true });
          if (!target.dispatchEvent(press)) taken.push(`${key} on ${target.outerHTML.slice(0, 60)}`);
        }
        await frames();
        if (document.body.innerHTML !== before) taken.push(`some key on ${target.outerHTML.slice(0, 60)}`);
      }
      return taken;
    },
    [others, isSlow] as const,
  );
  expect(taken).toEqual([]);
}

/**
 * Types every key of a panel into every field that is seen, one in a shadow root among them, and sees no command fire:
 * a key that is a command is taken from the field. Afterwards the same keys are commands again.
 */
export async function expectKeysToBeText(
  { page }: Pick<Panel<never>, 'page'>,
  table: readonly Key[],
): Promise<void> {
  await page.evaluate(() => {
    const host = document.createElement('div');
    host.id = 'shadowed';
    host.attachShadow({ mode: 'open' }).innerHTML = '<input aria-label="In a shadow root">';
    document.querySelector('main')!.append(host);
    const taken: string[] = ((window as unknown as Record<string, unknown>).takenKeys = []);
    // Before and after the page's own listener: with the space bar, a dropdown opens by itself.
    let own = false;
    document.addEventListener('keydown', (event) => (own = event.defaultPrevented));
    addEventListener('keydown', (event) => {
      // VS Code, which listens here, would select all a second time, later.
      if ((event.defaultPrevented && !own) || (event.ctrlKey && event.key === 'a')) taken.push(event.key);
    });
  });
  const taken = () =>
    page.evaluate(() => (window as unknown as Record<string, string[]>).takenKeys!.splice(0));
  const fields =
    'input:not([type=range], [type=checkbox], [type=radio]):visible, textarea:visible, select:visible, [role=combobox]:visible';
  const characters = charactersOf(table);
  expect(await page.locator(fields).count()).toBeGreaterThan(0);
  // What is typed may bring fields or take them away: they are counted again.
  for (let i = 0; i < (await page.locator(fields).count()); i++) {
    const field = page.locator(fields).nth(i);
    if (!(await field.isEditable())) continue;
    const name = await field.evaluate((one) => one.outerHTML.slice(0, 80));
    await field.focus();
    const isText = await field.evaluate(
      (one) => one.matches('textarea') || ['text', 'search'].includes((one as HTMLInputElement).type),
    );
    if (isText) await page.keyboard.press('Control+a');
    await page.keyboard.type(characters.join(''));
    if (table.some(({ keys }) => keys.includes('delete'))) await page.keyboard.press('Delete');
    expect([name, await taken()]).toEqual([name, []]);
    if (isText) expect(await field.inputValue()).toBe(characters.join(''));
  }
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.locator('#shadowed').evaluate((one) => one.remove());
  const [first] = characters;
  await page.keyboard.press(first!);
  expect(await taken()).toEqual([first]);
}
