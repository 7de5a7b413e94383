import { type IncomingMessage, type ServerResponse } from 'node:http';
import type { ChatRequest } from '../../../../src/base/chat.ts';
import { bodyOf, serveLocally, type LocalServer } from '../../../support/local-server.ts';

export type Turn = (request: ChatRequest, response: ServerResponse, n: number) => void | Promise<void>;

/** A server that answers as the test says; `requests` is what it was asked. */
export class ScriptedServer {
  readonly requests: { body: ChatRequest; headers: IncomingMessage['headers'] }[] = [];
  underWay = 0;
  mostUnderWay = 0;

  private constructor(
    private readonly server: LocalServer,
    readonly url = `${server.url}/v1`,
  ) {}

  static async start(turn: Turn): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(
      await serveLocally((request, response) => void scripted.take(turn, request, response)),
    );
    return scripted;
  }

  close = (): Promise<void> => this.server.close();

  private async take(turn: Turn, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await bodyOf(request)) as ChatRequest;
    this.requests.push({ body, headers: request.headers });
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    response.on('close', () => (this.underWay -= 1));
    await turn(body, response, this.requests.length);
  }
}

/** A good reply. */
export function reply(response: ServerResponse, text: string, finish = 'stop'): void {
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: finish }],
      usage: { prompt_tokens: 10, completion_tokens: 2 },
    }),
  );
}

export function refuse(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** The text parts of a request, one after the other. */
export const textOf = ({ messages }: ChatRequest): string =>
  messages
    .flatMap(({ content }) =>
      typeof content === 'string'
        ? [content]
        : content.flatMap((part) => (part.type === 'text' ? [part.text] : [])),
    )
    .join('\n');
