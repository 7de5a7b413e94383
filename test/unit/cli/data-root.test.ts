import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { chirality } from '../lab/recipes/cli.ts';
import { folderOfTests } from '../../support/folder.ts';

const RUN = 'test/fixtures/recorded/project/runs/skip';

const folder = folderOfTests('chirality-root-');
let work: string;
beforeAll(() => {
  work = join(folder, 'work');
  mkdirSync(join(folder, 'private'));
  cpSync(RUN, join(work, 'runs/a'), { recursive: true });
  symlinkSync(join(folder, 'private'), join(work, 'link'));
});

/** Evaluates a run whose config names a data root. */
function evaluate(root: string, ...flags: string[]) {
  const path = join(work, 'runs/a/run.yaml');
  const config = parse(readFileSync(path, 'utf8')) as { data: object };
  const data = { ...config.data, root, eval: { val: join(work, 'none.qa.jsonl') } };
  writeFileSync(path, stringify({ ...config, data }));
  return chirality(work, 'eval', 'a', ...flags);
}

const REFUSED = 'The images of the run are in';

test.each(['/', '//server/share', 'private', 'work/link', 'work/../private'])(
  'eval: requires --data-root for the folder %s in a run config',
  async (root) => {
    const path = root.startsWith('/') ? root : join(folder, root);
    const { code, stderr } = await evaluate(path);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`add --data-root ${path}.`)]);
  },
);

test.each([
  ['.', []],
  ['runs/a/images', []],
  ['../private', ['--data-root', '../private']],
])('eval: follows the data root %s with %j', async (root, flags) => {
  const { stderr } = await evaluate(join(work, root), ...flags);
  expect(stderr).not.toContain(REFUSED);
  expect(stderr).toContain('none.qa.jsonl');
});

test('data check: rejects an image on another machine, and reports unchecked images', async () => {
  const file = join(work, 'elsewhere.qa.jsonl');
  const row = { id: 'a', question: 'Where?', answer: 'here', images: ['\\\\server\\share\\x.png'] };
  writeFileSync(file, `${JSON.stringify(row)}\n`);
  const looked = await chirality(folder, 'data', 'check', '--images', file);
  expect(looked.stderr).toContain('\\\\server\\share\\x.png is outside the data root');
  const { stdout } = await chirality(folder, 'data', 'check', file);
  expect(stdout).toContain('1 row, all good; images not checked (add --images).');
});
