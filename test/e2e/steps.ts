import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'vitest';

/** Where images of every step go, for a person to look at. */
const SHOTS = process.env.CHIRALITY_SHOTS;

/** Steps of one story: each stands on the one before, so that after a failure the others are skipped. */
export function story(page: () => Page): (name: string, run: () => Promise<void> | void) => void {
  let failed = false;
  return (name, run) =>
    test(name, async ({ onTestFailed, skip }) => {
      skip(failed, 'An earlier step failed.');
      const file = `e2e-${name.replace(/\W+/g, '-')}.png`;
      onTestFailed(async () => {
        failed = true;
        const path = join(SHOTS ?? tmpdir(), `failed-${file}`);
        await page().screenshot({ path });
        console.error(`What VS Code showed: ${path}`);
      });
      await run();
      if (SHOTS) await page().screenshot({ path: join(SHOTS, file) });
    });
}
