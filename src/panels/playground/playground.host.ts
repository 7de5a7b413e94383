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
} from './playground.contract.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { imageFolders, nameOf } from '../host/data-files.host.ts';
import { reportErrors, requireTrust } from '../host/report-errors.host.ts';
import { openKeybindings, Page } from '../page.host.ts';
import { PanelSet, type PanelContext, type KeyedPanel, type Seat } from '../panel-set.host.ts';
import type { RunList } from '../host/run-list.host.ts';
import type { RunSummary } from '../runs/runs.contract.ts';
import type { Service } from '../service.host.ts';
import { Asks } from './playground-asks.host.ts';
import { chooseModels, lastModels, newestModels, type LastModel } from './choose-model.host.ts';
import type { LoadedModels } from './loaded-models.host.ts';
import { saveSamples } from './playground-save.host.ts';
import { Sandbox } from './sandbox.host.ts';

/** Maximum size of an image, in bytes. */
const MAX_BYTES = 64 * 2 ** 20;
const PICTURES = ['png', 'jpg', 'jpeg', 'webp', 'gif', 'avif'];

interface PlaygroundTools {
  service: Service;
  runs: RunList;
  models: LoadedModels;
  secrets: vscode.SecretStorage;
  /** Folder that stores images that the user dropped or pasted. */
  storage: vscode.Uri;
  /** Strategy files in the open folders of the workspace. */
  ownStrategies: { glob: string; list(): Promise<{ path: string; label: string }[]> };
}

/** Empty subject, because there is only one panel. */
type Subject = object;

/** Content of the page. `asks`: whether the page asks the models immediately. */
type Shown = Pick<Parameters<PlaygroundPage['picture']>[0], 'question' | 'opening' | 'asks'> & {
  key: string;
};

/**
 * Playground: one panel, in which the user asks models about an image and its mirror. The page stores the question and
 * the answers. The host stores images and models for the page, even while the panel is closed.
 */
export class Playground implements vscode.Disposable {
  /** Panels of the Playground: at most one. */
  readonly panels: PanelSet<KeyedPanel<Subject>, Subject, PlaygroundMemory>;
  private page: Page<PlaygroundPage> | null = null;
  private readonly pictures = new Map<string, PictureSource>();
  private models: ModelSource[] = [];
  private strategies: PlayStrategy[] = [];
  private readonly asks = new Asks();
  private readonly sandbox: Sandbox;
  /** Last image that was opened. */
  private shown: Shown | null = null;

  constructor(
    private readonly context: PanelContext,
    private readonly tools: PlaygroundTools,
  ) {
    this.sandbox = new Sandbox(tools);
    this.panels = new PanelSet<KeyedPanel<Subject>, Subject, PlaygroundMemory>(context, {
      viewType: 'chirality.playground',
      memory: playgroundMemory,
      make: (seat) => this.fill(seat),
      blank: {},
    });
  }

  /** Opens the panel in its last state. On first use, the newest two runs answer a row of an evaluation set. */
  async open(): Promise<void> {
    const isFirst = !this.shown && this.models.length === 0;
    await this.panels.open({});
    if (isFirst) await reportErrors('Cannot send the question to the newest runs', () => this.begin());
  }

  /** Opens a row of a data file. The last checkpoints of these runs answer the row, instead of the previous models. */
  async openWith(
    runs: readonly RunSummary[],
    uri: vscode.Uri,
    line: number,
    finding: string | null,
  ): Promise<void> {
    const asks = await this.take(await lastModels(runs, this.tools.service, runs.length));
    await this.openRow(uri, line, asks, finding);
  }

  async openPicture(uri: vscode.Uri): Promise<void> {
    const place = imageFolders(uri);
    if (!place) {
      void vscode.window.showInformationMessage('The Playground can open only images on disk.');
      return;
    }
    const sample: Sample = { id: '', question: '', answer: '', images: [nameOf(uri)] };
    await this.show({ name: nameOf(uri), place, sample }, null);
  }

  /**
   * Opens a row of a data file, with its question.
   * @param asks whether to ask the question immediately
   * @param finding difference between the models, for which the row is an example; null if unknown
   */
  async openRow(uri: vscode.Uri, line: number, asks = false, finding: string | null = null): Promise<void> {
    const place = imageFolders(uri);
    const { service } = this.tools;
    const stored = place && (await service.call('findRow', { path: uri.fsPath, line, by: 0 }));
    const row = stored && (await service.call('readRow', { text: stored.text, place }));
    if (!stored || !row?.sample) {
      void vscode.window.showInformationMessage('The data file has no usable row at this line.');
      return;
    }
    const { question, answer, choices = [] } = row.sample;
    const name = `${nameOf(uri)}, line ${stored.line}`;
    const source = { name, place, sample: row.sample, ...(finding !== null && { finding }) };
    await this.show(source, { question, answer, choices }, asks);
  }

  command(name: PlaygroundCommand): void {
    if (this.page?.panel.active) this.page.notify('command', { name });
  }

  dispose(): void {
    this.panels.dispose();
  }

  private fill({ panel, extensionUri, store }: Seat<PlaygroundMemory>): KeyedPanel<Subject> {
    const { memory } = store;
    for (const [key, source] of Object.entries(memory?.pictures ?? {})) this.pictures.set(key, source);
    this.models = memory?.models ?? this.models;
    if (memory?.picture) this.shown ??= { key: memory.picture, question: null, opening: null, asks: false };
    panel.title = 'Playground';
    const host = () => this.host;
    const page = new Page<PlaygroundPage>(panel, extensionUri, 'playground', host, playgroundCalls, store);
    this.page = page;
    const files = vscode.workspace.createFileSystemWatcher(this.tools.ownStrategies.glob);
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
    return { panel, dispose };
  }

  /** Selects the newest runs unless models are selected. Without an image, shows a row with different answers. */
  private async begin(): Promise<void> {
    const newest = await newestModels(this.tools);
    if (this.models.length > 0 || newest.length === 0) return;
    const asks = await this.take(newest);
    const { sets } = await this.tools.service.call('checkpoints', { dir: newest[0]!.run.dir });
    const [path] = Object.values(sets);
    if (path === undefined || this.shown) return;
    const [one, another] = newest.map(({ run }) => run.dir);
    const apart =
      one !== undefined && another !== undefined
        ? await this.tools.service.call('apart', { dirs: [one, another], path }).catch(() => null)
        : null;
    await this.openRow(vscode.Uri.file(path), apart?.line ?? 1, asks, apart?.finding ?? null);
  }

  /** Selects models for further questions. @returns whether the models can be asked immediately */
  private async take(models: readonly LastModel[]): Promise<boolean> {
    this.models = models.map(({ source }) => source);
    await this.tell();
    // Models of the embedded engine answer within a second. Other models are loaded only on the user's request.
    return models.every(({ run }) => run.model?.startsWith('embedded'));
  }

  private async show(source: PictureSource, question: PlayQuestion | null, asks = false): Promise<void> {
    const key = createHash('sha256').update(JSON.stringify(source)).digest('hex').slice(0, 16);
    this.pictures.set(key, source);
    const isFirst = !this.shown && this.models.length === 0;
    this.shown = { key, question, opening: randomUUID(), asks };
    await this.panels.open({});
    await this.tellPicture();
    if (isFirst) await this.begin();
  }

  /** Sends the image to the page. A page that has not started yet requests the image at its start. */
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
    const { service } = this.tools;
    const [{ images }, scene] = await Promise.all([
      service.call('readRow', { text, place: source.place }),
      service.call('sceneOfRow', { row: source.sample }),
    ]);
    if (this.shown !== shown) return;
    const picture = { key: shown.key, name: source.name, sample: source.sample, images, scene };
    const { question, opening, asks } = shown;
    this.page?.notify('picture', { picture, source, question, opening, asks });
  }

  private async tell(): Promise<void> {
    if (!this.page) return;
    const { fsPath: folder } = vscode.Uri.joinPath(this.context.extensionUri, 'library/strategies');
    const { service, ownStrategies } = this.tools;
    const [strategies, families] = await Promise.all([
      ownStrategies.list().then((files) => service.call('strategies', { folder, files })),
      Promise.all(
        this.models.map((model) =>
          model.kind === 'local' ? service.call('familyIn', { path: model.path }).catch(() => null) : null,
        ),
      ),
    ]);
    this.strategies = strategies;
    const sees = families.findLast((family) => family !== null);
    this.page?.notify('show', {
      trusted: vscode.workspace.isTrusted,
      models: this.models,
      strategies: this.strategies,
      ...(sees != null && { sees }),
    });
  }

  /** Returns a model that a strategy can ask. @throws with a message for users if the strategy cannot ask the model */
  private askable(model: string, strategy: string | null): ModelSource {
    requireTrust();
    const source = this.models.find(({ id }) => id === model);
    if (!source) throw new Error('This model is no longer in the Playground. Add the model again.');
    if (strategy !== null && !this.strategies.some(({ name }) => name === strategy))
      throw new Error(`The prompting strategy ${strategy} no longer exists. Select another strategy.`);
    return source;
  }

  private source(key: string): PictureSource {
    const source = this.pictures.get(key);
    if (!source) throw new Error('This image is no longer in the Playground. Open the image again.');
    return source;
  }

  private readonly host: PlaygroundHost = {
    ready: () => void this.tell().then(() => this.tellPicture()),
    pickPicture: async () => {
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      const [uri] =
        (await vscode.window.showOpenDialog({
          title: 'Open Image',
          filters: { Images: PICTURES },
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
      if (image === undefined) throw new Error('This row has fewer images.');
      return this.tools.service.call('image', { image, place });
    },
    mirror: ({ picture, question }) =>
      this.tools.service
        .call('questionOf', { row: this.source(picture).sample, question })
        .then(({ mirror }) => mirror),
    addModel: () =>
      reportErrors('Cannot add the model', async () => {
        this.models = (await chooseModels(this.tools, this.models)) ?? this.models;
        await this.tell();
      }),
    removeModel: ({ id }) => {
      this.models = this.models.filter((model) => model.id !== id);
      void this.tell();
    },
    ask: ({ ask, model, picture, question, mirrored, strategy, sampling }, page) =>
      this.asks.begin({ ask, model }, page, async (call) => {
        const source = this.askable(model, strategy);
        const { service, models } = this.tools;
        const { place, sample: row } = this.source(picture);
        const { sample, mirror } = await service.call('questionOf', { row, question });
        const request = { sample, place, mirror: mirrored ? mirror : null, strategy, sampling };
        return models.ask(source, request, call);
      }),
    askScene: ({ model, strategy, ...asked }, page) =>
      this.sandbox.ask(this.askable(model, strategy), { strategy, ...asked }, page),
    lookAtScene: ({ model, strategy, scene }, page) =>
      this.sandbox.look(this.askable(model, strategy), { strategy, scene }, page),
    saveScenes: ({ rows }) => reportErrors('Cannot save the rows', () => this.sandbox.save(rows)),
    follow: (args, page) => this.asks.follow(args, page) ?? Promise.resolve(null),
    showPicture: async ({ picture: key }) => {
      this.source(key);
      this.shown = { key, question: null, opening: null, asks: false };
      await this.tellPicture();
    },
    save: ({ picture, question, asked }) =>
      reportErrors('Cannot save the row', async () => {
        await saveSamples([{ source: this.source(picture), question, asked }], 'asked', this.tools.service);
      }),
    openKeybindings: () => openKeybindings('playground'),
  };

  /** Saves an image that is not on disk, under a name derived from the image's content. */
  private async keepPicture({ name, bytes }: { name: string; bytes: Uint8Array }): Promise<void> {
    if (bytes.length > MAX_BYTES) {
      void vscode.window.showWarningMessage(`${name} must be at most 64 MiB.`);
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
