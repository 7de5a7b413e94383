import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Prompt } from '../../core/prompts/message.ts';
import { printable } from '../../base/printable.ts';
import { parseRecord, type RecordSchema } from '../../base/record.ts';
import { checkSampling, cutOff, ifRoom, NoRoom } from '../features.ts';
import { messageIn, TOO_LONG } from '../openai/error.ts';
import { postJson, serverUrl, withoutKey } from '../openai/http.ts';
import { Limiter } from '../openai/pacing.ts';
import { EndpointImages, type ImageCodec } from '../openai/endpoint-images.ts';
import type { SamplingOptions } from '../sampler.ts';
import type { SampledCompletion, Trainer } from '../trainer.ts';

interface RolloutOptions {
  /** URL of the server, with or without `/v1`. */
  url: string;
  key?: string | undefined;
  /** Folder for the adapter of each step, with the same path for this program and the server. */
  folder: string;
  /** Encoder that must not change pixels. The server downscales images to the size that was set when it started. */
  codec: ImageCodec;
  signal?: AbortSignal | undefined;
}

/** Fields of vLLM's chat completion, with `return_token_ids` and `logprobs`. */
const replySchema = z.object({
  prompt_token_ids: z.array(z.int()).nullish(),
  choices: z.array(
    z.object({
      index: z.int(),
      finish_reason: z.string().nullable(),
      /** Stop string that ended the completion. Null if the completion ended at its end-of-sequence token. */
      stop_reason: z.union([z.string(), z.int()]).nullish(),
      token_ids: z.array(z.int()).nullish(),
      message: z.object({ content: z.string().nullish() }),
      logprobs: z.object({ content: z.array(z.object({ logprob: z.number() })).nullish() }).nullish(),
    }),
  ),
});

const CONCURRENCY = 64;
/** Prefix of adapter names on the server. In a name, the number of previous updates follows the prefix. */
const NAME = 'chirality';

/**
 * Returns a trainer whose completions a vLLM server samples. Before sampling with new weights, the trainer writes an
 * adapter, and the server loads the adapter under a new name, so that versions never mix. Tokens are the ids from the
 * server; text is never tokenised again. A server that tokenises a prompt differently is rejected. The given trainer
 * must score the completions. It does all other work, including evaluations.
 */
export function withRollouts(trainer: Trainer, options: RolloutOptions): Trainer {
  const server = new RolloutServer(trainer, options);
  const { features, ...info } = trainer.info();
  const replaced: Partial<Trainer> = {
    // After a run resumes, a server samples different completions.
    info: () => ({ ...info, features: features.filter((feature) => feature !== 'exact-resume') }),
    putImage: async (file) => {
      await server.images.put(file);
      return trainer.putImage(file);
    },
    sample: (prompts, sampling) => server.sample(prompts, sampling),
    optimStep: (step) => {
      server.isStale = true;
      return trainer.optimStep(step);
    },
    load: (folder, what) => {
      server.isStale = true;
      return trainer.load(folder, what);
    },
    close: async () => {
      await server.unload().catch(() => undefined);
      await trainer.close();
    },
  };
  return new Proxy(trainer, {
    get(_, name: keyof Trainer) {
      if (name in replaced) return replaced[name];
      const value: unknown = trainer[name];
      return typeof value === 'function' ? (value.bind(trainer) as unknown) : value;
    },
  });
}

class RolloutServer {
  readonly images: EndpointImages;
  /** Whether the server does not have the current weights yet. */
  isStale = true;
  private readonly base: string;
  private readonly gate = new Limiter(CONCURRENCY);
  private loaded: { name: string; folder: string } | null = null;
  private versions = 0;

  constructor(
    private readonly trainer: Trainer,
    private readonly options: RolloutOptions,
  ) {
    const url = serverUrl(
      options.url,
      'sampling.endpoint',
      'sampling.endpoint must start with http:// or https://.',
    );
    this.base = `${url.origin}${url.pathname.replace(/\/+(?:v1\/*)?$/, '')}/v1`;
    this.images = new EndpointImages(options.codec);
  }

  async sample(prompts: Prompt[], options: SamplingOptions): Promise<SampledCompletion[][]> {
    checkSampling(options);
    if (this.isStale) await this.renew();
    return Promise.all(prompts.map((prompt) => this.gate.run(() => this.group(prompt, options))));
  }

  /** Loads the current weights into the server and unloads the previous weights. */
  private async renew(): Promise<void> {
    this.versions += 1;
    const name = `${NAME}-${process.pid}-${this.versions}`;
    const folder = join(this.options.folder, name);
    await mkdir(folder, { recursive: true });
    try {
      await this.trainer.exportAdapter(folder);
      await this.post('load_lora_adapter', { lora_name: name, lora_path: folder });
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    // A restarted server has no previous adapter to unload.
    await this.unload().catch(() => undefined);
    this.loaded = { name, folder };
    this.isStale = false;
  }

  async unload(): Promise<void> {
    if (!this.loaded) return;
    const { name, folder } = this.loaded;
    this.loaded = null;
    await rm(folder, { recursive: true, force: true });
    await this.post('unload_lora_adapter', { lora_name: name });
  }

  private async group(prompt: Prompt, options: SamplingOptions): Promise<SampledCompletion[]> {
    const { n, temperature, topP, maxTokens, stop = [], seed } = options;
    const continues = prompt.at(-1)?.role === 'assistant';
    const request = {
      model: this.loaded!.name,
      messages: await this.images.messages(prompt, this.images.of([prompt])),
      n,
      temperature,
      top_p: topP,
      max_tokens: maxTokens,
      stop,
      top_k: -1,
      min_p: 0,
      repetition_penalty: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      ...(seed !== undefined && { seed }),
      logprobs: true,
      top_logprobs: 0,
      return_token_ids: true,
      add_generation_prompt: !continues,
      continue_final_message: continues,
    };
    const drawn = await ifRoom(options, async () =>
      this.read(prompt, options, await this.post('chat/completions', request, options.signal)),
    );
    return drawn ?? cutOff(n);
  }

  /** Parses a server's reply to completions of a prompt. */
  private async read(
    prompt: Prompt,
    { n, maxTokens }: SamplingOptions,
    text: string,
  ): Promise<SampledCompletion[]> {
    const { prompt_token_ids: read, choices } = parse(replySchema, text);
    const { prompt: expected } = await this.trainer.encode(prompt);
    requireSame(read, expected);
    if (choices.length !== n) throw new Error(`The server returned ${choices.length} of ${n} completions.`);
    return choices.sort((a, b) => a.index - b.index).map((choice) => completion(choice, maxTokens));
  }

  /** Sends a request to the server. @throws an error with the server's message (without the key) and a fix */
  private async post(route: string, body: object, signal?: AbortSignal): Promise<string> {
    const { key } = this.options;
    const signals = [signal, this.options.signal].filter((each) => each !== undefined);
    const { status, text } = await postJson(`${this.base}/${route}`, JSON.stringify(body), {
      key,
      signal: AbortSignal.any(signals),
      limit: MAX_BYTES,
    });
    if (status === 200) return text;
    const reason = printable(withoutKey(key)(messageIn(text)), 500).replace(/[.\s]*$/, '.');
    const Fault = status === 400 && TOO_LONG.test(reason) ? NoRoom : Error;
    throw new Fault(
      `The server of sampling.endpoint rejected ${route} (${status}): ${reason}${fixFor(route, status, reason)}`,
    );
  }
}

const LONGER = ' Start vLLM with a --max-model-len that fits a prompt and sampling.max_tokens.';

/** Returns the fix for an error of vLLM, or '' if no fix is known. */
function fixFor(route: string, status: number, said: string): string {
  if (status === 401)
    return ' Set CHIRALITY_API_KEY and CHIRALITY_API_URL to the key and address of the server.';
  if (route === 'load_lora_adapter')
    return ' Start vLLM with --enable-lora, --max-lora-rank set to engine.adapter.rank, and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True. vLLM must have access to the folder sampling.adapters.';
  if (/context length|max_model_len|model length/.test(said)) return LONGER;
  return status === 404 || status >= 500
    ? ' Check the log of the server. When the server runs again, continue with `chirality resume`.'
    : '';
}

const parse = <T>(schema: RecordSchema<T>, text: string): T =>
  parseRecord(schema, text, { file: 'The reply of the server of sampling.endpoint' });

/** Throws if the server's tokens for images or the chat template differ from the tokens that the trainer uses. */
function requireSame(read: number[] | null | undefined, expected: readonly number[]): void {
  if (!read)
    throw new Error('The server of sampling.endpoint returns no token ids. Use vLLM 0.10.2 or later.');
  const at = expected.findIndex((token, i) => read[i] !== token);
  if (at < 0 && read.length === expected.length) return;
  throw new Error(
    `The server of sampling.endpoint tokenises a prompt differently from the trainer: ${read.length} tokens instead of ${expected.length}, different from token ${at < 0 ? expected.length : at} on. Check that it serves engine.model with its chat template and was started with --mm-processor-kwargs '{"max_pixels": N}', where N is engine.max_pixels.`,
  );
}

/** Reads one completion in a reply. @throws if it lacks tokens or log-probabilities, or ended without a reason */
function completion(
  {
    token_ids: tokens,
    logprobs,
    finish_reason,
    stop_reason,
    message,
  }: z.infer<typeof replySchema>['choices'][number],
  maxTokens: number,
): SampledCompletion {
  const given = logprobs?.content?.map(({ logprob }) => logprob);
  if (!tokens?.length || given?.length !== tokens.length)
    throw new Error(
      `The server of sampling.endpoint returned ${tokens?.length ?? 'no'} tokens with ${given?.length ?? 'no'} log-probabilities.`,
    );
  if (finish_reason === 'length' && tokens.length < maxTokens)
    throw new NoRoom(
      `The server of sampling.endpoint ended a completion after ${tokens.length} of ${maxTokens} tokens.${LONGER}`,
    );
  return {
    tokens,
    logprobs: given,
    entropies: null,
    text: message.content ?? '',
    stopReason: finish_reason !== 'stop' ? 'length' : typeof stop_reason === 'string' ? 'stop' : 'end',
  };
}

/** Maximum size of a reply in bytes: log-probabilities of a thousand long completions, as text. */
const MAX_BYTES = 256 * 2 ** 20;
