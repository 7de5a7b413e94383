import { readFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';
import type { Message } from '../../src/core/prompts/message.ts';
import { ORIGINAL } from '../../src/rows/view-list.ts';
import type { Sampler } from '../../src/engines/sampler.ts';
import { bodyOf, serveLocally, type LocalServer } from './local-server.ts';

/* A server of chat completions in front of an engine of ours, as harnesses ask it: with PNG images as data URLs or as local files. */

const part = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({
    type: z.literal('image_url'),
    image_url: z.object({ url: z.string().regex(/^(?:data:image\/png;base64,|file:\/\/)/) }),
  }),
]);
const chat = z.object({
  model: z.string(),
  messages: z.array(
    z.object({
      role: z.enum(['system', 'user', 'assistant']),
      content: z.union([z.string(), z.array(part)]),
    }),
  ),
  temperature: z.literal(0).optional(),
  max_tokens: z.int().optional(),
  max_completion_tokens: z.int().optional(),
});

export class ChatServer {
  /** The address of its API, for clients. */
  readonly url: string;
  /** What it was asked: the texts of each request. */
  readonly asked: string[] = [];

  private constructor(
    private readonly model: Sampler,
    private readonly server: LocalServer,
  ) {
    this.url = `${server.url}/v1`;
  }

  static async start(model: Sampler): Promise<ChatServer> {
    const server = await serveLocally((request, response) => void started.handle(request, response));
    const started = new ChatServer(model, server);
    return started;
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.model.close();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    response.setHeader('content-type', 'application/json');
    try {
      if (request.url !== '/v1/chat/completions') throw new Error(`no route ${request.url}`);
      response.end(JSON.stringify(await this.answer(JSON.parse(text))));
    } catch (error) {
      response.statusCode = 400;
      response.end(JSON.stringify({ error: { message: (error as Error).message } }));
    }
  }

  private async answer(body: unknown): Promise<unknown> {
    const { model, messages, max_tokens, max_completion_tokens } = chat.parse(body);
    const prompt = await Promise.all(messages.map((message) => this.read(message)));
    this.asked.push(
      prompt.flatMap(({ content }) => content.filter((one) => typeof one === 'string')).join('\n'),
    );
    const maxTokens = max_tokens ?? max_completion_tokens ?? 64;
    const [[drawn]] = (await this.model.complete([prompt], { n: 1, temperature: 0, topP: 1, maxTokens })) as [
      [{ text: string; stopReason: string }],
    ];
    return {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 0,
      model,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: drawn.text },
          finish_reason: drawn.stopReason === 'length' ? 'length' : 'stop',
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    };
  }

  private async read({ role, content }: z.infer<typeof chat>['messages'][number]): Promise<Message> {
    if (typeof content === 'string') return { role, content: [content] };
    const parts = content.map(async (each) => {
      if (each.type === 'text') return each.text;
      const { url } = each.image_url;
      const bytes = url.startsWith('file:')
        ? readFileSync(url.replace('file://', ''))
        : Buffer.from(url.split(',')[1]!, 'base64');
      return { image: (await this.model.putImage(bytes)).hash, view: ORIGINAL };
    });
    return { role, content: await Promise.all(parts) };
  }
}
