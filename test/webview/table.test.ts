import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { TableHost, TablePage, TableState } from '../../src/panels/table/table.contract.ts';
import { PairRows, type ImageFolders } from '../../src/panels/data-rows.reads.ts';
import { tableService } from '../../src/panels/table/table.reads.ts';
import { choose, describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { folderOfTests } from '../support/folder.ts';

/** A red pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

describePanel<TablePage>('Table panel', 'table', (openIn) => {
  const folder = folderOfTests('chirality-table-');
  const pairs = new PairRows();
  const service = tableService(pairs);
  beforeAll(async () => {
    mkdirSync(join(folder, 'photos'));
    writeFileSync(join(folder, 'photos/1.png'), PNG);
    const rows = ['1.png;"Wo steht <b>die</b> Tasse?";links;Ada', '2.png;Wo?;rechts;Bob', '1.png;Wo?;;Bob'];
    writeFileSync(join(folder, 'cups.csv'), `Bild;Frage;Antwort;Wer\n${rows.join('\n')}\n`);
    writeFileSync(join(folder, 'sat.json'), JSON.stringify([{ id: '1', image: '1.png', conversations: [] }]));
  });

  let panel: Panel<TablePage>;
  let asked: unknown[];
  const shot = shotsOf('table', () => panel.page);

  let place: ImageFolders;
  async function read(
    name: string,
    choice: Record<string, string> | null = null,
    encoding: string | null = null,
    others: string[] = [],
  ): Promise<TableState> {
    const path = join(folder, name);
    const paths = [name, ...others].map((file) => join(folder, file));
    place = { folder: dirname(path), root: folder };
    const preview = await service.previewTable({ paths, choice, images: null, encoding, place });
    return { uris: [`file:${path}`], name, more: others.length, preview, problem: null, working: null };
  }

  async function open(state: TableState, options: Partial<PanelOptions> = {}): Promise<Page> {
    asked = [];
    const host: TableHost = {
      ready: () => void asked.push('ready'),
      choose: (args) => void asked.push(args),
      encode: (args) => void asked.push(args),
      findPictures: () => void asked.push('find'),
      image: ({ ref }) => pairs.image({ image: ref, place }),
      convert: () => void asked.push('convert'),
    };
    panel = await openIn(host, { width: 1000, height: 700, ...options });
    await expect.poll(() => asked).toContain('ready');
    panel.channel.notify('show', state);
    return panel.page;
  }
  const use = () => panel.page.getByRole('button', { name: 'Use as Dataset' });

  inThemes('previews the first rows of a table', async (theme) => {
    const columns = { images: 'Bild', question: 'Frage', answer: 'Antwort' };
    const page = await open(await read('cups.csv', columns), { theme });
    await page.locator('.card img').waitFor();
    expect(await page.locator('.card').allInnerTexts()).toEqual([
      'Wo steht <b>die</b> Tasse?\n\nlinks',
      'Image file photos/2.png does not exist.\n\nWo?\n\nrechts',
      'Column "Antwort" is empty.',
    ]);
    await page.getByText('in each row: Wer').waitFor();
    await shot(theme);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
    await use().click();
    await page.getByRole('button', { name: 'Choose Image Folder…' }).click();
    await choose(page.getByRole('combobox', { name: 'Answer' }), 'Wer: Ada');
    await expect.poll(() => asked.slice(1)).toEqual(['convert', 'find', { field: 'answer', column: 'Wer' }]);
  });

  inThemes('previews the objects in label files', async (theme) => {
    // As COCO is unpacked: the images in a folder next to that of the labels.
    mkdirSync(join(folder, 'labels'), { recursive: true });
    const images = [1, 2].map((id) => ({ id, file_name: `${id}.png`, width: 1, height: 1 }));
    const annotations = [1, 2, 3].map((id) => ({
      id,
      image_id: 1,
      category_id: (id % 2) + 1,
      bbox: [0, 0, 1, 1],
    }));
    const categories = [1, 2].map((id) => ({ id, name: ['cup', '<b>plate</b>'][id - 1] }));
    writeFileSync(join(folder, 'labels/coco.json'), JSON.stringify({ images, annotations, categories }));
    const page = await open(await read('labels/coco.json'), { theme });
    await page.locator('.card img').waitFor();
    const [first, second] = await page.locator('.card').allInnerTexts();
    expect(first).toContain('3 objects: <b>plate</b>, cup');
    expect(second).toContain('Image file ../photos/2.png does not exist.');
    await page.getByText('Recognised as COCO').waitFor();
    expect(await page.getByRole('button', { name: 'Choose Columns Instead' }).count()).toBe(0);
    await shot(`labels-${theme}`);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`labels-${theme}-narrow`));
    await use().click();
    await expect.poll(() => asked.at(-1)).toBe('convert');
  });

  test('requests missing columns, and disables conversion until all are chosen', async () => {
    writeFileSync(join(folder, 'odd.csv'), 'Bild;Frage;Ort;Wer\n1.png;Wo?;links;Ada\n2.png;Wo?;rechts;Bob\n');
    const page = await open(await read('odd.csv'));
    await page.getByText('Select the column of the answer.').waitFor();
    expect(await use().isDisabled()).toBe(true);
    const cells = await page.locator('.cells td').allInnerTexts();
    expect(cells.join(' ')).toBe('1.png Wo? links Ada 2.png Wo? rechts Bob');
    await shot('missing');
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot('missing-narrow'));
    await page.getByRole('button', { name: 'Ort' }).click();
    await expect.poll(() => asked.at(-1)).toEqual({ field: 'answer', column: 'Ort' });
  });

  test('shows the objects of a scene graph that is joined from two files', async () => {
    const node = (object_id: number, name: string) => ({ object_id, names: [name], x: 0, y: 0, w: 1, h: 1 });
    const objects = [{ image_id: 1, file: 'photos/1.png', objects: [node(1, 'cup'), node(2, 'plate')] }];
    const relationships = [
      { image_id: 1, relationships: [{ subject_id: 1, predicate: 'on', object_id: 2 }] },
    ];
    writeFileSync(join(folder, 'objects.json'), JSON.stringify(objects));
    writeFileSync(join(folder, 'relationships.json'), JSON.stringify(relationships));
    const page = await open(await read('objects.json', null, null, ['relationships.json']));
    await page
      .getByRole('heading', { name: 'Use objects.json with relationships.json as a dataset' })
      .waitFor();
    await page.getByText('2 objects: cup, plate').waitFor();
    await page.locator('.picture img').waitFor();
    expect(await use().isDisabled()).toBe(false);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot('joined-narrow'));
  });

  test('previews every image of a row', async () => {
    writeFileSync(join(folder, 'views.csv'), 'image1,image2,question,answer\nphotos/1.png,2.png,Same?,no\n');
    const page = await open(await read('views.csv'));
    await page.locator('.card .picture img').waitFor();
    await page.locator('.card').getByText('Image file 2.png does not exist.').waitFor();
    await shot('two-images');
    await expectSound(panel);
  });

  test('offers a choice of two columns for the reference answer, and previews options', async () => {
    const question = 'Which is nearer?\nA. the cup\nB. the jug';
    writeFileSync(
      join(folder, 'said.json'),
      JSON.stringify([
        { img_path: 'photos/1.png', question, answer: 'A', ground_truth: 'B' },
        { img_path: 'photos/1.png', question, answer: 'B', ground_truth: 'B' },
      ]),
    );
    const page = await open(await read('said.json'));
    await page.getByText('Reference answers can be in answer or ground_truth').waitFor();
    expect(await use().isDisabled()).toBe(true);
    await shot('two-references');
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot('two-references-narrow'));
    const columns = { images: 'img_path', question: 'question', answer: 'ground_truth' };
    panel.channel.notify('show', await read('said.json', columns));
    await page.locator('.card img').first().waitFor();
    await page.getByText('Image folder: the folder of the table.').waitFor();
    expect((await page.locator('.card').allInnerTexts())[0]).toBe(
      'Which is nearer?\n\nthe cup · the jug\n\nB',
    );
    expect(await page.getByText('differ, and each').count()).toBe(0);
    await shot('two-references-chosen');
  });

  test('detects the encoding of a table, and changes the encoding on request', async () => {
    const text = 'Bild;Frage;Antwort\n1.png;Wo steht die Tür?;links\n2.png;Wo liegt das Öl?;rechts\n';
    writeFileSync(join(folder, 'excel.csv'), Buffer.from(text, 'latin1'));
    const page = await open(await read('excel.csv'));
    await page.locator('.question', { hasText: 'Wo steht die Tür?' }).waitFor();
    const field = page.getByRole('combobox', { name: 'Encoding' });
    expect(await field.evaluate((element: HTMLSelectElement) => element.value)).toBe('windows-1252');
    await shot('encoding');
    await choose(field, 'iso-8859-2');
    await expect.poll(() => asked.at(-1)).toEqual({ encoding: 'iso-8859-2' });
    // Read wrongly, it says so in the rows.
    panel.channel.notify('show', await read('excel.csv', null, 'windows-1251'));
    await page.locator('.question', { hasText: 'Wo steht die Tьr?' }).waitFor();
    expect((await read('sat.json')).preview!.encoding).toBeNull();
  });

  test('accepts a known format, offers a column choice instead, and shows complete errors', async () => {
    const why = `The program said ${'much '.repeat(100)}\nand then stopped.`;
    const page = await open({ ...(await read('sat.json')), problem: why });
    await page.getByText('Recognised as').waitFor();
    expect(await page.getByRole('alert').innerText()).toBe(why);
    await shot('known');
    await expectSound(panel);
    await page.getByRole('button', { name: 'Choose Columns Instead' }).click();
    await expect.poll(() => asked.at(-1)).toEqual({ field: 'question', column: null });
  });
});
