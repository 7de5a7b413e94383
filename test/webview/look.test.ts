import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { Look } from '../../src/core/insight/look.ts';
import type { PairHost, PairPage, PairState } from '../../src/panels/pair/pair.contract.ts';
import { PairRows } from '../../src/panels/data-rows.reads.ts';
import { pairKeys } from '../../webview/pair/pair-keys.ts';
import { expectKeysToBeText, expectNoOtherKeys } from './keys.ts';
import { describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { HEADS, LAYERS, QUESTION, SIDE, viewWith } from '../support/look.ts';
import { expectSound, expectSoundInContrast, expectSoundWhenNarrow } from './sound.ts';
import { slowly } from '../support/slow.ts';
import { folderOfTests } from '../support/folder.ts';

const lookWith = (extra: readonly string[]): Look => {
  const queries = ['answer', 'last', 'cone', ...extra];
  return {
    kind: 'look',
    engine: 'embedded',
    model: 'demo, step 400',
    step: 400,
    strategy: 'trained',
    general_prompt: '',
    id: 'w-1',
    layers: LAYERS,
    heads: HEADS,
    words: ['left', 'right'],
    views: [viewWith('original', queries), viewWith('mirror', queries)],
  };
};

describePanel<PairPage>('attention analysis in the Pair panel', 'pair', (openIn) => {
  const folder = folderOfTests('chirality-look-');
  let row: string;
  const service = new PairRows();
  beforeAll(async () => {
    const worlds = ['worlds', '--count', '1', '--seed', '7', '--size', '320', '-o', join(folder, 'data')];
    execFileSync(process.execPath, ['dist/cli.js', ...worlds]);
    row = readFileSync(join(folder, 'data', 'data.qa.jsonl'), 'utf8').trim();
  });

  let panel: Panel<PairPage>;
  let asked: Parameters<PairHost['look']>[0][];
  let cancelled: boolean;
  /** What the host says; null: it goes on working. */
  let answer: (args: Parameters<PairHost['look']>[0]) => Look | null | Error | 'never';

  const show = async (line: number) => {
    const place = { folder: join(folder, 'data'), root: join(folder, 'data') };
    const text = JSON.stringify({ ...(JSON.parse(row) as object), question: QUESTION, answer: 'yes' });
    const state: PairState = {
      kind: 'row',
      uri: 'file:///d.qa.jsonl',
      name: 'd.qa.jsonl',
      line,
      lines: 3,
      row: await service.read({ text, place }),
    };
    panel.channel.notify('show', state);
    await panel.page.locator('main').waitFor();
  };

  async function open(options: Partial<PanelOptions> = {}): Promise<Page> {
    asked = [];
    cancelled = false;
    answer = ({ queries }) => lookWith(queries);
    const place = { folder: join(folder, 'data'), root: join(folder, 'data') };
    const host: PairHost = {
      ready: () => undefined,
      move: () => undefined,
      openRow: () => undefined,
      openKeybindings: () => undefined,
      image: ({ ref }) => service.image({ image: ref, place }),
      look: async (args, { signal, onProgress }) => {
        asked.push(args);
        onProgress('looking');
        const said = answer(args);
        if (said instanceof Error) throw said;
        if (said !== 'never') return said;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        cancelled = true;
        return null;
      },
    };
    panel = await openIn(host, { width: 1000, height: 1400, ...options });
    await expect.poll(async () => panel.page.locator('#app').count()).toBe(1);
    await show(1);
    return panel.page;
  }

  const shot = shotsOf('look', () => panel.page, true);
  const text = (selector: string) => panel.page.locator(selector).first().innerText();

  inThemes('draws attention maps over both images', async (theme) => {
    const page = await open({ theme });
    await page.keyboard.press('l');
    await page.locator('.heat').nth(1).waitFor();
    expect(asked).toEqual([{ uri: 'file:///d.qa.jsonl', line: 1, queries: [], choose: false }]);
    await shot(theme);
    const brightest = await page.locator('.heat').evaluateAll((all) =>
      all.map((svg) => {
        const cells = [...svg.querySelectorAll<SVGRectElement>('rect.attention')];
        return cells.map((cell) => Number(cell.style.fillOpacity)).lastIndexOf(0);
      }),
    );
    // Layer 1, mean of heads: columns 1 and 2; in the mirror 6 and 5.
    expect(brightest.map((cell) => cell % SIDE)).toEqual([2, 6]);
    expect(await page.locator('.heat .not-seen').count()).toBe(4);
    await expectSound(panel);
    await expectSoundInContrast(panel);
  });

  test('shows attention values of a pair in tables', async () => {
    const page = await open();
    await page.keyboard.press('l');
    await page.locator('.look table').first().waitFor();
    expect(await text('.look caption')).toBe('Attention of “answer” in layer 1, mean of all heads');
    const cells = await page.locator('.look table').first().locator('tbody tr').allInnerTexts();
    expect(cells[0]).toContain('40.0%');
    expect(cells[1]).toMatch(/cone\s+30\.0%, .*× uniform/);
    expect(cells[2]).toContain('smaller than a cell');
    expect(cells.slice(-2)).toEqual([
      expect.stringContaining('mirror error\t0.000 bits'),
      expect.stringContaining('error without flipping back'),
    ]);
    expect(await page.locator('.look caption').allInnerTexts()).toContain(
      'Layers × heads: mirror error in bits',
    );
    const odds = await page.locator('.look table').last().locator('tbody tr').allInnerTexts();
    expect(odds.map((line) => line.split('\t'))).toEqual([
      ['after layer 0', '1.30', '1.30'],
      ['after layer 1', '1.65', '1.65'],
      ['after layer 2', '1.77', '1.77'],
      ['with the image hidden', '0.00', '0.00'],
      ['with "cone" hidden', '2.80', '2.80'],
    ]);
  });

  test('switches layers, heads and modes of attention by keyboard and in the grid', async () => {
    const page = await open();
    await page.keyboard.press('l');
    await page.locator('.heat').nth(1).waitFor();
    const caption = () => text('.look caption');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(caption).toContain('layer 0');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('h');
    await expect.poll(caption).toContain('layer 0, head 0');
    await page.keyboard.press('h');
    await page.keyboard.press('h');
    await expect.poll(caption).toContain('mean of all heads');
    await page.keyboard.press('d');
    // In layer 0 the mirror's map does not move with the image.
    await expect.poll(() => page.locator('.heat .less').count()).toBeGreaterThan(0);
    await shot('difference');
    await page.keyboard.press('d');
    await expect.poll(caption).toContain('objects relative to the image alone');
    expect(await page.locator('.heat .less').count()).toBe(0);
    // What the image alone draws, the last row, is next to nothing now.
    const [last, bright] = await page
      .locator('.heat')
      .first()
      .locator('rect.attention')
      .evaluateAll((all) => [63, 24].map((i) => Number((all[i] as SVGRectElement).style.fillOpacity)));
    expect(bright).toBe(0);
    expect(last).toBeGreaterThan(0.9);
    await shot('relative');
    await page.keyboard.press('d');
    await expect.poll(caption).not.toContain('relative');
    await page.getByRole('button', { name: /^Layer 2, head 1:/ }).click();
    await expect.poll(caption).toContain('layer 2, head 1');
    await shot('sinks');
    const figures = await page.locator('.look table').first().locator('tbody tr').allInnerTexts();
    expect(figures[1]).toMatch(/cone\s+30\.0%, .*× uniform, 9\.8% without sinks/);
    expect(figures[3]).toMatch(/^attention sinks \(hatched\).*\s1\s+1$/);
    expect(await page.locator('.heat').first().locator('.sink').count()).toBe(1);
  });

  test('requests the attention of a word on click', async () => {
    const page = await open();
    await page.keyboard.press('l');
    await page.locator('.word').first().waitFor();
    await page.getByRole('button', { name: 'cone', exact: true }).click();
    await expect.poll(() => text('.look caption')).toContain('“cone”');
    expect(asked).toHaveLength(1);
    expect(await page.locator('.look caption').allInnerTexts()).toContain(
      'Layers × heads: attention on cone, relative to uniform',
    );
    await page.getByRole('button', { name: 'left', exact: true }).first().click();
    await expect.poll(() => text('.look caption')).toContain('“left”');
    expect(asked[1]).toMatchObject({ queries: ['left'], choose: false });
    // What corresponds to it in the mirror is marked there.
    expect(await page.locator('[data-view=mirror] .chosen').allInnerTexts()).toEqual(['right']);
  });

  test('compares two checkpoints, with the earlier and the new analysis side by side', async () => {
    const page = await open();
    await page.keyboard.press('l');
    await page.locator('.look table').first().waitFor();
    const before = lookWith([]);
    const wrong = before.views.map((view) => ({
      ...view,
      answer: 'up',
      right: false,
      share: view.share.map(() => 0.2),
    }));
    answer = () => ({ ...before, model: 'demo, step 800', views: wrong });
    await page.getByRole('button', { name: 'Change Model…' }).click();
    const table = page.locator('.look table', { hasText: 'demo, step 400, then demo, step 800' });
    const rows = async () =>
      (await table.locator('tbody tr').allInnerTexts()).map((line) => line.split('\t'));
    await expect.poll(async () => (await rows())[0]).toEqual(['answer', 'left ✓', 'up ✗', 'right ✓', 'up ✗']);
    expect((await rows()).slice(1)).toEqual([
      ['attention on the image', '40.0%', '20.0%', '40.0%', '20.0%'],
      ['cone', '30.0%', '30.0%', '30.0%', '30.0%'],
      ['ball', '1.0%', '1.0%', '1.0%', '1.0%'],
      ['log-odds, last layer', '1.77', '1.77', '1.77', '1.77'],
    ]);
    await shot('compared');
    await expectSound(panel);
    // A word that is asked for keeps what it is compared with.
    answer = ({ queries }) => ({ ...lookWith(queries), model: 'demo, step 800' });
    await page.getByRole('button', { name: 'left', exact: true }).first().click();
    await expect
      .poll(async () => (await rows())[1])
      .toEqual(['attention on the image', '–', '40.0%', '–', '40.0%']);
  });

  test('shows an attention error, can be cancelled, and closes with its row', async () => {
    const page = await open();
    answer = () => new Error('The openai engine does not support attention maps.');
    await page.keyboard.press('l');
    await expect
      .poll(() => page.getByRole('alert').allInnerTexts())
      .toEqual(['The openai engine does not support attention maps.']);
    await shot('refused');
    await expectSound(panel);
    answer = () => 'never';
    await page.getByRole('button', { name: 'Change Model…' }).click();
    await page.getByText('Looking', { exact: true }).waitFor();
    expect(asked.at(-1)).toMatchObject({ choose: true });
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => cancelled).toBe(true);
    await show(2);
    await expect.poll(() => page.locator('.look').count()).toBe(0);
    answer = () => null;
    await page.keyboard.press('l');
    await expect.poll(() => asked.length).toBe(3);
    await expect.poll(() => page.locator('.look').count()).toBe(0);
  });

  slowly('passes accessibility checks when narrow, and ignores keys while a list has the focus', async () => {
    const page = await open();
    await page.keyboard.press('l');
    await page.locator('.heat').nth(1).waitFor();
    const keys = pairKeys({} as never, {} as never);
    await expectNoOtherKeys(panel, keys);
    await expectKeysToBeText(panel, keys);
    await expectSoundWhenNarrow(panel, () => shot('narrow'));
  });
});
