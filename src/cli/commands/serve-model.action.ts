import type { OptionsOf } from '../command-options.ts';
import type { addServeModelCommand } from './serve-model.command.ts';
import { hostChannel } from '../host-model.ts';
import { type OpenModel, openModel, askingDefaults, openGeneral, viewsToAsk } from '../asked-model.ts';
import { Turns } from '../../base/turns.ts';
import type { ServedModel, ServedQuestion, ServedLook } from '../../core/insight/served-model.ts';
import type { Call } from '../../base/call.ts';
import type { FinishedStage } from '../../core/metrics/model-answers.ts';
import { ImageFiles } from '../../lab/datasets/image-files.ts';
import { ask } from '../../lab/evaluation/ask.ts';
import { type LookQuestion, look } from '../../lab/insight/take-look.ts';

type Flags = OptionsOf<typeof addServeModelCommand>;

/** Answers questions until no further question can arrive, or until the parent process ends. */
export async function serve(flags: Flags): Promise<void> {
  const gone = new Promise<void>((resolve) => process.once('disconnect', () => resolve()));
  const served = new Served(flags);
  hostChannel({ ...served.api });
  await Promise.race([gone, served.idle]);
  await served.close();
  if (process.connected) process.disconnect();
}

class Served {
  private model: Promise<OpenModel> | null = null;
  /** Queue in which the model answers one question at a time. */
  private readonly turns = new Turns();
  private underWay = 0;
  private timer: NodeJS.Timeout | undefined;
  private tellIdle!: () => void;
  readonly idle = new Promise<void>((resolve) => (this.tellIdle = resolve));

  constructor(private readonly flags: Flags) {
    this.rest();
  }

  readonly api: ServedModel = {
    open: (_args, call) => this.busy(async () => (await this.opened(call.onProgress)).name),
    ask: (question, call) => this.busy(() => this.turns.run(() => this.answer(question, call))),
    look: (row, call) => this.busy(() => this.turns.run(() => this.look(row, call))),
  };

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.model?.then((model) => model.close()).catch(() => undefined);
  }

  private async busy<T>(work: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    clearTimeout(this.timer);
    try {
      return await work();
    } finally {
      this.underWay -= 1;
      this.rest();
    }
  }

  private rest(): void {
    clearTimeout(this.timer);
    if (this.underWay === 0) this.timer = setTimeout(this.tellIdle, 1000 * this.flags.idle);
  }

  /** Returns the loaded model. If loading fails, the next question tries again. */
  private opened(onPhase: (phase: string) => void = () => undefined): Promise<OpenModel> {
    this.model ??= openModel(this.flags.model, this.flags, onPhase).catch((error: unknown) => {
      this.model = null;
      throw error;
    });
    return this.model;
  }

  private async answer(question: ServedQuestion, { signal, onProgress }: Call<FinishedStage>) {
    signal.throwIfAborted();
    const { sample, place, mirror, sampling } = question;
    const model = await this.opened();
    const { strategy, maxTokens } = askingDefaults(model, question.strategy, sampling.max_tokens);
    const images = new ImageFiles(place.folder, place.root);
    try {
      const views = viewsToAsk(sample, mirror);
      const asking = { views, images, strategy, sampling: { ...sampling, max_tokens: maxTokens }, signal };
      const answers = await ask(model.sampler, asking, onProgress);
      return { ...answers, model: model.name };
    } finally {
      await images.close();
    }
  }

  private async look(row: ServedLook, { signal, onProgress }: Call<string>) {
    signal.throwIfAborted();
    const { sample, place, mirror, queries } = row;
    const model = await this.opened();
    const { strategy, maxTokens } = askingDefaults(model, row.strategy, null);
    const images = new ImageFiles(place.folder, place.root);
    try {
      const views = viewsToAsk(sample, mirror);
      const question: LookQuestion = {
        views,
        images,
        strategy,
        maxTokens,
        queries,
        general: openGeneral(),
        layers: 'all',
        signal,
      };
      const seen = await look(model.sampler, question, onProgress);
      return { ...seen, model: model.name, step: null };
    } finally {
      await images.close();
    }
  }
}
