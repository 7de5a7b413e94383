// Records what VS Code gives a webview in its four kinds of themes, for the tests of panels in a plain browser:
// CHIRALITY_RECORD=1 npx vitest run --project e2e
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject, test } from 'vitest';
import { Code, until } from './code.ts';

const THEMES = {
  light: 'Light 2026',
  dark: 'Dark 2026',
  'high-contrast-light': 'Default High Contrast Light',
  'high-contrast': 'Default High Contrast',
};

test.for(Object.entries(THEMES))('records the theme colours of %s', async ([kind, theme]) => {
  const code = await Code.start(inject('vscode')!, { settings: { 'workbench.colorTheme': theme } });
  try {
    const folder = join(code.root, 'folder');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.qa.jsonl'), '{"id":"a","question":"Left?","answer":"Yes"}\n');
    await code.openFolder(folder);
    await code.openFile('a.qa.jsonl');
    await code.run('Chirality: Show Pair');
    const page = await code.webview('#app');
    const recorded = await until(theme, () =>
      page.evaluate((theme) => {
        const { body, documentElement } = document;
        if (body.dataset.vscodeThemeId !== theme) return null;
        const { style } = documentElement;
        const variables = [...style].map((name) => [name, style.getPropertyValue(name)]);
        return { body: body.className, variables: Object.fromEntries(variables) as Record<string, string> };
      }, theme),
    );
    const path = new URL(`../fixtures/themes/${kind}.json`, import.meta.url);
    writeFileSync(path, `${JSON.stringify({ theme, ...recorded }, null, 1)}\n`);
  } finally {
    await code.stop();
  }
});
