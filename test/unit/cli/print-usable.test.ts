import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fewRowsNotes, startNotes } from '../../../src/cli/training-sets.ts';
import type { RunConfig } from '../../../src/core/config/run-config.ts';
import { requireUsable, whyUnusable } from '../../../src/cli/print-usable.ts';
import { openStrategy } from '../../../src/lab/strategies.ts';
import { tellSets } from '../../../src/cli/print-set-reading.ts';
import { folderOfEachTest } from '../../support/folder.ts';
import { rowLines } from '../../support/rows.ts';
import { chirality } from '../lab/recipes/cli.ts';
import { encodePng } from '../../../src/lab/images/png.ts';

let folder = '';
folderOfEachTest('usable-', (made) => (folder = made));
const at = (name: string) => join(folder, name);
const set = async (name: string, ...images: (string | null)[]): Promise<string> => {
  const rows = images.map((image, i) => ({
    id: `${i}`,
    question: `Is cup ${i} left?`,
    answer: 'yes',
    images: image === null ? [] : [image],
  }));
  await writeFile(at(name), rowLines(rows));
  return at(name);
};

let told: string[];
beforeEach(() => {
  told = [];
  vi.spyOn(console, 'error').mockImplementation((text: string) => void told.push(text));
});
afterEach(() => vi.restoreAllMocks());

it('requireUsable: reports all unusable rows of all sets, once', async () => {
  const [train, val, good] = [
    await set('train.qa.jsonl', 'gone.png', null, 'lost.png'),
    await set('val.qa.jsonl', null, '../outside.png'),
    await set('good.qa.jsonl', null),
  ];
  const sets = [train, val, good].map((path) => ({ path, root: folder }));
  const why = await requireUsable(sets).then(String, String);
  expect(why.match(/rows? usable/g)).toHaveLength(2);
  expect(why).toContain(
    `train.qa.jsonl: 1 of 3 rows usable: 2 rows with a missing image (lines 1, 3), for example: Image file gone.png does not exist.
  If the images moved, locate them: chirality data check ${train} --images --image-folder FOLDER -o ${train}
  Correct the rows, or exclude them: `,
  );
  expect(why).toContain('val.qa.jsonl: 1 of 2 rows usable: 1 image outside data root (line 2): ');
  expect(why).toContain(`data check ${train} --images -o ${at('train')}.usable.qa.jsonl`);
  expect(await whyUnusable(good, folder)).toBeNull();
});

it('advises to locate images that moved, and to exclude rows only where rows are left', async () => {
  await mkdir(at('new'));
  await writeFile(at('new/a.png'), await encodePng({ w: 8, h: 8, rgb: new Uint8Array(192) }));
  await set('train.qa.jsonl', 'old/a.png', 'old/a.png');
  const frozen = await chirality(folder, 'data', 'freeze', 'train.qa.jsonl', '--release', '1');
  expect(frozen.stderr.trim().split('\n')).toEqual([
    expect.stringContaining(
      'train.qa.jsonl: 0 of 2 rows usable: 2 rows with a missing image, for example: Image file old/a.png',
    ),
    '  If the images moved, locate them: chirality data check train.qa.jsonl --images --image-folder FOLDER -o train.qa.jsonl',
  ]);
  const check = frozen.stderr.split(': chirality ')[1]!.trim().replace('FOLDER', 'new').split(' ');
  expect(await chirality(folder, ...check)).toMatchObject({ code: 0 });
  expect(await chirality(folder, 'data', 'freeze', 'train.qa.jsonl', '--release', '1')).toMatchObject({
    code: 0,
  });
});

it.each([['convert'], ['view', 'mirror']])(
  '%s %s warns of images outside the new data root',
  async (...command) => {
    await mkdir(at('mine/photos'), { recursive: true });
    await mkdir(at('work'));
    await writeFile(at('mine/photos/a.png'), await encodePng({ w: 8, h: 8, rgb: new Uint8Array(192) }));
    await set('mine/t.qa.jsonl', 'photos/a.png', null);
    const write = async (output: string) => {
      const { code, stderr } = await chirality(at('work'), ...command, '../mine/t.qa.jsonl', '-o', output);
      expect(code).toBe(0);
      return stderr;
    };
    expect(await write('../mine/out.qa.jsonl')).not.toContain('outside');
    const warning = await write('out.qa.jsonl');
    expect(warning).toContain(
      `out.qa.jsonl: the images of 1 row are in ${at('mine/photos')}, outside the data root ${at('work')}.`,
    );
    const [, check] = /`chirality ([^`]+)`/.exec(warning)!;
    expect(await chirality(at('work'), ...check!.split(' '))).toMatchObject({ code: 0 });
    expect(await chirality(at('work'), 'data', 'check', 'out.qa.jsonl', '--images')).toMatchObject({
      code: 1,
    });
  },
);

it('convert names the folder of missing images, and data check writes no file without rows', async () => {
  await mkdir(at('photos'));
  await writeFile(at('photos/a.png'), await encodePng({ w: 8, h: 8, rgb: new Uint8Array(192) }));
  await writeFile(at('t.csv'), 'image,question,answer\na.png,Is the cup left?,yes\n');
  const made = await chirality(folder, 'convert', 't.csv', '-o', 't.qa.jsonl');
  expect(made.stderr).toContain('The folder photos has such images: add --image-folder photos.');
  const check = ['data', 'check', 't.qa.jsonl', '--images', '-o', 'out.qa.jsonl'];
  expect(await chirality(folder, ...check)).toMatchObject({ code: 1 });
  expect(await readdir(folder)).not.toContain('out.qa.jsonl');
  expect(await chirality(folder, ...check, '--image-folder', 'photos')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('out.qa.jsonl: 1 row.'),
  });
});

it('tellSets: reports unusable rows in the evaluation sets', async () => {
  const val = await set('val.qa.jsonl', null, 'gone.png', null);
  const strategy = openStrategy('direct');
  await tellSets({ sets: { val }, limit: 1, root: folder, strategy }, new Set());
  expect(told.join('\n')).not.toContain('usable');
  await tellSets({ sets: { val }, limit: 2, root: folder, strategy }, new Set());
  expect(told.join('\n')).toContain('val.qa.jsonl: 1 of 2 rows usable: 1 image missing (line 2): ');
  expect(told.join('\n')).toContain('They are excluded.');
});

it('startNotes: reports rows shared with training, and missing requirements', async () => {
  const [train, half] = [
    await set('train.qa.jsonl', null, null),
    await set('half.qa.jsonl', null, null, null, null),
  ];
  const notes = async (sets: Record<string, string>) => {
    const config = { recipe: 'sft', engine: { kind: 'torch' }, data: { train, eval: sets } } as RunConfig;
    return (await startNotes(config)).map(({ message, fix }) => [message, fix].filter(Boolean).join(' '));
  };
  expect(await notes({ half, own: train })).toEqual([
    'half: 50.0% of its rows are also in the training data.',
    'own: the evaluation set is the training file.',
  ]);
  expect((await notes({})).join('\n')).toContain(
    `chirality convert ${train} -o ${train} --split train=0.9,val=0.1`,
  );
});

it('fewRowsNotes: reports each file with less than 1,000 rows that trains a new tiny model', async () => {
  const files = await Promise.all(
    [999, 1000].map((count) => set(`${count}.qa.jsonl`, ...Array<null>(count).fill(null))),
  );
  const configs = files.map((train) => ({
    recipe: 'sft',
    engine: { kind: 'embedded' },
    steps: 1,
    data: { train, eval: {} },
  })) as unknown as RunConfig[];
  const few = {
    code: 'few-rows',
    message: expect.stringMatching(
      /^999 rows are too few to train a model from scratch, which takes about 4,000\./,
    ) as string,
  };
  expect(await fewRowsNotes([...configs, ...configs])).toEqual([few]);
  expect(await startNotes(configs[0]!)).toContainEqual(few);
  const trained = { ...configs[0]!, init: 'runs/sft/checkpoints/step-000001' } as RunConfig;
  expect(await fewRowsNotes([trained, { ...configs[0]!, steps: 0 }])).toEqual([]);
});
