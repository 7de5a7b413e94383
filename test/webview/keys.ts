import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { keysOf } from '../../src/extension/trace-panel/keys.ts';
import type { Panel } from './page.ts';

const MANIFEST: unknown = JSON.parse(readFileSync('package.json', 'utf8'));
const PRINTABLE = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));

/** Zooms what has the focus, as `+` and `-` do in any picture: not of the panel, but of that widget. */
const OF_WIDGETS = ['+', '=', '-', '0'];

const characterOf = (key: string): string =>
  key === 'shift+/' ? '?' : key.startsWith('shift+') ? key.slice(6).toUpperCase() : key;

/**
 * Every key of a panel is a command that can be bound otherwise: its page takes no other character for itself, whatever
 * has the focus, nor answers it.
 * @param held what is meant while it is held, which no command can know
 */
export async function expectKeysToBeCommands(
  { page }: Pick<Panel<never>, 'page'>,
  prefix: string,
  held: string[] = [],
): Promise<void> {
  const commands = keysOf(MANIFEST, prefix).map(({ key }) => characterOf(key));
  const others = PRINTABLE.filter((key) => ![...commands, ...held, ...OF_WIDGETS].includes(key));
  expect(others.length).toBeGreaterThan(60);
  const taken = await page.evaluate(async (keys) => {
    const text = (element: Element) => element.matches('input, textarea, select');
    const focusable = [...document.querySelectorAll<HTMLElement>('button, a, summary, input, [tabindex]')];
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
        const press = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
        if (!target.dispatchEvent(press)) taken.push(`${key} on ${target.outerHTML.slice(0, 60)}`);
      }
      await frames();
      if (document.body.innerHTML !== before) taken.push(`some key on ${target.outerHTML.slice(0, 60)}`);
    }
    return taken;
  }, others);
  expect(taken).toEqual([]);
}
