import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type {
  AnnotateCommand,
  AnnotateHost,
  AnnotatePage,
} from '../../src/panels/annotate/annotate.contract.ts';
import { mirrorSample } from '../../src/rows/views/mirror/mirror-sample.ts';
import { flipPolarity } from '../../src/rows/views/polarity/flip.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { AnnotatedDocument, type Change } from '../../src/panels/annotate/annotate-document.host.ts';
import { Service } from '../../src/panels/service.host.ts';
import { Uri } from '../unit/extension/fake-vscode.ts';
import { annotateKeys } from '../../webview/annotate/annotate-keys.ts';
import { expectKeysToBeText, expectNoOtherKeys } from './keys.ts';
import { kill } from '../support/kill.ts';
import { slowly } from '../support/slow.ts';
import {
  changeTheme,
  choose,
  describePanel,
  shotsOf,
  inThemes,
  type Panel,
  type PanelOptions,
} from './page.ts';
import { expectPairInSight } from './scrollbars.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { folderOfTests } from '../support/folder.ts';
import { readRows, rowLines } from '../support/rows.ts';

const KEYS = annotateKeys({} as never);

describePanel<AnnotatePage>('annotation editor', 'annotate', (openIn) => {
  const folder = folderOfTests('chirality-annotate-');
  let rows: string[];
  const service = new Service(resolve('dist/service.cjs'));

  beforeAll(async () => {
    const worlds = ['worlds', '--count', '40', '--seed', '7', '--size', '320', '-o', join(folder, 'data')];
    execFileSync(process.execPath, ['dist/cli.js', ...worlds]);
    rows = readFileSync(join(folder, 'data/data.qa.jsonl'), 'utf8').trim().split('\n');
  });
  afterAll(async () => {
    await service.dispose();
  });

  let panel: Panel<AnnotatePage>;
  let page: Page;
  let document: AnnotatedDocument;
  let steps: Change[];
  let labels: string[];
  /** Rows and images that the page asked for, and what it waits for before it gets more. */
  let asked: string[];
  let held: Promise<void>;
  const path = () => join(folder, 'data/edited.qa.jsonl');

  /** The editor on a file of its own; the service is the real one, the test is VS Code. */
  async function open(lines: string[], options: Partial<PanelOptions> = {}): Promise<void> {
    writeFileSync(path(), lines.map((line) => `${line}\n`).join(''));
    ({ document } = await AnnotatedDocument.open(Uri.file(path()) as never, false, service, null));
    steps = [];
    labels = [];
    asked = [];
    held = Promise.resolve();
    const answer = <T>(what: string, answer: () => Promise<T>): Promise<T> => {
      asked.push(what);
      return held.then(answer);
    };
    document.onDidEdit((change) => {
      steps.push(change);
      labels.push(change.label);
    });
    document.onDidChange((state) => panel.channel.notify('show', state));
    const place = { folder: join(folder, 'data'), root: join(folder, 'data') };
    const host: AnnotateHost = {
      ready: () => panel?.channel.notify('show', document.state()),
      lines: (args) => document.lines(args),
      queue: (args) => document.queue(args),
      usable: (_, call) => document.usable(call),
      mend: ({ how }) => void labels.push(how),
      row: ({ row }) => answer(`row ${row}`, () => document.row(row)),
      change: (args) => held.then(() => document.change(args)),
      add: ({ row }) =>
        document.state().rows === 0 ? document.splice(0, 0, ['{}'], 'Add row') : document.addCopy(row),
      remove: ({ row }) => document.splice(row, 1, [], 'Remove row'),
      find: (args) => document.find(args),
      image: ({ ref }) =>
        answer(`image ${JSON.stringify(ref)}`, () => service.call('image', { image: ref, place })),
      openRow: ({ row }) => void labels.push(`text of ${row}`),
      tryRow: ({ row }) => void labels.push(`try ${row}`),
      openDataSet: () => void labels.push('dataset'),
      freeze: () => void labels.push('freeze'),
      train: () => void labels.push('train'),
      openKeybindings: () => undefined,
    };
    panel = await openIn(host, { theme: 'dark', width: 1100, ...options });
    ({ page } = panel);
    panel.channel.notify('show', document.state());
    // In a narrow window, the list is behind its button.
    const isListed = lines.length > 0 && (options.width ?? 1100) >= 720;
    if (isListed) await page.locator('.list .line').first().waitFor();
  }

  const undo = () => steps.pop()!.undo();
  const command = (name: AnnotateCommand, choice?: number) =>
    panel.channel.notify('command', { name, ...(choice !== undefined && { choice }) });
  const saved = async (): Promise<Sample[]> => {
    await document.save();
    return readRows(path());
  };
  const where = () => page.locator('.place span').first().textContent();
  const drawn = () => page.locator('.frame img').nth(1).waitFor();
  const shot = shotsOf('annotate', () => page);

  const mirrored = (line: string): string => {
    const row = JSON.parse(line) as Sample;
    return JSON.stringify({ ...row, variants: { mirror: mirrorSample(row) } });
  };

  afterEach(async () => {
    expect(panel.faults).toEqual([]);
    await page.close();
    document.dispose();
  });

  inThemes('passes accessibility checks in the annotation editor', async (theme) => {
    await open(rows, { theme });
    await drawn();
    await page.locator('#field-question').focus();
    await shot(theme);
    await expectSound(panel);
    const textsOf = (name: string) => `#field-${name}, .pair:has(#field-${name}) [data-view] .text`;
    await expectPairInSight(page, `${textsOf('question')}, ${textsOf('answer')}`);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
    if (theme === 'light') await expectNoOtherKeys(panel, KEYS);
    // In little width, no label lies on another thing.
    const covered = await page.locator('.stage').evaluateAll((stages) =>
      stages.flatMap((stage) => {
        const boxes = [...stage.querySelectorAll('path.under')].map((path) => path.getBoundingClientRect());
        const labels = [...stage.querySelectorAll('.labels li')].map((label) =>
          label.getBoundingClientRect(),
        );
        return labels.flatMap((label, i) =>
          boxes.flatMap((box, other) => {
            const w = Math.min(label.right, box.right) - Math.max(label.left, box.left);
            const h = Math.min(label.bottom, box.bottom) - Math.max(label.top, box.top);
            return other === i ? [] : [w > 0 && h > 0 ? (w * h) / (box.width * box.height) : 0];
          }),
        );
      }),
    );
    expect(covered.length).toBeGreaterThan(12);
    expect(Math.max(...covered)).toBeLessThan(0.1);
  });

  test('updates row and mirror while the user types, and undoes the edit in one step', async () => {
    await open(rows);
    await drawn();
    const field = page.locator('#field-question');
    const before = await field.inputValue();
    await field.fill('');
    await page.getByText('Add a question and an answer.').waitFor();
    // It is not a mistake yet.
    expect(await page.locator('.refused').count()).toBe(0);
    await shot('unfinished');
    await field.pressSequentially('Is the cup left of the jug?');
    await expect
      .poll(() => page.locator('.field[data-view=mirror]').first().textContent())
      .toContain('right of the jug');
    expect(labels).toEqual(['Edit question']);
    await undo();
    await expect.poll(() => field.inputValue()).toBe(before);
    expect((await saved()).map((row) => JSON.stringify(row))).toEqual(
      rows.map((row) => JSON.stringify(JSON.parse(row))),
    );
  });

  inThemes('shows the boxes of a row without a question, with instructions', async (theme) => {
    const bare = rows.map((line) => {
      const row = JSON.parse(line) as Sample;
      return JSON.stringify({ ...row, variants: undefined, boxes: undefined, question: '', answer: '' });
    });
    await open(bare, { theme });
    await drawn();
    const graph = (JSON.parse(bare[0]!) as Sample).scene_graph!;
    await expect.poll(() => page.locator('.boxes li').count()).toBe(graph.objects.length);
    const drawnIn = (frame: number) => page.locator('.frame').nth(frame).innerText();
    for (const frame of [0, 1])
      for (const { label } of graph.objects) await expect.poll(() => drawnIn(frame)).toContain(label);
    await page.getByText('chirality graph compose edited.qa.jsonl -o edited.composed.qa.jsonl').waitFor();
    const { id } = JSON.parse(bare[0]!) as Sample;
    await expect.poll(() => page.locator('.list .line').first().textContent()).toContain(id);
    await page.locator('.list .line img').nth(3).waitFor();
    await shot(`labels-${theme}`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`labels-${theme}-narrow`));
    // Keys and buttons of the review find nothing to decide.
    for (const name of ['accept', 'discard', 'editVariant'] as const) command(name);
    await page.locator('#field-question').fill('Is the cube left of the ball?');
    await page.getByText('To write questions about').waitFor({ state: 'detached' });
    expect(labels).toEqual(['Edit question']);
  });

  slowly('keeps typed text and images when the worker thread is killed', async () => {
    await open(rows);
    await drawn();
    const field = page.locator('#field-question');
    const said = 'Is the cup left of the jug?';
    await field.fill('');
    const typing = field.pressSequentially(said, { delay: 20 });
    for (let i = 0; i < 2; i++) {
      await page.waitForTimeout(150);
      await kill(service);
      expect(await page.locator('.list .line').count()).toBeGreaterThan(9);
      await page.locator('.frame img').first().waitFor();
    }
    await typing;
    expect(await field.inputValue()).toBe(said);
    await expect
      .poll(() => page.locator('.field[data-view=mirror]').first().textContent())
      .toContain('right of the jug');
    expect(labels).toEqual(['Edit question']);
    await kill(service);
    await page.locator('.list').press('ArrowDown');
    await expect.poll(where).toBe('Row 2 of 40');
    await drawn();
    const saving = saved();
    await kill(service);
    expect((await saving)[0]!.question).toBe(said);
  });

  slowly('keys are text in every field, and decide nothing there', async () => {
    await open(rows);
    await drawn();
    command('editVariant');
    await page.locator('.field[data-view=mirror] textarea').first().waitFor();
    await expectKeysToBeText(panel, KEYS);
    expect(labels.filter((label) => !/^(?:Edit|Label)/.test(label))).toEqual([]);
    await expect.poll(where).not.toBe('Row 1 of 40'); // the last key, a j, was pressed outside of all fields
    const [first] = await saved();
    expect(first!.variants!.mirror!.review).toMatchObject({ state: 'edited' });
  });

  test('types into the mirror after the key that edits it', async () => {
    await open(rows);
    await drawn();
    await page.keyboard.press('w');
    const mirror = page.getByLabel('Question, mirror');
    await mirror.waitFor();
    await page.keyboard.type('box ');
    expect(await mirror.inputValue()).toMatch(/box /);
    // Tab leads to the mirror's answer, not to that of the original beside it.
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Answer, mirror');
    expect(labels.filter((label) => !/^Edit/.test(label))).toEqual([]);
    // A slow host does not bring the old text back after the field is left.
    let reply!: () => void;
    held = new Promise((resolve) => (reply = resolve));
    await mirror.fill('Which box?');
    await page.keyboard.press('Escape');
    expect(await mirror.inputValue()).toBe('Which box?');
    reply();
    await expect.poll(async () => (await saved())[0]!.variants?.mirror?.question).toBe('Which box?');
    expect(await mirror.inputValue()).toBe('Which box?');
  });

  test('stores a decision in the row, and shows the next row', async () => {
    await open(rows);
    await drawn();
    command('accept');
    await expect.poll(() => page.locator('.place span').first().textContent()).toBe('Row 2 of 40');
    command('discardWithReason'); // while the row loads
    await page.getByLabel('Reason for discarding').fill('wrong side');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.place span').first().textContent()).toBe('Row 3 of 40');
    const [first, second, third] = await saved();
    expect(first!.variants!.mirror!.review).toMatchObject({ state: 'accepted' });
    expect(second!.variants!.mirror!.review).toMatchObject({ state: 'discarded', note: 'wrong side' });
    expect(third).toEqual(JSON.parse(rows[2]!));
  });

  test('stores a box drawn on the mirror as a box of the original', async () => {
    const whole = JSON.parse(rows[0]!) as Sample;
    const { path: picture } = whole.images[0] as { path: string };
    const bare = {
      ...whole,
      images: [picture],
      boxes: undefined,
      box_format: undefined,
      scene_graph: undefined,
    };
    await open([JSON.stringify(bare)]);
    await drawn();
    command('newBox');
    const mirror = page.locator('.frame').nth(1);
    await page.locator('.draw.drawing').nth(1).waitFor();
    const { x, y, width, height } = (await mirror.boundingBox())!;
    await page.mouse.move(x + width * 0.1, y + height * 0.25);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.3, y + height * 0.75, { steps: 4 });
    await page.mouse.up();
    await page.locator('.boxes li').waitFor();
    await shot('box');
    // It asks for a label. Escape leaves that field; elsewhere it would give the box up, too.
    await page.locator('[aria-label="Label of the new box"]:focus').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByLabel('Label of the new box').count()).toBe(0);
    const [row] = await saved();
    expect(row!.box_format).toBe('xyxy_px');
    expect(row!.images).toEqual([{ path: picture, w: 320, h: 320 }]);
    expect(await page.locator('.warning').count()).toBe(0);
    const [x1, y1, x2, y2] = row!.boxes![0]! as [number, number, number, number];
    const near = (value: number, share: number, of: number) =>
      expect(Math.abs(value - share * of)).toBeLessThan(3);
    near(x1, 0.7, 320);
    near(x2, 0.9, 320);
    near(y1, 0.25, 320);
    near(y2, 0.75, 320);

    // Moved by keys, labelled as an object, removed again.
    await page.locator('main').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press('Shift+ArrowLeft');
    await expect.poll(() => page.getByLabel(/^left of box 1/).inputValue()).toBe(`${x1 - 10}`);
    await page.getByLabel('Label of box 1').fill('red cube');
    await page.keyboard.press('Tab');
    await page.getByLabel('Label of object red cube').waitFor();
    const [named] = await saved();
    expect(named!.scene_graph!.objects).toMatchObject([{ id: 'red_cube', label: 'red cube' }]);
    expect(named!.boxes).toBeUndefined(); // one thing, not an object and a box without a name
    await page.getByLabel('Remove object red cube').click();
    await expect.poll(async () => (await saved())[0]!.scene_graph!.objects[0]!.box).toBeUndefined();
  });

  /** A row with one named box, whose numbers are those of the image. */
  const withCup = () => {
    const objects = [{ id: 'cup', label: 'cup', box: [100, 100, 200, 200], box_format: 'xyxy_px' }];
    const scene_graph = { version: 1, image: { w: 320, h: 320 }, objects, relations: [], source: 'user' };
    return { ...(JSON.parse(rows[0]!) as Sample), boxes: undefined, scene_graph };
  };
  const left = () => page.getByLabel(/^left of object cup/);

  test('restores keyboard shortcuts after a click on the image, and cancels a drag on Escape', async () => {
    await open([JSON.stringify(withCup())]);
    await drawn();
    const { x, y, width, height } = (await page.locator('.frame').first().boundingBox())!;
    const at = (px: number, py: number) => [x + (width * px) / 320, y + (height * py) / 320] as const;
    await page.mouse.click(...at(150, 150));
    await page.locator('.boxes li.chosen').waitFor();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => left().inputValue()).toBe('101');
    await page.keyboard.down('m');
    await expect.poll(() => page.locator('.cell').first().getAttribute('data-view')).toBe('mirror');
    await page.keyboard.up('m');
    await expect.poll(() => page.locator('.cell').first().getAttribute('data-view')).toBe('original');
    await page.mouse.move(...at(150, 150));
    await page.mouse.down();
    await page.mouse.move(...at(190, 190), { steps: 4 });
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.boxes li.chosen').count()).toBe(0);
    await page.mouse.move(...at(200, 200), { steps: 2 });
    await page.mouse.up();
    expect(await left().inputValue()).toBe('101');
    expect(labels).toEqual(['Move box']);
    // A box that is being drawn, too.
    await page.keyboard.press('n');
    await page.locator('.draw.drawing').first().waitFor();
    await page.mouse.move(...at(10, 10));
    await page.mouse.down();
    await page.mouse.move(...at(60, 60), { steps: 4 });
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.draw.drawing').count()).toBe(0);
    await page.mouse.up();
    expect(labels).toEqual(['Move box']);
  });

  test('preloads the neighbouring rows with their images', async () => {
    await open(rows);
    await drawn();
    command('nextRow');
    await expect.poll(where).toBe('Row 2 of 40');
    await drawn();
    await expect.poll(() => asked).toEqual(expect.arrayContaining(['row 0', 'row 1', 'row 2']));
    const third = rows[2]!;
    const { images } = JSON.parse(third) as Sample;
    await expect.poll(() => asked).toContain(`image ${JSON.stringify(images[0])}`);
    await page.waitForTimeout(100); // the last image is decoded
    held = new Promise(() => undefined);
    command('nextRow');
    await expect.poll(where).toBe('Row 3 of 40');
    await expect
      .poll(() => page.locator('#field-question').inputValue())
      .toBe((JSON.parse(third) as Sample).question);
    await page.locator('.frame img').nth(1).waitFor();
    expect(await page.locator('.frame.empty').count()).toBe(0);
  });

  test('applies typed text to the visible row while another row loads', async () => {
    await open(rows);
    await drawn();
    const question = page.locator('#field-question');
    let load!: () => void;
    held = new Promise((resolve) => (load = resolve));
    await page.locator('.list').press('End');
    await expect.poll(where).toBe('Row 40 of 40');
    await question.fill('Is the jug left of the cup?');
    load();
    const last = (JSON.parse(rows.at(-1)!) as Sample).question;
    await expect.poll(() => question.inputValue()).toBe(last);
    const questions = (await saved()).map((row) => row.question);
    expect([questions[0], questions.at(-1)]).toEqual(['Is the jug left of the cup?', last]);
  });

  test('prevents acceptance of an answer that contradicts the boxes, with the reason', async () => {
    const box = (id: string, x: number) => ({ id, label: id, box: [x, 100, x + 60, 160] });
    const row = {
      ...(JSON.parse(rows[0]!) as Sample),
      question: 'Which side of the cup is the plate on?',
      answer: 'left',
      reasoning: undefined,
      scene_graph: {
        version: 1,
        image: { w: 320, h: 320 },
        objects: [box('cup', 20), box('plate', 220)],
        relations: [],
      },
    };
    await open([JSON.stringify(row)]);
    await drawn();
    await page
      .getByText('According to the boxes, the plate is right of the cup; the answer is "left".')
      .waitFor();
    const accept = page.getByRole('button', { name: 'Accept' });
    expect(await accept.isDisabled()).toBe(true);
    await page.locator('.checks').getByText('the scene graph contradicts the answer').waitFor();
    await shot('contradicted');
    await page.locator('#field-answer').fill('right');
    await expect.poll(() => accept.isDisabled()).toBe(false);
    await page.getByText(/✓ \d checks pass/).waitFor();
  });

  test('adds a missing field of a row on request', async () => {
    const row: Partial<Sample> = { ...(JSON.parse(rows[0]!) as Sample) };
    delete row.reasoning;
    await open([JSON.stringify(row)]);
    await drawn();
    const reasoning = page.getByRole('textbox', { name: 'Reasoning' });
    expect(await reasoning.count()).toBe(0);
    await page.getByRole('button', { name: 'reasoning' }).click();
    await expect
      .poll(() => reasoning.evaluate((field) => field.ownerDocument.activeElement === field))
      .toBe(true);
    await page.keyboard.type('seen');
    await expect.poll(() => labels.at(-1)).toBe('Edit reasoning');
    await reasoning.fill('');
    await expect.poll(() => reasoning.count()).toBe(1);
    expect((await saved())[0]!.reasoning).toBeUndefined();
  });

  test('rejects a wrong box edge with a message at the field, and writes nothing', async () => {
    await open([JSON.stringify(withCup())]);
    await drawn();
    // Each heading is directly above its field.
    for (const edge of ['left', 'bottom']) {
      const head = (await page.locator('.box-heads span', { hasText: edge }).boundingBox())!;
      const field = (await page.getByLabel(`${edge} of`).boundingBox())!;
      expect(Math.abs(head.x + head.width - field.x - field.width)).toBeLessThan(8);
      expect(field.y - head.y - head.height).toBeLessThan(12);
    }
    await left().fill('900');
    const refusal = page.locator('.refusal');
    await refusal.waitFor();
    expect(await refusal.textContent()).toContain('must be less than the right edge');
    await page.keyboard.press('Enter');
    await shot('refused');
    // Its words stand below the box, and push nothing to the side.
    expect(
      await page
        .locator('.fields')
        .evaluate((fields) => [fields.scrollLeft, fields.scrollWidth - fields.clientWidth]),
    ).toEqual([0, 0]);
    expect((await saved())[0]!.scene_graph!.objects[0]!.box).toEqual([100, 100, 200, 200]);
    expect(labels).toEqual([]);
    await left().fill('90');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await saved())[0]!.scene_graph!.objects[0]!.box![0]).toBe(90);
  });

  test('draws a box by keyboard, and places the box on Enter without accepting the row', async () => {
    await open([JSON.stringify(withCup())]);
    await drawn();
    // The list has the keys, as after a choice of row.
    await page.locator('.list [tabindex="0"], .list[tabindex="0"]').first().focus();
    await page.keyboard.press('n');
    await page.locator('.draw.drawing').first().waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowUp');
    await expect.poll(() => page.locator('.draw.drawing .grip.chosen').count()).toBe(2);
    await shot('placing');
    await page.keyboard.press('Enter');
    const label = page.getByLabel('Label of the new box');
    await expect.poll(() => label.evaluate((input) => input.matches(':focus'))).toBe(true);
    await page.keyboard.type('jug');
    await page.keyboard.press('Enter');
    await page.getByLabel('Label of object jug').waitFor();
    const [after] = await saved();
    // The middle quarter of 320 pixels, moved by −2% and 4%, then wider and less high by 2%, in whole pixels.
    const { box } = after!.scene_graph!.objects[1]!;
    expect(box).toEqual([114, 133, 200, 206]);
    expect(after!.variants?.mirror?.review ?? null).toBeNull();
    expect(labels.filter((one) => /accept/i.test(one))).toEqual([]);
    // Escape gives a box up.
    await page.keyboard.press('n');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.draw.drawing').count()).toBe(0);
    expect(await page.locator('.boxes li').count()).toBe(2);
  });

  test('requests the label of a new box, and moves an identical box of the row with it', async () => {
    const row = { ...withCup(), boxes: [[100, 100, 200, 200]], box_format: 'xyxy_px' };
    await open([JSON.stringify(row)]);
    await drawn();
    expect(await page.locator('.boxes li').count()).toBe(1);
    command('newBox');
    await page.locator('.draw.drawing').first().waitFor();
    const { x, y, width, height } = (await page.locator('.frame').first().boundingBox())!;
    await page.mouse.move(x + width * 0.05, y + height * 0.7);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.25, y + height * 0.9, { steps: 4 });
    await page.mouse.up();
    const label = page.getByLabel('Label of the new box');
    await label.waitFor();
    await expect.poll(() => label.evaluate((input) => input.matches(':focus'))).toBe(true);
    await expect.poll(() => page.locator('#labels option').first().getAttribute('value')).toBe('cup');
    await page.keyboard.type('jug');
    await shot('label');
    await page.keyboard.press('Enter');
    await page.getByLabel('Label of object jug').waitFor();
    await left().fill('90');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await saved())[0]!.boxes).toEqual([[90, 100, 200, 200]]);
    const [after] = await saved();
    expect(after!.scene_graph!.objects).toMatchObject([
      { label: 'cup', box: [90, 100, 200, 200] },
      { label: 'jug' },
    ]);
  });

  test('zooms images by 1.2 per wheel notch', async () => {
    await open([JSON.stringify(withCup())]);
    await drawn();
    // Sent to the frame, until its listener is there: it prevents the page's own zoom.
    const notch = { deltaY: -120, ctrlKey: true, bubbles: true, cancelable: true };
    const isTaken = (frame: Element, init: typeof notch) =>
      !frame.dispatchEvent(new WheelEvent('wheel', init));
    await expect.poll(() => page.locator('.frame').first().evaluate(isTaken, notch)).toBe(true);
    await expect.poll(() => page.getByRole('button', { name: '×' }).first().textContent()).toBe('1.2×');
  });

  slowly('keeps images visible next to the fields at 1024 × 700', async () => {
    await open(rows, { width: 1024, height: 700 });
    await drawn();
    const before = (await page.locator('.frame').first().boundingBox())!;
    await page.locator('#field-question').focus();
    await page.locator('.card > .fields').evaluate((fields) => fields.scrollTo({ top: 9999 }));
    await page.getByRole('heading', { name: 'Scene graph' }).waitFor();
    expect(await page.locator('.frame').first().boundingBox()).toEqual(before);
    for (const frame of await page.locator('.frame').all()) {
      const { y, height } = (await frame.boundingBox())!;
      expect(y + height).toBeLessThan(700);
    }
    await shot('1024');
    await page.setViewportSize({ width: 1440, height: 900 });
    await shot('1440');
  });

  slowly('shows a warning at its field without moving the layout', async () => {
    const row = { ...(JSON.parse(rows[0]!) as Sample), choices: ['up', 'down'], answer: 'up' };
    await open([JSON.stringify(row)]);
    await drawn();
    const answer = page.locator('#field-answer');
    const place = async () =>
      JSON.stringify([await answer.boundingBox(), await page.locator('.boxes').boundingBox()]);
    await page.locator('.boxes').waitFor();
    const before = await place();
    await answer.fill('up!');
    await page.locator('label:has(#field-answer) .warning').waitFor();
    expect(await page.locator('label:has(#field-answer) .warning').getAttribute('title')).toContain(
      'among the choices',
    );
    await shot('warning');
    expect(await place()).toBe(before);
    // The line can be cut; the panel lists the whole text below the fields.
    const listed = page.getByRole('region', { name: 'Problems of this row' }).locator('li');
    expect(await listed.allInnerTexts()).toEqual([
      expect.stringMatching(/^answer: .*"up!".*among the choices/),
    ]);
  });

  slowly('shows labels of boxes and names of images in full at 700 pixels', async () => {
    const row = JSON.parse(rows[0]!) as Sample;
    const objects = row.scene_graph!.objects.map((object) => ({ ...object, label: 'large yellow cylinder' }));
    await open([JSON.stringify({ ...row, scene_graph: { ...row.scene_graph!, objects } })]);
    await page.setViewportSize({ width: 343, height: 800 });
    await drawn();
    const isCut = (element: HTMLElement) => element.scrollWidth > element.clientWidth;
    const labels = page.locator('.boxes input[list]');
    await labels.first().waitFor();
    expect(
      await labels.evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value)),
    ).toContain('large yellow cylinder');
    expect((await labels.all()).length).toBeGreaterThan(0);
    for (const each of [
      ...(await labels.all()),
      ...(await page.locator('figcaption > span:first-child').all()),
    ])
      expect(await each.evaluate(isCut)).toBe(false);
  });

  test('lists disagreeing reviewers and conflicting fields, and stores the resolution', async () => {
    const row = { ...(JSON.parse(rows[0]!) as Sample), answer: 'Yes' };
    const decisions = [
      { by: 'mira', state: 'accepted' },
      { by: 'jon', state: 'discarded', why: 'wrong side' },
    ];
    const mirror = { ...mirrorSample(row), review: { state: 'pending', decisions } };
    const conflicts = [
      {
        path: ['answer'],
        values: [
          { from: 'a', value: 'Yes' },
          { from: 'b', value: 'No' },
        ],
      },
    ];
    await open([
      rows[1]!,
      JSON.stringify({ ...row, variants: { mirror } }),
      JSON.stringify({ ...row, id: 'c', conflicts }),
    ]);
    await drawn();
    await choose(page.getByLabel('Listed rows'), 'Disagreements');
    await expect.poll(() => page.locator('.list .line').count()).toBe(2);
    await expect.poll(where).toBe('Row 2 of 3');
    await page.getByText('wrong side').waitFor();
    await shot('disagree');
    await page.getByRole('button', { name: 'Use Decision of jon' }).click();
    await expect.poll(where).toBe('Row 3 of 3');
    await page.getByRole('button', { name: 'b: "No"' }).click();
    await expect.poll(() => page.locator('#field-answer').inputValue()).toBe('No');
    const [, second, third] = await saved();
    expect(second!.variants!.mirror!.review).toMatchObject({
      state: 'discarded',
      decisions: [{ by: 'mira' }, { by: 'jon' }],
    });
    expect(second!.variants!.mirror!.review!.by).toBeTruthy();
    expect([third!.answer, third!.conflicts]).toEqual(['No', undefined]);
  });

  test('sets the answer to a choice by its digit key', async () => {
    await open([JSON.stringify({ ...JSON.parse(rows[0]!), choices: ['left', 'right'], answer: 'left' })]);
    await drawn();
    command('choose', 2);
    await expect.poll(() => page.locator('#field-answer').inputValue()).toBe('right');
    command('choose', 9);
    expect((await saved())[0]!.answer).toBe('right');
  });

  test('adds, removes and finds rows, and returns to changed rows on undo', async () => {
    await open(rows);
    await drawn();
    command('addRow');
    await expect.poll(() => page.locator('.place span').first().textContent()).toBe('Row 2 of 41');
    command('removeRow');
    await expect.poll(() => page.locator('.place span').first().textContent()).toBe('Row 2 of 40');
    await undo();
    await undo();
    await expect.poll(() => page.locator('.place span').first().textContent()).toBe('Row 2 of 40');
    const { id } = JSON.parse(rows[30]!) as Sample;
    command('search');
    await page.locator('#search:focus').waitFor();
    await page.keyboard.type(id);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.place span').first().textContent()).toBe('Row 31 of 40');
    expect(await saved()).toEqual(rows.map((row) => JSON.parse(row) as Sample));
  });

  slowly('fits the height of a text field to its content, also after a resize', async () => {
    const row = { ...(JSON.parse(rows[0]!) as Sample), question: 'Which of them is it? '.repeat(12) };
    await open([JSON.stringify(row)]);
    const field = page.locator('#field-question');
    const height = async () => (await field.boundingBox())!.height;
    await field.waitFor();
    const wide = await height();
    await page.setViewportSize({ width: 500, height: 900 });
    await expect.poll(height).toBeGreaterThan(wide);
    await page.setViewportSize({ width: 1100, height: 900 });
    await expect.poll(height).toBe(wide);
  });

  test('suspends a decision after a change of the row until the reviewed text is restored', async () => {
    await open(rows.slice(0, 3).map(mirrored));
    await drawn();
    command('accept');
    await expect.poll(where).toBe('Row 2 of 3');
    command('previousRow');
    const question = page.locator('#field-question');
    await expect.poll(() => question.inputValue()).toBe((JSON.parse(rows[0]!) as Sample).question);
    const sign = page.locator('.list .line').first().locator('.sign');
    await expect.poll(() => sign.textContent()).toContain('accepted');
    await question.fill('Is the jug left of the cup?');
    const older = page.getByRole('group', { name: 'Decision on an older text' });
    await older.waitFor();
    await expect.poll(() => sign.textContent()).toContain('outdated decision');
    await shot('older');
    await expectSound(panel);
    expect((await saved())[0]!.variants!.mirror!.review).toMatchObject({
      state: 'accepted',
      judged: { question: (JSON.parse(rows[0]!) as Sample).question },
    });
    await page.getByText('Accept the mirror again.').first().waitFor();
    expect(await page.getByText('chirality review').count()).toBe(0);
    await undo();
    await older.waitFor({ state: 'detached' });
    await expect.poll(() => sign.textContent()).toContain('accepted');
    await page
      .getByRole('button', { name: /^Remove object/ })
      .first()
      .click();
    await page.getByText('but not its question and answer. Accept or discard again.').waitFor();
    expect(await older.count()).toBe(0);
  });

  test('marks rows without an image, and shows the reason', async () => {
    const gone = { ...(JSON.parse(rows[1]!) as Sample), id: 'gone', images: ['images/gone.png'] };
    writeFileSync(join(folder, 'data/images/broken.png'), 'no image');
    const broken = { ...gone, id: 'broken', images: ['images/broken.png'] };
    await open([rows[0]!, ...[gone, broken].map((row) => JSON.stringify(row))]);
    await drawn();
    const small = page.locator('.list .line .small');
    await expect.poll(() => small.nth(1).textContent()).toContain('⊘No image: ');
    await expect.poll(() => small.nth(2).textContent()).toContain('⊘No image: ');
    expect(await small.first().textContent()).toBe('');
    await shot('no-picture');
    await expectSound(panel);
  });

  test('counts unusable rows by fault, lists the rows of each fault, and offers fixes', async () => {
    const named = (line: string, image: string) =>
      JSON.stringify({ ...(JSON.parse(line) as Sample), images: [image] });
    const png = readFileSync(join(folder, 'data/images/000001.png'));
    writeFileSync(join(folder, 'data/images/cut.png'), png.subarray(0, png.length / 2));
    const twice = JSON.stringify({
      ...(JSON.parse(rows[4]!) as Sample),
      id: (JSON.parse(rows[0]!) as Sample).id,
    });
    await open([
      rows[0]!,
      named(rows[1]!, 'images/gone.png'),
      named(rows[2]!, 'images/cut.png'),
      '{"id": ',
      twice,
      named(rows[5]!, 'images/K\uFFFDche.png'),
    ]);
    const bar = page.getByRole('status', { name: 'Unusable rows' });
    await bar.waitFor();
    expect((await bar.locator('.link, span').allInnerTexts()).slice(0, 6)).toEqual([
      '1 of 6 rows usable:',
      '1 name not UTF-8',
      '1 image missing',
      '1 image damaged',
      '1 unreadable row',
      '1 duplicate id',
    ]);
    const signs = page.locator('.list .small .wrong');
    await expect.poll(() => signs.count()).toBe(3);
    await shot('unusable');
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot('unusable-narrow'));
    const listed = () => page.locator('.list .number').allInnerTexts();
    for (const [kind, row] of [
      ['1 image damaged', '3'],
      ['1 unreadable row', '4'],
    ] as const) {
      await bar.getByText(kind).click();
      await expect.poll(listed).toEqual([row]);
    }
    await bar.getByRole('button', { name: 'Show Unusable Rows' }).click();
    await expect.poll(listed).toEqual(['2', '3', '4', '5', '6']);
    // A corrected row is counted again.
    expect(await bar.getByRole('button', { name: 'Fix Encoding' }).count()).toBe(0);
    await document.splice(3, 1, [], 'Remove row');
    await expect.poll(() => bar.locator('span').first().innerText()).toBe('1 of 5 rows usable:');
    await bar.getByRole('button', { name: 'Exclude Unusable Rows' }).click();
    await expect.poll(() => labels.at(-1)).toBe('exclude');
  });

  test('confirms or corrects likely label errors, and keeps the history of the row', async () => {
    const side = (id: string): Sample => {
      const { images } = JSON.parse(rows[0]!) as Sample;
      return {
        id,
        question: 'On which side is the cup?',
        answer: 'left',
        choices: ['left', 'right'],
        images,
      };
    };
    const counts = { rank: 12, answered: 6, contradicting: 5 };
    const list = ['b', 'c'].map((id) => ({
      id,
      question: 'On which side is the cup?',
      reference: 'left',
      likely: 'right',
      ...counts,
    }));
    writeFileSync(join(folder, 'data/edited.suspects.jsonl'), rowLines(list));
    await open(['a', 'b', 'c', 'd'].map((id) => JSON.stringify(side(id))));
    await drawn();
    await choose(page.getByLabel('Listed rows'), 'Likely label errors');
    await expect.poll(where).toBe('Row 2 of 4');
    const card = page.getByRole('region', { name: 'Label review' });
    await card
      .getByText(
        'Rank 12 of likely label errors: 5 of 6 model answers contradict the label (most frequent answer: ',
      )
      .waitFor();
    await shot('suspect');
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot('suspect-narrow'));
    await card.getByRole('button', { name: 'Correct to right' }).click();
    await card.getByText('Label corrected').waitFor();
    await page.keyboard.press('j');
    await expect.poll(where).toBe('Row 3 of 4');
    await page.keyboard.press('c');
    await card.getByText('Label confirmed').waitFor();
    await shot('label-kept');
    await page.setViewportSize({ width: 1100, height: 800 }); // so that list and card are in sight
    await choose(page.getByLabel('Listed rows'), 'All rows');
    await expect.poll(() => page.locator('.list .line').count()).toBe(4);
    command('previousRow');
    command('previousRow');
    await expect.poll(where).toBe('Row 1 of 4');
    await expect.poll(() => card.count()).toBe(0);
    command('doubtLabel');
    await card.getByText('Check the answer').waitFor();
    expect(labels).toEqual(['Correct label', 'Confirm label', 'Send label to review']);
    const [a, b, c] = await saved();
    const reviewer = expect.any(String) as string;
    const verdict = (answer: string) => ({
      by: reviewer,
      at: reviewer,
      question: 'On which side is the cup?',
      answer,
    });
    const doubt = { likely: 'right', ...counts };
    expect(a).toMatchObject({ answer: 'left', label_review: { given: 'left', verdicts: [] } });
    expect(b).toMatchObject({
      answer: 'right',
      label_review: { given: 'left', doubt, verdicts: [verdict('right')] },
    });
    expect(c).toMatchObject({
      answer: 'left',
      label_review: { given: 'left', doubt, verdicts: [verdict('left')] },
    });
    rmSync(join(folder, 'data/edited.suspects.jsonl'));
  });

  test('distinguishes the main button and the active tab in high contrast', async () => {
    await open(rows.slice(0, 2).map(mirrored));
    await drawn();
    const styleOf = (name: string) =>
      page.getByRole('button', { name, exact: true }).evaluate((part) => {
        const { backgroundColor, boxShadow } = getComputedStyle((part.getRootNode() as ShadowRoot).host);
        return { backgroundColor, boxShadow };
      });
    for (const theme of ['high-contrast', 'high-contrast-light'] as const) {
      await changeTheme(page, theme);
      expect((await styleOf('Next')).backgroundColor).not.toBe((await styleOf('Discard')).backgroundColor);
      expect((await styleOf('Mirror')).boxShadow).toContain('2px inset');
      expect((await styleOf('Opposite')).boxShadow).toBe('none');
      await shot(`${theme}-states`);
    }
  });

  test('steps through the rows that wait for review, and counts these rows', async () => {
    const reviewed = rows.slice(0, 12).map((line, i) => {
      const row = JSON.parse(line) as Sample;
      const mirror = mirrorSample(row);
      if (i % 3 === 0) mirror.review = { state: 'pending' };
      return JSON.stringify({ ...row, variants: { mirror } });
    });
    await open(reviewed);
    await drawn();
    await choose(page.getByLabel('Listed rows'), 'Pending review');
    await expect.poll(() => page.locator('.list .line').count()).toBe(4);
    command('accept');
    await expect.poll(where).toBe('Row 4 of 12');
    command('editVariant');
    await page.getByLabel('Answer, mirror').fill('the other one');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Accept Anyway' }).waitFor();
    await shot('overrule');
    command('accept');
    await page.getByText(/Cannot accept the mirror .* Edit the mirror, or accept it despite/).waitFor();
    command('acceptAlthough');
    await expect.poll(where).toBe('Row 7 of 12');
    command('discard');
    await expect.poll(where).toBe('Row 10 of 12');
    await page.getByText('3 of 4 rows reviewed, 8 need no review').click();
    await expect.poll(() => page.locator('.queue tbody tr').first().textContent()).toContain('1/3');
    await shot('queue');
    const states = (await saved()).map((row) => row.variants!.mirror!.review?.state ?? null);
    expect(states.filter((_, i) => i % 3 === 0)).toEqual(['accepted', 'edited', 'discarded', 'pending']);
    command('discard');
    await page.getByText('4 of 4 rows reviewed').waitFor();
    const listed = page.getByLabel('Listed rows');
    await choose(listed, 'All rows');
    await choose(listed, 'Pending review');
    await page.getByText('No rows wait for review.').waitFor();
    await page.getByLabel('Filter').fill('stat = pending');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('state');
    await shot('queue-mistake');
  });

  test('shows the card in a narrow window before a key changes the row', async () => {
    const lines = rows.slice(0, 4).map((line, i) => {
      const row = JSON.parse(line) as Sample;
      const mirror = mirrorSample(row);
      if (i > 1) mirror.review = { state: 'pending' };
      return JSON.stringify({ ...row, variants: { mirror } });
    });
    await open(lines, { width: 460 });
    document.list('state = pending');
    await expect.poll(where).toBe('Row 3 of 4');
    await drawn();
    const card = page.locator('.card');
    const list = page.locator('.list');
    expect([await card.isVisible(), await list.isVisible()]).toEqual([true, false]);
    await shot('review-narrow');
    for (const key of ['w', 'Enter', 'y', 'x', '1', 'b']) {
      await page.getByRole('button', { name: 'Rows' }).click();
      await list.focus();
      expect(await card.isVisible()).toBe(false);
      await page.keyboard.press(key);
      await card.waitFor();
      expect(await where()).toBe('Row 3 of 4');
    }
    expect(labels).toEqual([]);
    expect(await page.getByRole('button', { name: 'Edit' }).getAttribute('aria-pressed')).toBe('false');
    await page.getByRole('button', { name: 'Rows' }).click();
    await page.keyboard.press('j');
    await expect.poll(where).toBe('Row 4 of 4');
    expect(await list.isVisible()).toBe(true);
    await page.keyboard.press('w');
    document.list('state = discarded');
    await page.getByText('No rows match this filter.').filter({ visible: true }).waitFor();
    expect(await card.isVisible()).toBe(true);
  });

  test('names the reason why Enter does not accept, and offers the next row after an accepted edit', async () => {
    const { images } = JSON.parse(rows[0]!) as Sample;
    const row: Sample = { id: 'a', question: 'What is left of the cake?', answer: 'crumbs', images };
    await open([row, { ...row, id: 'b' }].map((line) => JSON.stringify(line)));
    await drawn();
    await page.getByText('only if no side changes').waitFor();
    await page.getByRole('button', { name: 'Accept Anyway' }).waitFor();
    await page.keyboard.press('Enter');
    const refusal = page.getByRole('alert');
    expect(await refusal.textContent()).toContain('the text has the same sides as the original');
    await shot('undecided');
    // Any change, such as an undo, can remove the cause.
    await document.addCopy(1);
    await undo();
    await expect.poll(() => refusal.count()).toBe(0);
    await expect.poll(where).toBe('Row 2 of 2');
    await page.keyboard.press('k');
    await expect.poll(where).toBe('Row 1 of 2');
    await page.keyboard.press('w');
    await page.getByLabel('Question, mirror').fill('What is right of the cake?');
    await page.getByText('mirror edited and accepted').waitFor();
    await page.getByText('1 of 1 row reviewed').waitFor();
    await expect.poll(() => refusal.count()).toBe(0);
    const next = page.getByRole('button', { name: 'Next' });
    expect(await page.getByRole('button', { name: 'Accept' }).count()).toBe(0);
    await shot('edited');
    await page.keyboard.press('Escape');
    await page.keyboard.press('y');
    await expect.poll(where).toBe('Row 2 of 2');
    await page.keyboard.press('y');
    await next.waitFor();
    expect(await next.isDisabled()).toBe(true); // the last row
    await page.getByText('No rows wait for review. Freeze the dataset').waitFor();
    await page.getByRole('button', { name: 'Freeze Dataset' }).click();
    await expect.poll(() => labels.at(-1)).toBe('freeze');
    panel.channel.notify('frozen', true);
    await page.getByText('the dataset is frozen').waitFor();
    expect(await page.getByRole('button', { name: 'Freeze Dataset' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Train Model' }).click();
    await expect.poll(() => labels.at(-1)).toBe('train');
    await page.getByRole('button', { name: 'Open Dataset' }).click();
    await expect.poll(() => labels.at(-1)).toBe('dataset');
    expect((await saved()).map((line) => line.variants!.mirror!.review!.state)).toEqual([
      'edited',
      'accepted',
    ]);
  });

  test('marks a row that needs no review, and offers the next row first', async () => {
    const { images } = JSON.parse(rows[0]!) as Sample;
    const qa = (id: string, question: string, answer: string) => ({ id, images, question, answer });
    const [unchanged, flipped] = [
      qa('a', 'What is on the table?', 'a cup'),
      qa('b', 'Is it left of it?', 'Yes'),
    ];
    await open([unchanged, flipped].map((row) => mirrored(JSON.stringify(row))));
    await drawn();
    await page.getByText('Needs no review: mirror unchanged').waitFor();
    const primary = page.locator('.review vscode-button[appearance=primary]');
    expect(await primary.allTextContents()).toEqual([expect.stringContaining('Next')]);
    await shot('needless');
    await page.keyboard.press('Space');
    await page.getByText('Needs no review: mirror changed').waitFor();
    expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    await page.getByText('No rows wait for review. Freeze').waitFor();
    await page.getByText('No rows wait for review, 2 need no review').waitFor();
    expect(labels).toEqual([]);
    // In high contrast, a disabled main button looks like the other disabled buttons.
    await changeTheme(page, 'high-contrast');
    await shot('needless-contrast');
    const looks = await page.locator('.review .button').evaluateAll((buttons) =>
      buttons.map((button) => {
        const { color, backgroundColor } = getComputedStyle(button);
        return `${color} ${backgroundColor}`;
      }),
    );
    expect(new Set(looks)).toHaveLength(1);
  });

  slowly('applies an external filter only once, and restores the filter after a reload', async () => {
    await open(rows.map(mirrored));
    await drawn();
    const { id } = JSON.parse(rows[4]!) as Sample;
    document.list(`id = "${id}"`);
    await expect.poll(where).toBe('Row 5 of 40');
    expect(await panel.memory()).toMatchObject({ filter: `id = "${id}"`, asked: 1, row: 4 });
    await choose(page.getByLabel('Listed rows'), 'All rows');
    panel.channel.notify('show', document.state());
    await expect.poll(() => page.locator('.list .line').count()).toBeGreaterThan(9);
    expect(await panel.memory()).toMatchObject({ filter: '', asked: 1 });
  });

  test('shows a filtered list of rows from its beginning', async () => {
    const [first] = rows;
    const pair = mirrored(first!);
    const many = Array.from({ length: 3000 }, (_, i) => pair.replace(/"id":"[^"]*"/, `"id":"r${i}"`));
    await open(many);
    await drawn();
    await page.locator('.list').focus();
    await page.keyboard.press('End');
    await expect.poll(where).toBe('Row 3,000 of 3,000');
    await page.locator('#row-2999').waitFor();
    await page.getByLabel('Filter').fill('id in ("r5", "r2998")');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.list .line').count()).toBe(2);
    // At once: not after a way of a thousand screens.
    const scrolled = await page.locator('.list').evaluate((list) => list.scrollTop);
    expect(scrolled).toBe(0);
  });

  test('shows language model rewrites before and after verification', async () => {
    const row = JSON.parse(rows[0]!) as Sample;
    const attempt = (prompt: string, question: string) => ({
      prompt,
      raw: `<b>${question}</b>`,
      question,
      answer: 'Yes',
      checks: { double_flip: 'pass', no_flip_mention: 'fail' },
    });
    const mirror = {
      ...mirrorSample(row),
      route: 'llm',
      review: { state: 'pending' },
      llm: {
        attempts: [attempt('flip-naive', 'In the flipped image?'), attempt('flip-verify', 'In front?')],
      },
    };
    await open([JSON.stringify({ ...row, variants: { mirror } })]);
    await drawn();
    await page.locator('summary', { hasText: 'Language model rewrite' }).click();
    await page.getByText('In the flipped image?').first().waitFor();
    const said = page.locator('.attempts');
    expect(await said.locator('h2').allTextContents()).toEqual([
      'Original',
      'Before verification flip-naive',
      'After verification flip-verify',
    ]);
    expect(await said.locator('.checks li').allTextContents()).toHaveLength(4);
    expect(await said.locator('section').last().locator('mark').allTextContents()).toContain('front');
    await page.getByText('changed by verification').waitFor();
    await shot('attempts');
  });

  test('tells how an accepted text of a reviewer differs from the rules, without a failure', async () => {
    const row = JSON.parse(rows[0]!) as Sample;
    const checks = { double_flip: 'fail', side_changed: 'pass' } as const;
    const review = { state: 'edited', by: 'ann', at: '2026-01-01T00:00:00Z' };
    const mirror = { ...mirrorSample(row), route: 'human', checks, review };
    await open([JSON.stringify({ ...row, variants: { mirror } })]);
    await drawn();
    await page.getByText('Differs from the rules: flipping twice does not restore the original.').waitFor();
    expect(await page.locator('.review .wrong').count()).toBe(0);
  });

  test('shows the agent that proposed a text', async () => {
    const row = JSON.parse(rows[0]!) as Sample;
    const attempt = { prompt: 'agent:codex', raw: '', question: 'On the right?', answer: 'Yes', checks: {} };
    const mirror = {
      ...mirrorSample(row),
      status: 'needs_llm',
      route: 'llm',
      review: { state: 'pending', by: 'agent:codex', note: 'It turns.' },
      llm: { attempts: [attempt] },
    };
    await open([JSON.stringify({ ...row, variants: { mirror } })]);
    await drawn();
    await page.getByText('proposed by agent:codex').waitFor();
    await page.getByText('It turns.').first().waitFor();
    await page.locator('summary', { hasText: 'Language model rewrite' }).click();
    expect(await page.locator('.attempts h2').allTextContents()).toEqual([
      'Original',
      'Written by an agent agent:codex',
    ]);
  });

  test('reviews the opposite question like the mirror', async () => {
    const row = {
      id: 'a',
      question: 'Which is closer to the camera, the cup or the jug?',
      answer: 'the cup',
      images: (JSON.parse(rows[0]!) as Sample).images,
    };
    const memory = { row: 0, variant: 'polarity', boxes: true, graph: true, filter: '', asked: null };
    await open([JSON.stringify(row), JSON.stringify({ ...row, id: 'b' }), rows[1]!], { memory });
    await page.locator('.frame img').first().waitFor();
    const beside = page.locator('.field[data-view=polarity]');
    await expect.poll(() => beside.first().textContent()).toContain('farther from the camera');
    expect(await beside.nth(1).textContent()).toContain('the jug');
    expect(await page.locator('.frame').count()).toBe(1); // it is asked about the same image
    await shot('opposite');
    command('accept');
    await expect.poll(where).toBe('Row 2 of 3');
    command('editVariant');
    await page.getByLabel('Answer, opposite').fill('the lid');
    await page.keyboard.press('Escape');
    await choose(page.getByLabel('Listed rows'), 'All rows');
    await page.getByText('2 of 2 rows reviewed').click();
    await expect.poll(() => page.locator('.queue tbody').textContent()).toContain('rules');
    await shot('opposite-edited');
    const [first, second, third] = await saved();
    expect(first!.variants!.polarity).toMatchObject({
      question: 'Which is farther from the camera, the cup or the jug?',
      answer: 'the jug',
      review: { state: 'accepted' },
    });
    expect(second!.variants!.polarity).toMatchObject({
      answer: 'the lid',
      route: 'human',
      checks: { predicate_only: 'pass', answer_in_choices: 'undecidable' },
      review: { state: 'edited' },
    });
    expect([first!.variants!.mirror, third]).toEqual([undefined, JSON.parse(rows[1]!)]);
    expect(await panel.memory()).toMatchObject({ variant: 'polarity' });
  });

  test('disables acceptance of an opposite question that equals the original', async () => {
    const { images } = JSON.parse(rows[0]!) as Sample;
    const question = 'Is the cup left of the jug and above the plate?';
    const row: Sample = { id: 'a', question, answer: 'Yes', images };
    const cake = { id: 'b', question: 'What is left of the cake?', answer: 'crumbs', images };
    await open([JSON.stringify({ ...row, variants: { polarity: flipPolarity(row) } }), JSON.stringify(cake)]);
    await page.locator('.frame img').first().waitFor();
    command('nextRow');
    await page.getByText('only if no side changes').waitFor();
    command('previousRow');
    command('switchVariant');
    const beside = page.locator('.field[data-view=polarity]');
    await expect.poll(() => beside.first().textContent()).toContain('No text yet');
    await page.getByText('repeats the original. Edit or discard it').first().waitFor();
    expect(await page.getByRole('button', { name: 'Accept' }).isDisabled()).toBe(true);
    await shot('opposite-unwritten');
    command('accept');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('repeats the original');
    expect(await where()).toBe('Row 1 of 2');
    expect((await saved())[0]!.variants!.polarity!.review).toBeUndefined();
    command('editVariant');
    await page.getByLabel('Question, opposite').fill('Is the cup right of the jug or below the plate?');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('button', { name: 'Next' }).isEnabled()).toBe(true);
    command('discardWithReason');
    await shot('reject');
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await page.getByLabel('Reason for discarding').count()).toBe(0);
  });

  test('adds a relation by dragging between boxes, also on the mirror, or by keyboard', async () => {
    const object = (id: string, x: number) => ({ id, label: id, box: [x, 100, x + 60, 160] });
    const objects = [object('cup', 20), object('jug', 230)];
    const scene_graph = { version: 1, image: { w: 320, h: 320 }, objects, relations: [], source: 'user' };
    const whole = JSON.parse(rows[0]!) as Sample;
    await open([JSON.stringify({ ...whole, boxes: undefined, scene_graph })]);
    await drawn();
    command('relate');
    const form = page.getByRole('form', { name: 'New relation' });
    await form.waitFor();
    // On the mirror the jug is at the left; what is written is said of the original.
    const { x, y, width, height } = (await page.locator('.frame').nth(1).boundingBox())!;
    const at = (px: number) => [x + (width * px) / 320, y + (height * 130) / 320] as const;
    await page.mouse.move(...at(60));
    await page.mouse.down();
    await page.mouse.move(...at(270), { steps: 4 });
    await shot('relating');
    await page.mouse.up();
    await expect.poll(() => form.getByLabel('Subject').inputValue()).toBe('jug');
    expect(await form.getByLabel('Relation').inputValue()).toBe('right of');
    await page.keyboard.press('Enter');
    await page.locator('.relations li').waitFor();
    await page.getByText('Diagram').click();
    const diagram = page.locator('.diagram');
    await expect.poll(() => diagram.locator('.node').count()).toBe(2);
    expect(await diagram.locator('.word').allTextContents()).toEqual(['right of']);
    await diagram.locator('.node').first().click();
    await page.locator('.labels .relations').first().waitFor();
    await shot('diagram');
    const overlap = () =>
      page.locator('.labels').evaluateAll((lists) =>
        lists.flatMap((list) => {
          const rects = [...list.children].map((item) => ({
            arrow: item.classList.contains('relations'),
            rect: item.getBoundingClientRect(),
          }));
          return rects.filter(
            ({ arrow, rect }) =>
              arrow &&
              rects.some(
                (other) =>
                  !other.arrow &&
                  rect.left < other.rect.right &&
                  other.rect.left < rect.right &&
                  rect.top < other.rect.bottom &&
                  other.rect.top < rect.bottom,
              ),
          );
        }),
      );
    expect(await overlap()).toEqual([]);

    command('relate');
    await form.getByLabel('Relation').fill('behind');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.relations li').count()).toBe(2);
    const [row] = await saved();
    expect(row!.scene_graph!.relations).toEqual([
      { subject: 'jug', predicate: 'right of', object: 'cup', frame: 'viewer' },
      { subject: 'cup', predicate: 'behind', object: 'jug', frame: 'viewer' },
    ]);
    await shot('related');
  });

  slowly('shows markup and control characters of a file as text', async () => {
    const vile = [
      '<img src=x onerror="document.title=1"><script>document.title=2</script>',
      '\u001b[31mred\u001b[0m',
      'safe\u202egnp.exe\u2066',
      '\0 & &lt;b&gt;',
    ].join(' ');
    const long = 'left of the cup '.repeat(2 ** 16); // a megabyte
    const row = (text: string) => {
      const sample = { id: text.slice(0, 99), question: `${text}?`, answer: text, images: [] };
      const attempt = { prompt: vile, raw: text, question: text, answer: text, checks: { [vile]: 'fail' } };
      const unread = { prompt: 'p', raw: text, error: text, checks: {} };
      const mirror = {
        status: 'needs_llm',
        question: text,
        answer: text,
        route: 'llm',
        rules: [vile],
        checks: {},
        reason: text,
        review: { state: 'discarded', note: text },
        llm: { attempts: [attempt, unread] },
      };
      const meta = { notes: text, tags: [text] };
      const scene_graph = {
        version: 1,
        image: { w: 9, h: 9 },
        relations: [{ subject: text, predicate: text, object: text }],
        objects: [{ id: text, label: text, box: [0, 0, 1, 1] }],
      };
      return JSON.stringify({ ...sample, meta, task: vile, scene_graph, variants: { mirror } });
    };
    await open([row(vile), row(long), rows[0]!]);
    await page.locator('summary', { hasText: 'Language model rewrite' }).click();
    await shot('vile');
    const shown = await page.locator('body').evaluate((body) => body.textContent);
    expect(shown).toContain('<script>document.title=2</script>');
    expect(shown).toContain('⟨U+202E⟩');
    // eslint-disable-next-line no-control-regex -- which must not be there
    expect(shown).not.toMatch(/[\0\x1b\u202e\u2066]/);
    expect(await page.locator('main img, script:not([src]), main b').count()).toBe(0);
    const title = await page.title();
    command('nextRow');
    await expect.poll(where).toBe('Row 2 of 3');
    await page.getByText(/[\d,]+ characters/).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1100);
    await shot('long');
    command('nextRow');
    await expect.poll(where).toBe('Row 3 of 3');
    await drawn();
    expect(await page.title()).toBe(title);
  });

  slowly('scrolls a very long question in its field, and keeps the answer visible', async () => {
    await open([
      JSON.stringify({ ...(JSON.parse(rows[0]!) as Sample), question: 'Is the cup left? '.repeat(600) }),
    ]);
    const question = page.locator('#field-question');
    await expect
      .poll(() => question.evaluate((area) => area.scrollHeight > 2 * area.clientHeight))
      .toBe(true);
    expect((await question.boundingBox())!.height).toBeLessThanOrEqual(450);
  });

  slowly('aligns right-to-left text to the right in the list and in its field', async () => {
    const sample = JSON.parse(rows[0]!) as Sample;
    await open([rows[0]!, JSON.stringify({ ...sample, question: 'האם הכדור משמאל לקובייה?' })]);
    const direction = (selector: string) =>
      page
        .locator(selector)
        .evaluateAll((found) => found.map((element) => getComputedStyle(element).direction));
    await expect.poll(() => direction('.line .what')).toEqual(['ltr', 'rtl']);
    await page.locator('.line').nth(1).click();
    await expect.poll(async () => (await direction('textarea[aria-label="Question"]'))[0]).toBe('rtl');
  });

  test('lists the keyboard shortcuts, and opens the current row in the Playground', async () => {
    await open(rows.slice(0, 2));
    command('nextRow');
    await expect.poll(where).toBe('Row 2 of 2');
    command('tryRow');
    await expect.poll(() => labels).toEqual(['try 1']);
    await page.getByRole('button', { name: 'Keys' }).click();
    const listed = page.locator('dialog dl');
    await listed.getByText('Try Row in Playground').waitFor();
    expect(await listed.locator('kbd', { hasText: '1 – 9' }).count()).toBe(1);
    await shot('keys');
  });

  test('shows an invalid row unchanged, and opens the row as text', async () => {
    await open(['{"id": "<img src=x onerror=alert(1)>", ', rows[0]!], { width: 420, height: 700 });
    await page.getByText('Cannot edit this row in the annotation editor.').waitFor();
    expect(await page.locator('main pre').textContent()).toContain('<img src=x');
    await page.getByRole('button', { name: 'Open as Text' }).click();
    await expect.poll(() => labels).toEqual(['text of 0']);
    command('nextRow');
    await drawn();
    await shot('narrow');
  });

  test('shows a message for an empty data file', async () => {
    await open([]);
    await page.getByText('is empty').waitFor();
    await shot('empty');
  });
});
