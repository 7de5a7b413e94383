import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { Code, until } from './code.ts';
import { isEnded, killRuns, stateOf as stateIn } from './runs.ts';
import { story } from './steps.ts';
import { secretsIn } from '../support/secrets.ts';
import { isSlow } from '../support/slow.ts';

const tools = inject('vscode');

const RUNS = 'chirality-demo/runs';
const LONG = `${RUNS}/long`;

// From an empty folder to runs that come and go, as the walkthrough tells it.
describe.skipIf(!tools)('runs from the command palette', () => {
  let code: Code;
  let page: Page;
  let folder: string;
  let installed: string;

  beforeAll(async () => {
    // No Node on PATH: everything is launched with the executable that VS Code runs in.
    code = await Code.start(tools!, { path: '/nowhere' });
    ({ page } = code);
    folder = join(code.root, 'ein Ordner, ü');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'bad.run.yaml'),
      'preset: demo-sft\nsteps: many\ndata: { train: a.qa.jsonl }\n',
    );
    writeFileSync(join(folder, 'a.qa.jsonl'), '{"id":"a","question":"Left?","answer":"Yes"}\n');
    const extensions = join(code.root, 'extensions');
    installed = join(
      extensions,
      readdirSync(extensions).find((name) => name.startsWith('chirality.'))!,
    );
    await code.openFolder(folder);
  });
  afterAll(async () => {
    if (folder) killRuns(join(folder, RUNS));
    await code?.stop();
  });

  const step = story(() => page);
  /** Steps that the slow tests take besides. */
  const detour = isSlow ? step : () => undefined;
  const stateOf = (run: string) => stateIn(join(folder, run));
  const ended = (run: string) => isEnded(join(folder, run));
  const beyond = (run: string, least: number) =>
    until(`${run} to pass step ${least}`, () => Promise.resolve((stateOf(run)?.step ?? 0) > least));
  const notification = (text: string | RegExp) => code.notification(text);
  const button = (name: string) =>
    page.locator('.notification-list-item').getByRole('button', { name, exact: true });

  step('packages exactly the required files', () => {
    const files = readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(installed, join(entry.parentPath, entry.name)));
    const [modules, own] = [true, false].map((wanted) =>
      files.filter((file) => file.startsWith('dist/node_modules/') === wanted),
    ) as [string[], string[]];
    const within = (at: string) =>
      readdirSync(at, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => !/\.map$|__pycache__/.test(file));
    const text = ['.vsixmanifest', 'LICENSE.txt', 'changelog.md', 'package.json', 'readme.md'];
    const parts = readdirSync('dist').filter((name) => /^cli-.*\.js$/.test(name));
    expect(parts.length).toBeGreaterThan(30);
    // Pages find their images where the repository lies.
    const isShown = (file: string) => /^media\/(?!icon)[^/]+\.(?:png|webp)$/.test(file);
    const programs = [
      ...parts,
      'cli.js',
      'embedded-engine.js',
      'extension.cjs',
      'pair-card.html',
      'run.schema.json',
      'service.cjs',
      'sweep.schema.json',
      'ThirdPartyNotices.txt',
    ].map((name) => `dist/${name}`);
    const folders = [
      'bin',
      'docs',
      'media',
      'library',
      'dist/webview',
      'dist/onnxruntime-web',
      'dist/torch-worker',
    ]
      .flatMap(within)
      .filter((file) => !isShown(file));
    expect(own.sort()).toEqual([...text, ...programs, ...folders].sort());

    const packages = modules.map((file) => /^dist\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)![1]!);
    expect([...new Set(packages)].sort()).toEqual([
      '@img/colour',
      '@img/sharp-libvips-linux-x64',
      '@img/sharp-linux-x64',
      'detect-libc',
      'onnxruntime-common',
      'onnxruntime-node',
      'semver',
      'sharp',
    ]);
    // Binaries are for this platform alone; of the WebAssembly builds, there is the one that Node loads.
    expect(modules.filter((file) => /\/bin\//.test(file)).every((file) => file.includes('/linux/x64/'))).toBe(
      true,
    );
    expect(modules.filter((file) => /\.(map|ts|md)$/.test(file) && !file.includes('LICENSE'))).toEqual([]);
    // Libraries of others hold the first lines of keys that they can read.
    for (const file of own)
      expect(secretsIn(readFileSync(join(installed, file), 'latin1')), file).toEqual([]);
    // Of it, 18 MB are onnxruntime, 8 MB libvips, and 4 MB onnxruntime's build for WebAssembly.
    expect(statSync('dist/chirality.vsix').size).toBeLessThan(36e6);
  });

  step('runs the packaged program with the native and the WebAssembly runtime', () => {
    const cli = join(installed, 'dist/cli.js');
    const runtime = (kind: string) =>
      (
        JSON.parse(
          execFileSync(process.execPath, [cli, 'self-test', '--runtime', kind], { encoding: 'utf8' }),
        ) as { runtime: string }
      ).runtime;
    expect(runtime('native')).toMatch(/^onnxruntime-node /);
    expect(runtime('wasm')).toMatch(/^onnxruntime-web /);
  });

  step('starts no process in Restricted Mode, and offers workspace trust', async () => {
    await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    for (const title of ['Run Demo', 'Start Run']) {
      await code.run(`Chirality: ${title}`);
      await notification('Restricted Mode').waitFor();
      if (title === 'Run Demo') {
        await code.run('Notifications: Clear All Notifications');
        await notification('Restricted Mode').waitFor({ state: 'detached' });
      }
    }
    expect(readdirSync(folder)).toEqual(['a.qa.jsonl', 'bad.run.yaml']);
    await button('Manage Workspace Trust').click();
    await page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
    await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor({ state: 'detached' });
  });

  detour('the walkthrough leads to Run Demo', async () => {
    await code.run('Welcome: Open Walkthrough...');
    await code.choose('Get Started with Chirality');
    const walkthrough = page.locator('.gettingStartedContainer');
    await walkthrough.getByText('Run the demo', { exact: true }).click();
    expect(await walkthrough.getByText('Open a folder', { exact: true }).count()).toBe(0); // one is open
    await walkthrough.getByRole('button', { name: 'Run Demo' }).waitFor();
    await code.webview('svg');
    await code.run('View: Close All Editors'); // restored by a reload, it would take the focus when it is ready
  });

  detour('a Node setting without a Node is explained', async () => {
    const settings = join(code.root, 'user/Machine/settings.json');
    mkdirSync(dirname(settings), { recursive: true });
    writeFileSync(settings, '{ "chirality.nodePath": "/nowhere/node" }');
    await code.reload();
    await code.run('Chirality: Run Demo');
    await code.choose('Quick check');
    await notification(
      /\/nowhere\/node from the setting chirality\.nodePath: the file does not exist\. Install/,
    ).waitFor();
    rmSync(settings);
    await code.reload();
  });

  step('trains a model with Run Demo, and shows its first run', async () => {
    await code.run('Chirality: Run Demo');
    await code.choose('Quick check');
    await until('the first run', () => Promise.resolve(stateOf(`${RUNS}/sft`) !== null));
    await page
      .locator('.terminal-wrapper')
      .getByText(/step \d+\/\d+/)
      .first()
      .waitFor();
    await until('its end', () => Promise.resolve(ended(`${RUNS}/sft`)));
    await page.locator('.tab', { hasText: 'Run: sft' }).waitFor();
    await code.run('Terminal: Kill the Active Terminal Instance'); // enough of the demo
  });

  step('opens the pair of a pair card in the Run panel with its completions', async () => {
    const run = await code.webview('.watched li');
    const card = run.locator('.watched li').first();
    const question = await card.locator('.asked').innerText();
    await card.locator('img').first().click();
    await page.locator('.tab', { hasText: 'Traces: sft' }).waitFor();
    const traces = await code.webview('.inspector .completion');
    await traces.locator('.questions').getByText(question).first().waitFor();
    await page.locator('.tab', { hasText: 'Run: sft' }).click();
  });

  step('shows the evaluation of the run in the report', async () => {
    await code.run('Chirality: Open Report');
    const report = await code.webview('#consistency-0');
    await report.locator('#consistency-0').getByText('sft, step 40').first().waitFor();
    await code.run('View: Close All Editors');
  });

  detour('cancels the check before a start with Stop Run, without creating a run', async () => {
    // So many rows that the check takes a while.
    const rows = readFileSync(join(folder, 'chirality-demo/clean/data.qa.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    const many = Array.from({ length: 100 }, (_, i) =>
      rows.map((row) => row.replace(/"id":"/, `"id":"${i}-`)).join('\n'),
    );
    writeFileSync(join(folder, 'chirality-demo/clean/many.qa.jsonl'), `${many.join('\n')}\n`);
    const config = 'preset: demo-sft\ndata: { train: clean/many.qa.jsonl }\n';
    writeFileSync(join(folder, 'chirality-demo/checked.run.yaml'), config);
    await code.openFile('checked.run.yaml');
    await code.run('Chirality: Start Run');
    await notification(/Checking rows and images|checked\.run\.yaml: checking/)
      .first()
      .waitFor();
    await code.run('Chirality: Stop Run');
    await code.choose('checked.run.yaml');
    await notification('checked.run.yaml: stopped.').waitFor();
    expect(existsSync(join(folder, RUNS, 'checked'))).toBe(false);
    expect(await page.getByText('debugging YAML').count()).toBe(0);
    // With nothing to stop, it is there as well, and says so.
    await code.run('Chirality: Stop Run');
    await notification('No active runs.').waitFor();
    await code.run('Notifications: Clear All Notifications');
  });

  detour('starts the config in the editor with Start Run', async () => {
    // Long enough to be stopped, on the demo's rows; next to them, so that the dataset of the demo is used.
    const config = ['preset: demo-sft', 'steps: 100000', 'data: { train: clean/data.qa.jsonl }'];
    config.push('optimizer: { final_share: null }'); // which the preset sets
    config.push('batch: { samples: 4 }', 'checkpoint: { every: 50 }', 'trace: { every: 0 }');
    writeFileSync(join(folder, 'chirality-demo/long.run.yaml'), config.join('\n'));
    await code.openFile('long.run.yaml');
    await code.run('Chirality: Start Run');
    // The dry run's warnings stand in full in a dialog before the start.
    const warned = code.starts.filter({ hasText: '2 warnings of the dry run' });
    await warned.filter({ hasText: 'The run has no evaluation set' }).waitFor({ timeout: 120_000 });
    await warned.getByRole('button', { name: 'Start Run Anyway' }).click();
    await page.locator('.statusbar', { hasText: 'Started run long: 400 rows' }).waitFor();
    const resolved = readFileSync(join(folder, LONG, 'run.yaml'), 'utf8');
    expect(resolved).toMatch(/^ +final_share: 0$/m);
    const panel = await code.webview('[data-chart]');
    await panel.locator('[data-chart] canvas').first().waitFor();
    await beyond(LONG, 0);
  });

  detour('Start Run creates a config from a preset and data of the folder', async () => {
    await code.run('Chirality: Start Run');
    await code.choose('New Config from a Preset');
    await code.choose('demo-sft');
    // Of the demo's sets, the largest is first, and what it is evaluated on comes last.
    const listed = page.locator('.quick-input-list .monaco-list-row', { hasText: 'data.qa.jsonl' });
    await listed.first().waitFor();
    expect((await listed.allTextContents()).at(-1)).toContain('val/data.qa.jsonl');
    await code.choose('clean/data.qa.jsonl');
    await code.choose('Create Tiny Model');
    const sets = page.locator('.quick-input-widget', { hasText: '(4 of 5)' });
    await sets.getByText('1 Selected').waitFor();
    await page.getByRole('button', { name: 'OK' }).click();
    const input = page.locator('.quick-input-widget input');
    await until('the place to save', async () => (await input.inputValue()).endsWith('demo-sft.run.yaml'));
    await page.getByRole('button', { name: 'OK' }).click();
    await page.locator('.tab.active', { hasText: 'demo-sft.run.yaml' }).waitFor();
    await code.dismissWarning('400 rows are too few to train a model from scratch');
    const text = readFileSync(join(folder, 'demo-sft.run.yaml'), 'utf8');
    const data = ['data:', '  train: chirality-demo/clean/data.qa.jsonl', '  eval:'];
    expect(text).toContain([...data, '    val: chirality-demo/val/data.qa.jsonl', ''].join('\n'));
  });

  step('rejects a config with mistakes, and shows its first mistake', async () => {
    await code.openFile('bad.run.yaml');
    await code.run('Chirality: Start Run');
    await notification(/Cannot start the run: bad\.run\.yaml, line 2: "steps"/).waitFor();
    expect(existsSync(join(folder, 'runs'))).toBe(false);
  });

  detour('closing the terminal of a run does not stop the run', async () => {
    await code.run('Chirality: Attach Terminal to Run');
    await code.choose('long');
    const terminal = page.locator('.terminal-wrapper.active');
    await terminal
      .getByText(/step \d+\/100000/)
      .first()
      .waitFor();
    await code.run('Terminal: Kill the Active Terminal Instance');
    await beyond(LONG, stateOf(LONG)!.step);
  });

  detour('the run continues while the window reloads', async () => {
    const { pid, step } = stateOf(LONG)!;
    await code.reload();
    await beyond(LONG, step);
    expect(stateOf(LONG)).toMatchObject({ pid, status: 'running' });
  });

  detour('the run continues after the extension host is killed', async () => {
    const { pid, step } = stateOf(LONG)!;
    await until('an extension host', async () => code.killExtensionHosts() > 0); // the reload may still be at it
    const killed = stateOf(LONG)!.step;
    await beyond(LONG, step);
    expect(stateOf(LONG)).toMatchObject({ pid, status: 'running' });
    await until('the status bar to go on, in a new host', async () => {
      const [, seen] = /long (\d+)\/100000/.exec((await page.locator('.statusbar').textContent())!)!;
      return Number(seen) > killed;
    });
  });

  detour('stops a run after a step with Stop Run, and offers to resume it', async () => {
    await code.run('Chirality: Stop Run');
    await code.choose('long');
    await notification(/long: stopped at step \d+ of 100000/).waitFor({ timeout: 60_000 });
    expect(stateOf(LONG)!.status).toBe('stopped');
    const { step, pid } = stateOf(LONG)!;
    await button('Resume Run').click();
    await beyond(LONG, step);
    expect(stateOf(LONG)!.pid).not.toBe(pid);
  });

  detour('the palette offers only actions that apply to the current runs', async () => {
    expect(await code.palette(['Chirality: Resume Run', 'Chirality: Stop Run'])).toEqual([
      'Chirality: Stop Run',
    ]);
  });

  detour('adds the command to the PATH of terminals', async () => {
    await code.run('Terminal: Create New Terminal');
    const terminal = page.locator('.terminal-wrapper.active');
    await terminal.locator('textarea').focus();
    await page.keyboard.type('chirality stop long --runs chirality-demo/runs --json > stopped.json');
    await page.keyboard.press('Enter');
    await until('the end of the run', () => Promise.resolve(ended(LONG)));
    await until('its last state', () =>
      Promise.resolve(readFileSync(join(folder, 'stopped.json'), 'utf8').includes('"status":"stopped"')),
    );
  });
});
