import { resolve } from 'node:path';
import * as vscode from 'vscode';
import type { CallTable } from './calls.contract.ts';
import type { Api } from '../base/channel.ts';
import type { RecordSchema } from '../base/record.ts';
import { Page, webviewOptions, type HostedCalls, type PageStore } from './page.host.ts';

export interface KeyedPanel<Subject> extends vscode.Disposable {
  readonly panel: vscode.WebviewPanel;
  /** Key of the panel's subject, unique in the set of panels. Absent if one panel shows all subjects. */
  readonly key?: string;
  /** Runs that the panel shows, or that the user selected in it. Commands act on those of the active panel. */
  readonly dirs?: readonly string[];
  /** Shows another subject with the same key. Required only if the key does not determine the subject. */
  show?(subject: Subject): unknown;
}

/** Place of a panel in a set of panels: its tab, and the store of its page's memory. */
export interface Seat<Memory> {
  panel: vscode.WebviewPanel;
  extensionUri: vscode.Uri;
  store: PageStore<Memory>;
}

/** Panel with a page that can call the panel's `host`. */
export abstract class HostedPanel<PageApi extends Api<PageApi>> implements vscode.Disposable {
  readonly panel: vscode.WebviewPanel;
  protected readonly page: Page<PageApi>;
  protected readonly owned: vscode.Disposable[] = [];
  protected closed = false;
  protected abstract readonly host: HostedCalls;

  /** @param bundle bundle of the page @param calls calls that the page is allowed to make */
  constructor({ panel, extensionUri, store }: Seat<unknown>, bundle: string, calls: CallTable) {
    this.panel = panel;
    this.page = new Page<PageApi>(panel, extensionUri, bundle, () => this.host, calls, store);
  }

  dispose(): void {
    this.closed = true;
    this.page.close();
    for (const each of this.owned) each.dispose();
  }
}

/** Factory of panels of one kind. `Subject`: type of the shown content. `Memory`: type of the page's stored state. */
interface PanelKind<T extends KeyedPanel<Subject>, Subject extends object, Memory extends Subject> {
  viewType: string;
  /** Schema of a page's memory, which is restored after a reload. */
  memory: RecordSchema<unknown>;
  keyOf?(subject: Subject): string;
  make(seat: Seat<Memory>, subject: Subject): T;
  /** Returns the location of a new panel. By default, a new panel opens in the active group. */
  column?: () => { viewColumn: vscode.ViewColumn; preserveFocus: boolean };
  /** Subject of a panel that is restored without a stored state. If undefined, a panel without state is closed. */
  blank?: Subject;
}

/**
 * Returns the editor group next to a config's, so that both are visible; otherwise the active group. Next to other
 * groups, opens no further group, because panels need the width.
 */
export function besideConfig(): { viewColumn: vscode.ViewColumn; preserveFocus: boolean } {
  const { activeTabGroup, all } = vscode.window.tabGroups;
  const input = activeTabGroup.activeTab?.input;
  const isConfig = input instanceof vscode.TabInputText && /\.(?:run|sweep)\.yaml$/.test(input.uri.path);
  const hasRoom = all.length < 2 || all.some(({ viewColumn }) => viewColumn > activeTabGroup.viewColumn);
  return {
    viewColumn: isConfig && hasRoom ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active,
    preserveFocus: false,
  };
}

/** Returns the key of a panel about several runs, independent of the runs' order. */
export const keyOfRuns = (dirs: readonly string[]): string =>
  JSON.stringify([...new Set(dirs.map((dir) => resolve(dir)))].sort());

/** Context of panels. `workspaceState` stores the pages' memories, which VS Code drops when a tab is closed. */
export type PanelContext = Pick<vscode.ExtensionContext, 'extensionUri' | 'workspaceState'>;

/** Panel that is stored in `workspaceState`. */
interface StoredPanel<Memory> {
  key: string | undefined;
  title: string;
  memory: Memory;
}

/**
 * Panels of one kind, at most one per key, also after a reload of the window. VS Code restores a panel when its tab is
 * first shown; until then the tab sleeps. If a user opens the subject of a sleeping tab, a panel opens in the tab's
 * group, with the tab's stored state, and the sleeping tab is closed.
 */
export class PanelSet<T extends KeyedPanel<Subject>, Subject extends object, Memory extends Subject>
  implements vscode.Disposable, vscode.WebviewPanelSerializer<Memory>
{
  /** Panels, each with the stored state of its page; null for a page without state. */
  private readonly panels = new Map<T, Memory | null>();
  /** Panels that were open when the window was reloaded, and that have not been shown since then. */
  private asleep: StoredPanel<Memory>[];
  /** Panels that were requested while their sleeping tabs were being closed, by key. */
  private readonly waking = new Map<string | undefined, Promise<T>>();
  private readonly subscription: vscode.Disposable;

  constructor(
    private readonly context: PanelContext,
    private readonly kind: PanelKind<T, Subject, Memory>,
  ) {
    this.asleep = context.workspaceState
      .get<StoredPanel<Memory>[]>(kind.viewType, [])
      .filter(({ memory }) => this.isMemory(memory));
    this.subscription = vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
      for (const tab of closed) if (this.isOurs(tab)) this.forget(({ title }) => title === tab.label);
    });
  }

  get viewType(): string {
    return this.kind.viewType;
  }

  /** Live panels, excluding panels in sleeping tabs. */
  get all(): T[] {
    return [...this.panels.keys()];
  }

  get front(): T | undefined {
    return this.all.find(({ panel }) => panel.active);
  }

  /** Shows a subject in the panel with its key, or in a new panel. */
  async open(subject: Subject): Promise<T> {
    const key = this.kind.keyOf?.(subject);
    const waking = this.waking.get(key);
    if (waking) await waking;
    const open = this.find(key);
    if (open) {
      open.panel.reveal(undefined, this.kind.column?.().preserveFocus);
      await open.show?.(subject);
      return open;
    }
    const asleep = this.findAsleep(key);
    if (!asleep) return this.create(subject);
    const woken = this.wake(asleep, subject);
    this.waking.set(key, woken);
    try {
      return await woken;
    } finally {
      this.waking.delete(key);
    }
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, memory: unknown): Promise<void> {
    const remembered = this.isMemory(memory) ? memory : null;
    const subject = remembered ? { ...this.kind.blank, ...remembered } : this.kind.blank;
    if (subject && !this.find(this.kind.keyOf?.(subject))) this.adopt(panel, subject, remembered);
    else panel.dispose();
    return Promise.resolve();
  }

  /** Leaves the panels open, so that a restarted extension host can use the panels again. */
  dispose(): void {
    for (const panel of this.all) panel.dispose();
    this.subscription.dispose();
  }

  private find(key: string | undefined): T | undefined {
    return this.all.find((panel) => panel.key === key);
  }

  private async wake({ tab, memory }: { tab: vscode.Tab; memory: Memory }, subject: Subject): Promise<T> {
    await vscode.window.tabGroups.close(tab);
    return this.create(subject, tab.group.viewColumn, memory);
  }

  private create(subject: Subject, viewColumn?: vscode.ViewColumn, memory: Memory | null = null): T {
    const column = {
      viewColumn: vscode.ViewColumn.Active,
      ...this.kind.column?.(),
      ...(viewColumn && { viewColumn }),
    };
    const options = webviewOptions(this.context.extensionUri);
    const panel = vscode.window.createWebviewPanel(this.viewType, 'Chirality', column, options);
    return this.adopt(panel, subject, memory);
  }

  private adopt(panel: vscode.WebviewPanel, subject: Subject, memory: Memory | null): T {
    // Panels of one kind share an icon, which distinguishes their tabs from other tabs.
    const icon = (theme: 'light' | 'dark') =>
      vscode.Uri.joinPath(
        this.context.extensionUri,
        `media/tabs/${this.viewType.replace('chirality.', '')}-${theme}.svg`,
      );
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    const remember = (what: unknown) => {
      if (!this.isMemory(what)) return;
      this.panels.set(opened, what);
      this.save();
    };
    const { extensionUri } = this.context;
    const opened = this.kind.make({ panel, extensionUri, store: { memory, remember } }, subject);
    this.panels.set(opened, memory);
    this.forget(({ key }) => key === opened.key);
    panel.onDidDispose(() => {
      opened.dispose();
      this.panels.delete(opened);
      this.save();
    });
    return opened;
  }

  /** Returns a sleeping tab by its key; undefined if no tab can be identified. */
  private findAsleep(key: string | undefined): { tab: vscode.Tab; memory: Memory } | undefined {
    const kept = this.asleep.find((storedPanel) => storedPanel.key === key);
    if (!kept) return undefined;
    const isNamesake = ({ title }: { title: string }) => title === kept.title;
    const [tab, ...others] = vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter((open) => this.isOurs(open) && open.label === kept.title);
    if (!tab || others.length > 0 || this.asleep.filter(isNamesake).length > 1) return undefined;
    return this.all.some(({ panel }) => isNamesake(panel)) ? undefined : { tab, memory: kept.memory };
  }

  private isOurs({ input }: vscode.Tab): boolean {
    return input instanceof vscode.TabInputWebview && input.viewType.endsWith(this.viewType);
  }

  private forget(what: (kept: StoredPanel<Memory>) => boolean): void {
    if (!this.asleep.some(what)) return;
    this.asleep = this.asleep.filter((kept) => !what(kept));
    this.save();
  }

  private isMemory(value: unknown): value is Memory {
    return this.kind.memory.safeParse(value, { reportInput: true }).success;
  }

  private save(): void {
    const awake = [...this.panels].flatMap(
      ([
        {
          key,
          panel: { title },
        },
        memory,
      ]) => (memory ? [{ key, title, memory }] : []),
    );
    void this.context.workspaceState.update(this.viewType, [...this.asleep, ...awake]);
  }
}
