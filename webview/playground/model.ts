import type { Channel } from '../../src/core/protocol/channel.ts';
import { Cancelled } from '../../src/core/protocol/channel.ts';
import type {
  PlayAnswer,
  PlayAsk,
  PlaygroundHost,
  PlaygroundMemory,
  PlaygroundPage,
  PlaygroundState,
  PlayPicture,
  PlayQuestion,
  PlaySampling,
} from '../../src/core/protocol/playground.ts';
import type { MirrorVariant } from '../../src/core/spatial/sample.ts';
import { isTrusted, type View } from '../../src/core/spatial/view.ts';

export type Host = Channel<PlaygroundHost>;

/** A completion by model, view and number: its stages are read, its boxes and graph drawn. */
export interface Chosen {
  model: string;
  view: View;
  completion: number;
}

export interface State extends Omit<PlaygroundMemory, 'picture' | 'models'> {
  host: PlaygroundState | null;
  /** Null: none has been opened yet. */
  picture: PlayPicture | null;
  /** What the rules make of the question; null until they have said it. */
  mirror: MirrorVariant | null;
  chosen: Chosen | null;
  swapped: boolean;
  showKeys: boolean;
  /** What went wrong, of what concerns no model. */
  problem: string | null;
}

const QUESTION: PlayQuestion = { question: '', answer: '', choices: [] };
const SAMPLING: PlaySampling = { n: 1, temperature: 0, top_p: 1, seed: 0, max_tokens: null };
/** Older ones are forgotten. */
const HISTORY = 30;

/** What the page knows and does; `changed` is called after every change. */
export class PlaygroundModel {
  state: State;
  /** The mirror that is asked for last; earlier answers come too late. */
  private mirrorTurn = 0;
  private mirroring: Promise<void> = Promise.resolve();
  private readonly stops = new Map<string, () => void>();

  constructor(
    readonly host: Host,
    remembered: PlaygroundMemory | null,
    private readonly changed: (state: State) => void,
  ) {
    const history = remembered?.history ?? [];
    this.state = {
      ...{ host: null, picture: null, pictures: remembered?.pictures ?? {}, mirror: null },
      question: remembered?.question ?? QUESTION,
      mirrored: remembered?.mirrored ?? true,
      strategy: remembered?.strategy ?? null,
      sampling: remembered?.sampling ?? SAMPLING,
      boxes: remembered?.boxes ?? true,
      graph: remembered?.graph ?? true,
      // What was under way went with the page.
      history: history.map((ask) => ({ ...ask, answers: ask.answers.map(ended) })),
      shown: remembered?.shown ?? null,
      opening: remembered?.opening ?? null,
      ...{ chosen: null, swapped: false, showKeys: false, problem: null },
    };
  }

  get memory(): PlaygroundMemory {
    const { host, picture, pictures, question, mirrored, strategy, sampling } = this.state;
    const { boxes, graph, history, shown, opening } = this.state;
    // Of pictures, only those that something refers to.
    const needed = new Set([picture?.key, ...history.map((ask) => ask.picture)]);
    return {
      pictures: Object.fromEntries(Object.entries(pictures).filter(([key]) => needed.has(key))),
      models: host?.models ?? [],
      picture: picture?.key ?? null,
      ...{ question, mirrored, strategy, sampling, boxes, graph, history, shown, opening },
    };
  }

  /** The ask whose answers are shown. */
  get ask(): PlayAsk | null {
    return this.state.history.find(({ id }) => id === this.state.shown) ?? null;
  }

  get isAsking(): boolean {
    return this.stops.size > 0;
  }

  /** Why nothing can be asked now; null where it can. */
  get lack(): string | null {
    const { host, picture, question } = this.state;
    if (!host?.trusted) return 'Nothing is started in Restricted Mode.';
    if (!picture) return 'Open a picture first.';
    if (question.question.trim() === '') return 'Write a question first.';
    if (host.models.length === 0) return 'Add a model first.';
    return null;
  }

  update(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.changed(this.state);
  }

  showPicture({ picture, source, question, opening }: Parameters<PlaygroundPage['picture']>[0]): void {
    // A page that comes back hears of the same opening again; what was written since is worth more.
    const isNew = opening !== null && opening !== this.state.opening;
    this.update({
      picture,
      pictures: { ...this.state.pictures, [picture.key]: source },
      // Answers about another picture would seem to be about this one.
      ...(isNew && { opening, shown: null, chosen: null }),
      ...(isNew && question && { question }),
    });
    this.loadMirror();
  }

  edit(change: Partial<PlayQuestion>): void {
    this.update({ question: { ...this.state.question, ...change } });
    this.loadMirror();
  }

  /** Asks all models, each in its own time. */
  async askAll(): Promise<void> {
    // The rules may be at the last letters still.
    await this.mirroring;
    if (this.isAsking) return;
    const { lack } = this;
    if (lack !== null) return this.update({ problem: lack });
    const { host, picture, question, mirror, mirrored, strategy, sampling, history } = this.state;
    const id = (history.at(-1)?.id ?? 0) + 1;
    const answers = host!.models.map(({ id: model, label, detail }): PlayAnswer => ({
      model: { id: model, label, detail },
      ...{ state: 'waiting', message: '', stages: [], asked: null },
    }));
    const ask: PlayAsk = {
      ...{ id, picture: picture!.key, question, strategy, sampling, answers },
      mirror: mirrored && isAskable(mirror) ? mirror : null,
    };
    this.update({ history: [...history, ask].slice(-HISTORY), shown: id, chosen: null, problem: null });
    seeAnswers();
    await Promise.all(answers.map(({ model }) => this.askOne(ask, model.id)));
  }

  cancel(): void {
    for (const [model, stop] of this.stops) {
      stop();
      this.host.notify('cancel', { model });
    }
  }

  /** A person goes back to an earlier ask, or forward: the fields say what the answers are to. */
  show({ id, question, strategy, sampling }: PlayAsk): void {
    this.update({ shown: id, chosen: null, question, strategy, sampling });
    seeAnswers();
    this.loadMirror();
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
      this.update({ problem: 'A sample needs the correct answer: write it, or take that of a model.' });
      return document.getElementById('answer')?.focus();
    }
    this.update({ problem: null });
    const same = history.filter(
      (ask) =>
        ask.picture === picture.key &&
        ask.question.question === question.question &&
        ask.question.choices.join('\n') === question.choices.join('\n'),
    );
    const asked = same.flatMap(({ answers }) => answers.flatMap((one) => one.asked ?? []));
    await this.host.call('save', { picture: picture.key, question, asked });
  }

  private async askOne(ask: PlayAsk, model: string): Promise<void> {
    const set = (change: (answer: PlayAnswer) => Partial<PlayAnswer>) =>
      this.update({
        history: this.state.history.map((one) =>
          one.id === ask.id
            ? {
                ...one,
                answers: one.answers.map((answer) =>
                  answer.model.id === model ? { ...answer, ...change(answer) } : answer,
                ),
              }
            : one,
        ),
      });
    const { picture, question, strategy, sampling } = ask;
    const mirrored = ask.mirror !== null;
    try {
      const asked = await this.host.call(
        'ask',
        { model, picture, question, mirrored, strategy, sampling },
        {
          onProgress: (news) =>
            set(({ stages }) =>
              'phase' in news
                ? { state: 'loading', message: news.phase }
                : { state: 'asking', message: '', stages: [...stages, news.stage] },
            ),
          onCancel: (stop) => this.stops.set(model, stop),
        },
      );
      set(() => ({ state: 'done', message: '', asked, stages: [] }));
    } catch (error) {
      const cancelled = error instanceof Cancelled;
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
    const settle = (change: Partial<State>) => {
      if (turn === this.mirrorTurn) this.update(change);
    };
    this.mirroring = this.host.call('mirror', { picture: picture.key, question }).then(
      (mirror) => settle({ mirror }),
      (error: Error) => settle({ mirror: null, problem: error.message }),
    );
  }
}

/** What had not come when the page was left. */
function ended(answer: PlayAnswer): PlayAnswer {
  return ['done', 'failed', 'cancelled'].includes(answer.state)
    ? answer
    : { ...answer, state: 'cancelled', message: '' };
}

/** They may lie below what is seen; the page is drawn first. */
const seeAnswers = (): void =>
  queueMicrotask(() => document.querySelector('.answers')?.scrollIntoView({ block: 'nearest' }));

/** Whether the mirror can be asked. */
export const isAskable = (mirror: MirrorVariant | null): boolean => mirror !== null && isTrusted(mirror);
