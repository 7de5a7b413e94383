import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { drawnVideo, withFfmpeg } from '../support/ffmpeg.ts';
import { Annotation } from './annotation.ts';
import { Code } from './code.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

describe.skipIf(!tools)('clips in VS Code', () =>
  withFfmpeg('from real videos', () => {
    let code: Code;
    let page: Page;
    let editor: Frame;

    beforeAll(async () => {
      ({ code, page } = await Code.inFolder(tools!, 'clips', (folder) => {
        drawnVideo(folder, 'h264.mp4');
        drawnVideo(folder, 'vp9.webm');
        writeFileSync(join(folder, 'broken.mp4'), 'This is no video.\n'.repeat(99));
        const question = 'Does the picture become brighter?';
        const rows = ['h264.mp4', 'vp9.webm', 'broken.mp4'].map((name) => `${name},${question},yes`);
        writeFileSync(join(folder, 'rows.csv'), `video,question,answer\n${rows.join('\n')}\n`);
        execFileSync(process.execPath, ['dist/cli.js', 'convert', join(folder, 'rows.csv'), '-o', join(folder, 'rows.qa.jsonl')]); // prettier-ignore
      }));
    });
    afterAll(() => code?.stop());

    const step = story(() => page);
    const caption = () => editor.locator('figcaption').first().textContent();

    step('extracts the frames of a row when it is opened for annotation', async () => {
      const annotation = await Annotation.open(code, 'rows.qa.jsonl');
      editor = annotation.frame;
      await annotation.at(1, 3);
      await annotation.drawn();
      expect(await caption()).toContain('h264.mp4, frame 1 of 8');
      expect(await editor.locator('.clip .frame').count()).toBe(2);
    });

    step('steps through the frames by keyboard', async () => {
      await editor.locator('.clip .frame[tabindex]').first().focus();
      await page.keyboard.press('.');
      await page.keyboard.press('.');
      await expect.poll(caption).toContain('frame 3 of 8');
      await expect.poll(() => editor.locator('.clip-bar span').textContent()).toBe('3/8, 0.63 s');
    });

    step('extracts frames of a video in another codec, and reports a file that is not a video', async () => {
      await editor.locator('.list').focus();
      await page.keyboard.press('j');
      await expect.poll(caption, { timeout: 60_000 }).toContain('vp9.webm, frame 1 of 8');
      await page.keyboard.press('j');
      await editor.getByText('Cannot read broken.mp4 as a video').first().waitFor();
    });
  }),
);
