import type { ModelAnswers } from '../../core/metrics/model-answers.ts';
import type { Call } from '../../base/call.ts';
import type { AskUpdate } from './playground.contract.ts';

interface UnderWay {
  ask: number;
  stop: AbortController;
  /** All updates on the question so far. */
  news: AskUpdate[];
  /** Page that currently receives the updates on the question. */
  page: Call<AskUpdate>;
  answer: Promise<ModelAnswers>;
}

/**
 * Last question to each model. When VS Code discards a hidden page, its question continues, and the next page gets the
 * whole answer.
 */
export class Asks {
  private readonly last = new Map<string, UnderWay>();

  begin(
    { model, ask }: { model: string; ask: number },
    page: Call<AskUpdate>,
    work: (call: Call<AskUpdate>) => Promise<ModelAnswers>,
  ): Promise<ModelAnswers> {
    const news: AskUpdate[] = [];
    const stop = new AbortController();
    const answer = Promise.resolve().then(() =>
      work({
        signal: stop.signal,
        onProgress: (what) => {
          news.push(what);
          underWay.page.onProgress(what);
        },
      }),
    );
    const underWay: UnderWay = { ask, stop, news, page, answer };
    this.last.set(model, underWay);
    this.listen(model, underWay);
    return answer;
  }

  /** @returns null if this question is not the last known question to the model */
  follow(
    { model, ask }: { model: string; ask: number },
    page: Call<AskUpdate>,
  ): Promise<ModelAnswers> | null {
    const underWay = this.last.get(model);
    if (underWay?.ask !== ask) return null;
    for (const what of underWay.news) page.onProgress(what);
    underWay.page = page;
    this.listen(model, underWay);
    return underWay.answer;
  }

  cancel(): void {
    for (const { stop } of this.last.values()) stop.abort();
    this.last.clear();
  }

  /** Cancels a question when its page cancels it. A page that closes ends its calls for another reason. */
  private listen(model: string, { page: { signal }, stop }: UnderWay): void {
    signal.addEventListener('abort', () => {
      if ((signal.reason as Error).name !== 'AbortError') return;
      stop.abort();
      this.last.delete(model);
    });
  }
}
