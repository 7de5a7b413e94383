import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { blocksOf, FILES, NEEDS, pages, ROOT } from '../../support/docs-blocks.ts';
import { folderOfTests } from '../../support/folder.ts';
import { few } from '../../support/slow.ts';

// A reader copies the commands of a page and compares what they print. Blocks that are marked `sh` alone run here, in a
// folder of the page's own that has the files of `setUp`. A word after `sh` says what a block needs that is not here: a
// `gpu`, a `model` (a trained one, or a server), `data` of the reader's, a `cluster`, a person's `keys`, or `slow`, minutes. Those that can
// run with a model made for it do so in docs.slow.test.ts. A block marked `text` shows what the block before it prints:
// `…` stands for the rest of a line or for several lines.

const PROJECT = join(ROOT, 'test/fixtures/recorded/project');

/** The files that the pages start from: rows and runs of the recorded project, an image, and FILES. */
async function setUp(folder: string): Promise<void> {
  for (const name of ['runs', 'train', 'val'])
    cpSync(join(PROJECT, name), join(folder, name), { recursive: true });
  for (const name of ['svqa', 'my'])
    cpSync(join(PROJECT, 'runs/spatial'), join(folder, 'runs', name), { recursive: true });
  cpSync(join(PROJECT, 'runs/grpo'), join(folder, 'runs/given'), { recursive: true });
  cpSync(join(ROOT, 'test/fixtures/foreign-runs/trl-1.16'), join(folder, 'out/grpo'), { recursive: true });
  mkdirSync(join(folder, 'images'));
  const grey = { width: 640, height: 480, channels: 3 as const, background: 'grey' };
  await sharp({ create: grey }).jpeg().toFile(join(folder, 'images/desk.jpg'));
  cpSync(join(folder, 'images/desk.jpg'), join(folder, 'photo.jpg'));
  const rows = readFileSync(join(PROJECT, 'val/data.qa.jsonl'), 'utf8').replaceAll(
    '"images/',
    '"val/images/',
  );
  for (const name of ['data', 'train', 'val']) writeFileSync(join(folder, `${name}.qa.jsonl`), rows);
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
}

/** Whether a text is what a page shows, blank lines aside: `…` is the rest of a line or, on its own, any lines. */
function matches(printed: string, shown: string): boolean {
  const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = shown
    .trimEnd()
    .split('\n')
    .map((line) =>
      line.trim() === '…' ? '(?:.*\\n)*?' : `${line.trimEnd().split('…').map(escaped).join('.*')} *\\n`,
    )
    .join('');
  return new RegExp(`^${pattern}$`).test(`${printed.trim().replaceAll(/\n\s*\n/g, '\n')}\n`);
}

describe('shell blocks in docs', () => {
  const folder = folderOfTests('chirality-docs-commands-');

  async function run(script: string, cwd: string, mayFail: boolean): Promise<string> {
    const PATH = `${join(ROOT, 'bin')}:${process.env.PATH}`;
    const env = { ...process.env, HOME: cwd, PATH, COLUMNS: '200', NO_COLOR: '1' };
    const printed = await promisify(execFile)('bash', ['-c', `exec 2>&1; set -eo pipefail\n${script}`], {
      cwd,
      env,
      maxBuffer: 1 << 26,
    }).catch((error: unknown) => {
      const { stdout } = error as { stdout: string };
      // A command that finds mistakes fails, as the page shows.
      if (mayFail) return { stdout };
      throw new Error(`${script}\n${stdout.slice(-2000)}`);
    });
    // How far a command is appears only where it is slow.
    return printed.stdout.replaceAll(/^.*: \d+ of \d+ \(\d+%\).*\n/gm, '');
  }

  it('shell blocks in docs state their requirements', () => {
    const blocks = pages.flatMap((page) => blocksOf(page).map((block) => ({ page, ...block })));
    expect(blocks.filter(({ needs }) => needs !== '' && !NEEDS.includes(needs))).toEqual([]);
    expect(blocks.filter(({ needs }) => needs === '').length).toBeGreaterThan(25);
    expect(blocks.filter(({ needs, shown }) => needs === '' && shown !== null).length).toBeGreaterThan(12);
  });

  const here = pages.filter((page) => blocksOf(page).some(({ needs }) => needs === ''));
  describe.concurrent.each(few(here, 4))('shell blocks of %s', (page) => {
    it('shell blocks run in order, and print the output shown', async () => {
      const own = join(folder, page.replaceAll('/', '-'));
      mkdirSync(own);
      await setUp(own);
      for (const { script, line, needs, shown } of blocksOf(page)) {
        if (needs !== '') continue;
        const printed = await run(script, own, shown !== null);
        if (shown !== null && !matches(printed, shown)) expect(printed, `${page}:${line}`).toBe(shown);
      }
    }, 120_000);
  });
});
