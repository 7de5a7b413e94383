import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Frame, Locator, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';

/** Quiet, and without what a person would be asked the first time. */
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.editor.useModal': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.reduceMotion': 'on',
  'workbench.enableExperiments': false,
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'telemetry.telemetryLevel': 'off',
  'git.enabled': false,
  'files.autoSave': 'off', // on by default in a browser
  'editor.autoClosingBrackets': 'never', // typed text is exactly that
  'editor.autoClosingQuotes': 'never',
  'editor.quickSuggestions': 'off',
  'window.confirmBeforeClose': 'never',
  'workbench.quickOpen.closeOnFocusLost': false, // an editor that has just opened takes the focus late
  'terminal.integrated.gpuAcceleration': 'off', // text in the page instead of a picture of it
};

export interface Tools {
  node: string;
  entry: string;
  vsix: string;
}

export interface Options {
  settings?: Record<string, unknown>;
  /** Packages of extensions next to ours. */
  extensions?: readonly string[];
  /** PATH of the server. */
  path?: string;
  /** Logs what the server and all below it ask of the system, into `calls` in its folder. */
  trace?: boolean;
}

/** Calls that start, open, connect or signal something, of all threads and processes, with whole paths. */
const CALLS = 'execve,openat,connect,kill,clone,clone3,fork,vfork';
const TRACED = ['strace', '-f', '-s', '4096', '-e', `trace=${CALLS}`, '-o'];

/** VS Code with the packaged extension installed, in a folder of its own, seen through Chromium. */
export class Code {
  private constructor(
    readonly root: string,
    readonly page: Page,
    /** Addresses outside the machine that were asked for; every one was refused. */
    readonly refused: string[],
    private readonly browser: Browser,
    private readonly server: ChildProcess,
    private readonly url: string,
  ) {}

  static async start(
    tools: Tools,
    { settings = {}, extensions = [], path, trace = false }: Options = {},
  ): Promise<Code> {
    const root = mkdtempSync(join(tmpdir(), 'chirality-e2e-'));
    mkdirSync(join(root, 'user', 'User'), { recursive: true });
    mkdirSync(join(root, 'home'));
    writeFileSync(join(root, 'user/User/settings.json'), JSON.stringify({ ...SETTINGS, ...settings }));
    const folders = ['--user-data-dir', join(root, 'user'), '--extensions-dir', join(root, 'extensions')];
    const env = { ...serverEnvironment(root), ...(path !== undefined && { PATH: path }) };
    const install = [tools.vsix, ...extensions].flatMap((vsix) => ['--install-extension', vsix]);
    execFileSync(tools.node, [tools.entry, ...folders, ...install], { env, stdio: 'pipe' });

    const port = await freePort();
    const args = ['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry'];
    args.push('--disable-update-check', '--disable-getting-started-override', '--ignore-last-opened');
    args.push('--idle-timeout-seconds', '300'); // should the tests be killed
    // A process group of its own, so that it ends with all that it starts.
    const command = [tools.node, tools.entry, ...folders, ...args];
    const [executable, ...rest] = trace ? [...TRACED, join(root, 'calls'), ...command] : command;
    const server = spawn(executable!, rest, { env, stdio: 'ignore', detached: true });
    const url = `http://127.0.0.1:${port}`;
    await until('the server', async () => (await fetch(`${url}/healthz`)).ok);

    const browser = await launchChromium();
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    context.setDefaultTimeout(90_000); // machines are shared
    const refused: string[] = [];
    await context.route(
      ({ hostname, protocol }) => hostname !== '127.0.0.1' && /^(https?|wss?):/.test(protocol),
      (route) => {
        refused.push(route.request().url());
        return route.abort();
      },
    );
    return new Code(root, await context.newPage(), refused, browser, server, url);
  }

  /**
   * VS Code in a new folder of this name, which it trusts.
   * @param fill puts into the folder what a test needs
   * @param shown see `openFolder`
   */
  static async inFolder(
    tools: Tools,
    name: string,
    fill: (folder: string) => void,
    shown?: string,
  ): Promise<{ code: Code; page: Page; folder: string }> {
    const code = await Code.start(tools, { settings: { 'security.workspace.trust.enabled': false } });
    const folder = join(code.root, name);
    mkdirSync(folder);
    fill(folder);
    await code.openFolder(folder, shown);
    return { code, page: code.page, folder };
  }

  async stop(): Promise<void> {
    await this.browser.close();
    const ended = new Promise((resolve) => this.server.once('exit', resolve));
    process.kill(-this.server.pid!, 'SIGKILL');
    await ended;
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  /**
   * Opens a folder that holds a data file. In a browser, VS Code learns of installed extensions a little after it can be
   * used; a file that is opened before keeps another language, so wait until the file has the icon of ours.
   * @param shown what to wait for in the Explorer, if the folder holds no data file.
   */
  async openFolder(folder: string, shown = '.qa-jsonl-lang-file-icon'): Promise<void> {
    await this.page.goto(`${this.url}/?folder=${encodeURIComponent(folder)}`);
    const file = this.page.locator(`.explorer-folders-view ${shown}`);
    await file.first().waitFor({ timeout: 90_000 });
  }

  /** Kills the processes that extensions run in; VS Code starts them again. @returns how many there were. */
  killExtensionHosts(): number {
    const processes = execFileSync('ps', ['-eo', 'pid=,pgid=,args='], { encoding: 'utf8' }).split('\n');
    const hosts = processes.flatMap((line) => {
      const [, pid, group, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return Number(group) === this.server.pid && args!.includes('--type=extensionHost') ? [Number(pid)] : [];
    });
    for (const pid of hosts) process.kill(pid, 'SIGKILL');
    return hosts.length;
  }

  /** A second window on the same server, in the same browser. */
  async window(folder: string): Promise<Code> {
    const page = await this.page.context().newPage();
    const other = new Code(this.root, page, this.refused, this.browser, this.server, this.url);
    await other.openFolder(folder);
    return other;
  }

  /** Opens a file by name, as Ctrl+P does. */
  async openFile(name: string): Promise<void> {
    await this.pick('Control+p', name, name);
    await this.page.locator('.tab.active', { hasText: name }).first().waitFor();
  }

  /** Runs a command from the palette. */
  async run(title: string): Promise<void> {
    await this.pick('F1', `>${title}`, title);
  }

  /** Takes an entry of a file's menu in the Explorer. */
  async explorerMenu(file: string, entry: string): Promise<void> {
    const { page } = this;
    const row = page.locator('.explorer-folders-view .monaco-list-row', { hasText: file });
    const item = page.getByRole('menuitem', { name: entry });
    // An editor that takes the focus late closes the menu.
    await until(`"${entry}" in the menu`, async () => {
      await row.click({ button: 'right' });
      return item.waitFor({ timeout: 2000 }).then(() => true);
    });
    // A menu that has just opened takes no clicks yet.
    await until(`"${entry}" to be taken`, async () => {
      await item.click({ timeout: 500 }).catch(() => undefined);
      return !(await item.isVisible());
    });
  }

  /** Which of some commands the palette offers. Asked for one by one: of a long list, only what is in sight exists. */
  async palette(titles: readonly string[]): Promise<string[]> {
    const { page } = this;
    const input = page.locator('.quick-input-widget input');
    const rows = page.locator('.quick-input-list .monaco-list-row');
    const offered: string[] = [];
    for (const title of titles) {
      await until('the palette', async () => {
        if (!(await input.isVisible())) await page.keyboard.press('F1');
        return input.fill(`>${title}`, { timeout: 2000 }).then(
          () => true,
          () => false,
        );
      });
      let before: string | null = null;
      const listed = await until('a list that stays as it is', async () => {
        await new Promise((resolve) => setTimeout(resolve, 500));
        const now = (await rows.allTextContents()).join('\n');
        const same = now !== '' && now === before;
        before = now;
        return same ? { now } : null;
      });
      if (listed.now.includes(title)) offered.push(title);
      await page.keyboard.press('Escape');
      await input.waitFor({ state: 'hidden' });
    }
    return offered;
  }

  /** Reloads the window as a person would, and waits for the new one. */
  async reload(): Promise<void> {
    await this.page.evaluate(() => Object.assign(window, { old: true }));
    await this.run('Developer: Reload Window');
    await until('the new window', () =>
      this.page.evaluate(() => !('old' in window) && document.querySelector('.statusbar-item') !== null),
    );
  }

  /** The document of the visible webview that holds `selector`: two frames deep. */
  webview(selector: string): Promise<Frame> {
    return until(`a webview with ${selector}`, async () => {
      for (const frame of this.page.frames()) {
        if (frame.isDetached() || !frame.url().includes('fake.html')) continue;
        const found = await frame.locator(selector).count();
        if (found > 0 && (await (await frame.parentFrame()!.frameElement()).isVisible())) return frame;
      }
      return null;
    });
  }

  /** Opens the quick input by a key, types, and takes the row with `title`: again, until VS Code is ready for it. */
  private async pick(key: string, text: string, title: string): Promise<void> {
    const { page } = this;
    const input = page.locator('.quick-input-widget input');
    const focused = page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title });
    await until(`"${title}" in the list`, async () => {
      // Opened again: what it offers is what could be done when it was opened.
      if (await input.isVisible()) await page.keyboard.press('Escape');
      await page.keyboard.press(key);
      await input.fill(text, { timeout: 2000 });
      return focused.waitFor({ timeout: 2000 }).then(
        () => true,
        () => page.keyboard.press('Escape'), // what it lists was found when it opened
      );
    });
    // Into the input, whatever has taken the focus meanwhile: a list that only closes has run nothing.
    await input.press('Enter');
    await focused.waitFor({ state: 'hidden' }); // the command may ask something in its place
  }

  /** VS Code learns a moment later than the page that no field has the focus any more. */
  pressUntil(key: string, shown: Locator): Promise<true> {
    return until(`what ${key} shows`, async () => {
      await this.page.keyboard.press(key);
      return shown.waitFor({ timeout: 2000 }).then(() => true);
    });
  }

  /** Takes the first entry with `text` of what a command asks. */
  async choose(text: string | RegExp): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
    await row.click();
    await row.waitFor({ state: 'hidden' });
  }

  /** The dialog that asks whether to start, with the warnings of the dry run. */
  get starts(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Waits for a warning in the dialog before a start, then closes the dialog. */
  async dismissWarning(text: string): Promise<void> {
    await this.starts.filter({ hasText: text }).waitFor({ timeout: 120_000 });
    await this.page.keyboard.press('Escape');
    await this.starts.waitFor({ state: 'hidden' });
  }

  /** Presses Start above the config in front, also where the dry run warns of something. @param run the run that starts */
  async startAbove(run: string): Promise<void> {
    const { page } = this;
    await page.locator('.codelens-decoration a', { hasText: 'Start Run' }).click();
    const warned = this.starts.getByRole('button', { name: 'Start Run Anyway' });
    const started = page
      .locator('.tab.active')
      .filter({ has: page.getByText(`Run: ${run}`, { exact: true }) });
    await warned.or(started).first().waitFor();
    if (await warned.isVisible()) await warned.click();
    await started.waitFor();
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-list-item', { hasText: text });
  }
}

/** Asks again and again until the answer is true-ish. Errors count as "not yet". */
export async function until<T>(what: string, ask: () => Promise<T>, ms = 90_000): Promise<NonNullable<T>> {
  const end = Date.now() + ms;
  for (;;) {
    let failure: unknown;
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}.`, { cause: failure });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Nothing of the machine's own VS Code or Node settings reaches the server. */
function serverEnvironment(root: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: join(root, 'home') };
  for (const name of Object.keys(env)) {
    if (/^(VSCODE_|VITEST|XDG_)|^(NODE_OPTIONS|NODE_ENV|TEST)$/.test(name)) Reflect.deleteProperty(env, name);
  }
  return env;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
