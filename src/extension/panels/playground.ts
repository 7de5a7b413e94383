import { createHash, randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import {
  playgroundCalls,
  playgroundMemory,
  type ModelSource,
  type PictureSource,
  type PlaygroundCommand,
  type PlaygroundHost,
  type PlaygroundMemory,
  type PlaygroundPage,
  type PlayQuestion,
  type PlayStrategy,
} from '../../core/protocol/playground.ts';
import type { Sample } from '../../core/sample/sample.ts';
import { ownStrategies, STRATEGIES } from '../launch/choose-strategy.ts';
import { imageFolders, nameOf } from '../data-files.ts';
import { NotTrusted } from '../launch/program.ts';
import { reportErrors } from '../launch/report.ts';
import { Page, type PageStore } from './page.ts';
import { PanelSet, type PanelContext, type KeyedPanel } from './panel-set.ts';
import type { RunList } from '../run-list/run-list.ts';
import type { Service } from '../service-client.ts';
import { Asks } from '../playground/asks.ts';
import { chooseModel } from '../playground/choose-model.ts';
import type { LoadedModels } from '../playground/loaded-models.ts';
import { saveSample } from '../playground/save.ts';

/** Largest picture to accept, in bytes. */
const MAX_BYTES = 64 * 2 ** 20;
const PICTURES = ['png', 'jpg', 'jpeg', 'webp', 'gif', 'bmp', 'avif'];

interface PlaygroundTools {
  service: Service;
  runs: RunList;
  models: LoadedModels;
  secrets: vscode.SecretStorage;
  /** The folder for pictures that were dropped or pasted. */
  storage: vscode.Uri;
}

/** Empty, since there is only one panel. */
type Subject = object;

/**
 * The Playground: one panel, in which the user asks models about a picture and its mirror image. The page holds the
 * question and the answers; the host keeps the pictures and models that the page may refer to, also while the panel is
 * closed.
 */
export class Playground implements vscode.Disposable {
  /** At most one. */
  readonly panels: PanelSet<KeyedPanel<Subject>, Subject, PlaygroundMemory>;
  private page: Page<PlaygroundPage> | null = null;
  private readonly pictures = new Map<string, PictureSource>();
  private models: ModelSource[] = [];
  private strategies: PlayStrategy[] = [];
  private readonly asks = new Asks();
  /** The picture opened last. */
  private shown: { key: string; question: PlayQuestion | null; opening: string | null } | null = null;

  constructor(
    private readonly context: PanelContext,
    private readonly tools: PlaygroundTools,
  ) {
    this.panels = new PanelSet<KeyedPanel<Subject>, Subject, PlaygroundMemory>(context, {
      viewType: 'chirality.playground',
      memory: playgroundMemory,
      keyOf: () => '',
      make: (panel, _, store) => this.fill(panel, store),
      blank: {},
    });
  }

  async open(): Promise<void> {
    await this.panels.open({});
  }

  /** Opens a picture file. */
  async openPicture(uri: vscode.Uri): Promise<void> {
    const place = imageFolders(uri);
    if (!place) {
      void vscode.window.showInformationMessage('The Playground shows pictures on disk.');
      return;
    }
    const sample: Sample = { id: '', question: '', answer: '', images: [nameOf(uri)] };
    await this.show({ name: nameOf(uri), place, sample }, null);
  }

  /** Opens a row of a data file, with its question. */
  async openRow(uri: vscode.Uri, line: number): Promise<void> {
    const place = imageFolders(uri);
    const { service } = this.tools;
    const stored = place && (await service.call('findRow', { path: uri.fsPath, line, by: 0 }));
    const row = stored && (await service.call('readRow', { text: stored.text, place }));
    if (!stored || !row?.sample) {
      void vscode.window.showInformationMessage('There is no row that could be asked about.');
      return;
    }
    const { question, answer, choices = [] } = row.sample;
    const source = { name: `${nameOf(uri)}, line ${stored.line}`, place, sample: row.sample };
    await this.show(source, { question, answer, choices });
  }

  command(name: PlaygroundCommand): void {
    if (this.page?.panel.active) this.page.notify('command', { name });
  }

  dispose(): void {
    this.panels.dispose();
  }

  /** @param store with the panel's state before the window was reloaded */
  private fill(panel: vscode.WebviewPanel, store: PageStore<PlaygroundMemory>): KeyedPanel<Subject> {
    const { memory } = store;
    for (const [key, source] of Object.entries(memory?.pictures ?? {})) this.pictures.set(key, source);
    this.models = memory?.models ?? this.models;
    if (memory?.picture) this.shown ??= { key: memory.picture, question: null, opening: null };
    panel.title = 'Playground';
    const { extensionUri } = this.context;
    const page = new Page<PlaygroundPage>(
      panel,
      extensionUri,
      'playground',
      this.host,
      playgroundCalls,
      store,
    );
    this.page = page;
    const files = vscode.workspace.createFileSystemWatcher(STRATEGIES);
    const tell = () => void this.tell();
    const subscriptions = [
      files,
      files.onDidCreate(tell),
      files.onDidChange(tell),
      files.onDidDelete(tell),
      vscode.workspace.onDidGrantWorkspaceTrust(tell),
    ];
    const dispose = () => {
      page.close();
      this.page = null;
      for (const subscription of subscriptions) subscription.dispose();
      this.asks.cancel();
    };
    return { panel, key: '', dispose };
  }

  private async show(source: PictureSource, question: PlayQuestion | null): Promise<void> {
    const key = createHash('sha256').update(JSON.stringify(source)).digest('hex').slice(0, 16);
    this.pictures.set(key, source);
    this.shown = { key, question, opening: randomUUID() };
    await this.open();
    await this.tellPicture();
  }

  /** Sends the picture to the page; a page that has not started yet asks for it when it starts. */
  private async tellPicture(): Promise<void> {
    const shown = this.shown;
    const source = shown && this.pictures.get(shown.key);
    if (!shown || !source) return;
    const text = JSON.stringify({
      ...source.sample,
      id: source.sample.id || 'asked',
      question: source.sample.question || '?',
      answer: source.sample.answer || '?',
    });
    const { images } = await this.tools.service.call('readRow', { text, place: source.place });
    if (this.shown !== shown) return;
    const picture = { key: shown.key, name: source.name, sample: source.sample, images };
    this.page?.notify('picture', { picture, source, question: shown.question, opening: shown.opening });
  }

  private async tell(): Promise<void> {
    if (!this.page) return;
    const { fsPath: folder } = vscode.Uri.joinPath(this.context.extensionUri, 'library/strategies');
    this.strategies = await this.tools.service.call('strategies', { folder, files: await ownStrategies() });
    this.page?.notify('show', {
      trusted: vscode.workspace.isTrusted,
      models: this.models,
      strategies: this.strategies,
    });
  }

  private source(key: string): PictureSource {
    const source = this.pictures.get(key);
    if (!source) throw new Error('This picture is not known any more.');
    return source;
  }

  private readonly host: PlaygroundHost = {
    ready: () => void this.tell().then(() => this.tellPicture()),
    pickPicture: async () => {
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      const [uri] =
        (await vscode.window.showOpenDialog({
          title: 'Open Picture',
          filters: { Pictures: PICTURES },
          ...(folder && { defaultUri: folder }),
        })) ?? [];
      if (uri) await this.openPicture(uri);
    },
    takePicture: async (args) => {
      if ('uri' in args) return this.openPicture(vscode.Uri.parse(args.uri, true));
      await this.keepPicture(args);
    },
    image: ({ picture, index }) => {
      const { sample, place } = this.source(picture);
      const image = sample.images[index];
      if (image === undefined) throw new Error('There is no such picture.');
      return this.tools.service.call('image', { image, place });
    },
    mirror: ({ picture, question }) =>
      this.tools.service
        .call('questionOf', { row: this.source(picture).sample, question })
        .then(({ mirror }) => mirror),
    addModel: () =>
      reportErrors('No model was added', async () => {
        const model = await chooseModel(this.tools);
        if (!model) return;
        this.models = [...this.models.filter(({ id }) => id !== model.id), model];
        await this.tell();
      }),
    removeModel: ({ id }) => {
      this.models = this.models.filter((model) => model.id !== id);
      void this.tell();
    },
    ask: ({ ask, model, picture, question, mirrored, strategy, sampling }, page) =>
      this.asks.begin({ ask, model }, page, async (call) => {
        if (!vscode.workspace.isTrusted) throw new NotTrusted();
        const source = this.models.find(({ id }) => id === model);
        if (!source) throw new Error('This model is not known any more.');
        if (strategy !== null && !this.strategies.some(({ name }) => name === strategy))
          throw new Error(`There is no strategy ${strategy} any more.`);
        const { service, models } = this.tools;
        const { place, sample: row } = this.source(picture);
        const { sample, mirror } = await service.call('questionOf', { row, question });
        const request = { sample, place, mirror: mirrored ? mirror : null, strategy, sampling };
        return models.ask(source, request, call);
      }),
    follow: (args, page) => this.asks.follow(args, page) ?? Promise.resolve(null),
    showPicture: async ({ picture: key }) => {
      this.source(key);
      this.shown = { key, question: null, opening: null };
      await this.tellPicture();
    },
    save: ({ picture, question, asked }) =>
      reportErrors('The row was not saved', async () => {
        await saveSample(this.source(picture), question, asked, this.tools.service);
      }),
    manageTrust: () => void vscode.commands.executeCommand('workbench.trust.manage'),
    openKeybindings: () =>
      void vscode.commands.executeCommand('workbench.action.openGlobalKeybindings', 'chirality.playground'),
  };

  /** Pictures that are not on disk are saved under a name derived from their content. */
  private async keepPicture({ name, bytes }: { name: string; bytes: Uint8Array }): Promise<void> {
    if (bytes.length > MAX_BYTES) {
      void vscode.window.showWarningMessage(`${name} is larger than 64 MiB.`);
      return;
    }
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const folder = vscode.Uri.joinPath(this.tools.storage, 'playground');
    const uri = vscode.Uri.joinPath(folder, hash);
    await vscode.workspace.fs.createDirectory(folder);
    await vscode.workspace.fs.writeFile(uri, bytes);
    const place = { folder: dirname(uri.fsPath), root: dirname(uri.fsPath) };
    await this.show({ name, place, sample: { id: '', question: '', answer: '', images: [hash] } }, null);
  }
}
