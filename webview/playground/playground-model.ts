import type { ModelAnswers } from '../../src/core/metrics/model-answers.ts';
import type { Channel } from '../../src/base/channel.ts';
import type { CallOptions } from '../../src/base/call.ts';
import type {
  AskUpdate,
  ModelSource,
  PlayAnswer,
  PlayAsk,
  PlaygroundHost,
  PlaygroundMemory,
  PlaygroundPage,
  PlaygroundState,
  PlayQuestion,
  PlaySampling,
} from '../../src/panels/playground/playground.contract.ts';
import type { MirrorVariant } from '../../src/rows/sample/sample.ts';
import type { SandboxScene } from '../../src/core/worlds/sandbox/sandbox-scene.ts';
import { PageModel } from '../ui/page-model.ts';
import { tellFamily } from '../ui/seen-family.ts';
import type { PlaygroundPanelState } from './playground-panel-state.ts';
import { SandboxModel } from './sandbox-model.ts';
import { isTrusted } from '../../src/rows/sample/variant.ts';

const QUESTION: PlayQuestion = { question: '', answer: '', choices: [] };
const SAMPLING: PlaySampling = { n: 1, temperature: 0, top_p: 1, seed: 0, max_tokens: null };
/** Maximum number of earlier questions that the history keeps. */
const HISTORY = 30;

export class PlaygroundModel extends PageModel<PlaygroundPanelState, PlaygroundHost> {
  /** Number of the last request for a mirror. The page ignores results of earlier requests. */
  private mirrorTurn = 0;
  private mirroring: Promise<void> = Promise.resolve();
  /** Whether a question is pending, to ask as soon as possible. */
  private owes = false;
  /** Question of the row in the page. Its reference answer and choices do not fit another question. */
  private ofRow = QUESTION;
  /** Sandbox while it is open; otherwise null. */
  sandbox: SandboxModel | null = null;
  /** Scene of a sandbox that was open before a reload of the page. */
  private unopened: SandboxScene | null;
  private readonly stops = new Map<string, AbortController>();

  constructor(
    host: Channel<PlaygroundHost>,
    remembered: PlaygroundMemory | null,
    changed: (state: PlaygroundPanelState) => void,
  ) {
    super(
      host,
      {
        host: null,
        picture: null,
        pictures: remembered?.pictures ?? {},
        mirror: null,
        question: remembered?.question ?? QUESTION,
        mirrored: remembered?.mirrored ?? true,
        strategy: remembered?.strategy ?? null,
        sampling: remembered?.sampling ?? SAMPLING,
        boxes: remembered?.boxes ?? true,
        graph: remembered?.graph ?? false,
        history: remembered?.history ?? [],
        shown: remembered?.shown ?? null,
        opening: remembered?.opening ?? null,
        sandbox: remembered?.sandbox ?? null,
        found: remembered?.found ?? {},
        looks: remembered?.looks ?? false,
        chosen: null,
        awaited: null,
        swapped: false,
        showKeys: false,
        problem: null,
      },
      changed,
    );
    this.unopened = remembered?.sandbox ?? null;
  }

  /** Resumes receiving the answers that were in progress when the page was closed. */
  resume(): void {
    for (const ask of this.state.history)
      for (const { model, state } of ask.answers) if (isUnderWay(state)) void this.follow(ask, model.id);
  }

  get memory(): PlaygroundMemory {
    const { host, picture, pictures, question, mirrored, strategy, sampling } = this.state;
    const { boxes, graph, history, shown, opening, sandbox, found, looks } = this.state;
    // Keep only images that the state still refers to.
    const needed = new Set([picture?.key, ...history.map((ask) => ask.picture)]);
    return {
      pictures: Object.fromEntries(Object.entries(pictures).filter(([key]) => needed.has(key))),
      models: host?.models ?? [],
      picture: picture?.key ?? null,
      question,
      mirrored,
      strategy,
      sampling,
      boxes,
      graph,
      history,
      shown,
      opening,
      sandbox,
      found,
      looks,
    };
  }

  /** Question whose answers the page shows. */
  get ask(): PlayAsk | null {
    return this.state.history.find(({ id }) => id === this.state.shown) ?? null;
  }

  get isAsking(): boolean {
    return this.stops.size > 0;
  }

  /** Selected models that the strategy cannot ask: models of VS Code, which accept only text. */
  get leftOut(): ModelSource[] {
    const { host, strategy } = this.state;
    const isBlind = host?.strategies.find(({ name }) => name === strategy)?.blind ?? false;
    return isBlind ? [] : (host?.models.filter(({ kind }) => kind === 'vscode') ?? []);
  }

  /** Reason why the models cannot be asked now; null if they can be asked. */
  get lack(): string | null {
    const { host, picture, question, strategy, awaited } = this.state;
    if (!host?.trusted) return 'Models cannot run in Restricted Mode.';
    if (!picture) return 'Open an image first.';
    if (awaited !== null) return 'Opening the image…';
    if (question.question.trim() === '') return 'Write a question first.';
    if (host.models.length === 0) return 'Add a model first.';
    const chosen = host.strategies.find(({ name }) => name === strategy);
    if (strategy !== null && !chosen)
      return 'The prompting strategy no longer exists. Select a different strategy.';
    if (chosen?.problem !== undefined) return `Invalid prompting strategy: ${chosen.problem}`;
    if (this.leftOut.length === host.models.length)
      return 'These models do not accept images. Select a strategy without images, such as blind.';
    return null;
  }

  /** Returns the label of a strategy. If the strategy no longer exists, returns the file name. */
  labelOf(strategy: string): string {
    const known = this.state.host?.strategies.find(({ name }) => name === strategy);
    return known?.label ?? strategy.replace(/^.*[/\\]/, '');
  }

  /** Opens the sandbox (with the scene of the image, if the image shows a scene), or closes the sandbox. */
  toggleSandbox(): void {
    this.sandbox?.dispose();
    this.sandbox = this.sandbox ? null : SandboxModel.begin(this, this.state.picture?.scene ?? null);
    this.update({ sandbox: this.sandbox?.state.scene ?? null, found: {}, problem: null });
  }

  /** Applies the state from the host, and asks new models about the scene in the sandbox. */
  showHost(host: PlaygroundState): void {
    if (host.models.length > 0) tellFamily(host.sees ?? null);
    this.update({ host });
    if (this.unopened) this.sandbox = new SandboxModel(this, this.unopened, this.state.found);
    this.unopened = null;
    this.sandbox?.askSoon();
    this.askOwed();
  }

  showPicture(args: Parameters<PlaygroundPage['picture']>[0]): void {
    const { picture, source, question, opening, asks } = args;
    // Close the sandbox when the user opens an image.
    if (opening !== null && opening !== this.state.opening && this.sandbox) this.toggleSandbox();
    // After a reload, the host sends the same opening again. This opening must not replace newer typing.
    const isNew = opening !== null && opening !== this.state.opening;
    this.update({
      picture,
      ...(picture.key === this.state.awaited && { awaited: null }),
      pictures: { ...this.state.pictures, [picture.key]: source },
      // Hide answers about another image, because they would seem to be about the new image.
      ...(isNew && { opening, shown: null, chosen: null }),
      ...(isNew && question && { question }),
    });
    if (question) this.ofRow = question;
    this.loadMirror();
    if (isNew) this.owes = asks;
    this.askOwed();
  }

  /** Asks a pending question when both image and models have arrived, in either order. */
  private askOwed(): void {
    if (!this.owes || this.lack !== null) return;
    this.owes = false;
    void this.askAll();
  }

  edit(change: Partial<PlayQuestion>): void {
    this.owes = false;
    const { ofRow } = this;
    const { answer, choices } = this.state.question;
    const isOfRow = answer === ofRow.answer && choices.join() === ofRow.choices.join();
    const left = change.question !== undefined && change.question !== ofRow.question && isOfRow;
    this.update({ question: { ...(left ? QUESTION : this.state.question), ...change } });
    this.loadMirror();
  }

  /** Asks all models in parallel about the current question. */
  async askAll(): Promise<void> {
    // Wait until the rules have mirrored all typed text, including text typed during the wait.
    for (let waited: Promise<void> | null = null; waited !== this.mirroring; await waited)
      waited = this.mirroring;
    if (this.isAsking) return;
    const { lack } = this;
    if (lack !== null) return this.update({ problem: lack });
    const { host, picture, question, mirror, mirrored, strategy, sampling, history } = this.state;
    const id = (history.at(-1)?.id ?? 0) + 1;
    const { leftOut } = this;
    const models = host!.models.filter((model) => !leftOut.includes(model));
    const answers = models.map(({ id: model, label, detail }): PlayAnswer => ({
      model: { id: model, label, detail },
      state: 'waiting',
      message: '',
      stages: [],
      asked: null,
    }));
    const ask: PlayAsk = {
      id,
      picture: picture!.key,
      question,
      strategy,
      sampling,
      answers,
      mirror: mirrored && isAskable(mirror) ? mirror : null,
    };
    this.update({ history: [...history, ask].slice(-HISTORY), shown: id, chosen: null, problem: null });
    seeAnswers();
    await Promise.all(answers.map(({ model }) => this.askOne(ask, model.id)));
  }

  cancel(): void {
    this.sandbox?.cancel();
    for (const stop of this.stops.values()) stop.abort();
  }

  /** Shows a question from the history, with its image and settings. */
  show({ id, picture: key, question, strategy, sampling }: PlayAsk): void {
    const isOther = key !== this.state.picture?.key;
    const awaited = isOther ? key : null;
    this.update({ shown: id, chosen: null, question, strategy, sampling, awaited, problem: null });
    seeAnswers();
    // If the image is unchanged, load its mirror; loading another image also loads that image's mirror.
    if (!isOther) return this.loadMirror();
    this.host.call('showPicture', { picture: key }).catch((error: Error) => {
      this.update({ awaited: null, problem: error.message });
    });
  }

  move(by: number): void {
    const { history, shown } = this.state;
    const at = history.findIndex(({ id }) => id === shown);
    const next = history[at < 0 ? history.length - 1 : at + by];
    if (next) this.show(next);
  }

  async save(): Promise<void> {
    const { picture, question, history } = this.state;
    if (!picture || question.question.trim() === '') return this.update({ problem: this.lack });
    if (question.answer.trim() === '') {
      this.update({
        problem: 'Enter a reference answer, or use the answer of a model.',
      });
      return document.getElementById('answer')?.focus();
    }
    this.update({ problem: null });
    const same = history.filter(
      (ask) =>
        ask.picture === picture.key &&
        ask.question.question === question.question &&
        ask.question.choices.join('\n') === question.choices.join('\n'),
    );
    const asked = same.flatMap(({ answers }) => answers.flatMap((answer) => answer.asked ?? []));
    await this.host.call('save', { picture: picture.key, question, asked });
  }

  private askOne(ask: PlayAsk, model: string): Promise<void> {
    const { id, picture, question, strategy, sampling } = ask;
    const args = { ask: id, model, picture, question, mirrored: ask.mirror !== null, strategy, sampling };
    return this.hear(ask, model, (options) => this.host.call('ask', args, options));
  }

  /** Receives the answer to a question from before a reload of the page. Reloading the window loses the answer. */
  private follow(ask: PlayAsk, model: string): Promise<void> {
    return this.hear(ask, model, (options) => this.host.call('follow', { ask: ask.id, model }, options));
  }

  private async hear(
    ask: PlayAsk,
    model: string,
    call: (options: CallOptions<AskUpdate>) => Promise<ModelAnswers | null>,
  ): Promise<void> {
    const set = (change: (answer: PlayAnswer) => Partial<PlayAnswer>) =>
      this.update({
        history: this.state.history.map((before) =>
          before.id === ask.id
            ? {
                ...before,
                answers: before.answers.map((answer) =>
                  answer.model.id === model ? { ...answer, ...change(answer) } : answer,
                ),
              }
            : before,
        ),
      });
    // Clear the received texts, because the host repeats the answer from the beginning.
    set(() => ({ stages: [] }));
    const stop = new AbortController();
    this.stops.set(model, stop);
    try {
      const asked = await call({
        signal: stop.signal,
        onProgress: (news) =>
          set(({ stages }) =>
            'phase' in news
              ? { state: 'loading', message: news.phase }
              : { state: 'asking', message: '', stages: [...stages, news.stage] },
          ),
      });
      set(() =>
        asked ? { state: 'done', message: '', asked, stages: [] } : { state: 'cancelled', message: '' },
      );
    } catch (error) {
      const cancelled = stop.signal.aborted;
      set(() => ({
        state: cancelled ? 'cancelled' : 'failed',
        message: cancelled ? '' : (error as Error).message,
      }));
    } finally {
      this.stops.delete(model);
      this.update({});
    }
  }

  private loadMirror(): void {
    const turn = ++this.mirrorTurn;
    const { picture, question } = this.state;
    if (!picture || question.question.trim() === '') return this.update({ mirror: null });
    const settle = (change: Partial<PlaygroundPanelState>) => {
      if (turn === this.mirrorTurn) this.update(change);
    };
    this.mirroring = this.host.call('mirror', { picture: picture.key, question }).then(
      (mirror) => settle({ mirror }),
      (error: Error) => settle({ mirror: null, problem: error.message }),
    );
  }
}

export const isUnderWay = (state: PlayAnswer['state']): boolean =>
  ['waiting', 'loading', 'asking'].includes(state);

/** Scrolls to the answers after the page is drawn, because the answers can be below the visible part. */
const seeAnswers = (): void =>
  queueMicrotask(() => document.querySelector('.answers')?.scrollIntoView({ block: 'nearest' }));

export const isAskable = (mirror: MirrorVariant | null): boolean => mirror !== null && isTrusted(mirror);
