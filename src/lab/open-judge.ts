import { parseJudgePrompt, parsePrompt } from '../core/prompts/prompt-file.ts';
import type { RunConfig } from '../core/config/run-config.ts';
import { sendOverHttp } from '../engines/openai/http.ts';
import { EndpointSampler } from '../engines/openai/endpoint-sampler.ts';
import { folderCache, imageCodec, keyForConfig } from './endpoint.ts';
import { cacheDir } from './files/folders.ts';
import { openPrompt } from './library.ts';
import type { Judge } from './evaluation/judge.ts';
import { join } from 'node:path';

/** Number of concurrent requests, timeout per request in seconds, and maximum number of retries. */
const [AT_ONCE, SECONDS, RETRIES] = [4, 120, 3];

/** Opens the prompts of a judge. @param yesno name or file of the prompt for yes/no questions */
export const judgePrompts = (yesno = 'judge-paper'): Pick<Judge, 'prompts' | 'repair'> => ({
  prompts: { yesno: openPrompt(yesno, parseJudgePrompt), open: openPrompt('judge-open', parseJudgePrompt) },
  repair: openPrompt('judge-repair', (name, file) => parsePrompt<never>(name, file, [], [])),
});

/** Returns the judge of a config's evaluations, with the prompts of `eval --judge`. Undefined without a judge. */
export function judgeOf({ evaluate }: RunConfig, signal?: AbortSignal): Judge | undefined {
  if (!evaluate.judge) return undefined;
  const { url, model } = evaluate.judge;
  return {
    sampler: new EndpointSampler({
      ask: sendOverHttp({ baseUrl: url, key: keyForConfig(url, process.env), timeoutMs: 1000 * SECONDS }),
      address: url,
      model,
      images: imageCodec({ format: 'png', maxPixels: null }),
      cache: folderCache(join(cacheDir(), 'answers')),
      concurrency: AT_ONCE,
      retry: { retries: RETRIES, backoffMs: 500 },
      lacks: [],
      signal: signal ?? new AbortController().signal,
    }),
    ...judgePrompts(),
    rows: 'all',
  };
}
