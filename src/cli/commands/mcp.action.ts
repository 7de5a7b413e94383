import { join } from 'node:path';
import { CLIENT_INFO_META_KEY, McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { isRecord } from '../../base/json.ts';
import { callTool, type Told } from '../../lab/agent/call-tool.ts';
import type { Caller } from '../../lab/agent/agent-context.ts';
import type { Level } from '../../lab/agent/levels.ts';
import { rootsOf } from '../../lab/agent/places.ts';
import { grantedTools, INSTRUCTIONS } from '../../lab/agent/agent-tools.ts';
import { readTextSync } from '../../lab/files/regular.ts';
import { packageFolder } from '../../lab/library.ts';
import { startNoSubprocess } from '../../lab/files/process.ts';
import { smallPicture } from '../../lab/images/decode.ts';
import { programVersions } from '../../lab/runs/versions.ts';
import { UsageError } from '../errors.ts';
import { tell } from '../print.ts';

/** Address of the pair card, an MCP App (io.modelcontextprotocol/ui). Other clients show the text of `read_pair`. */
const CARD = 'ui://chirality/pair-card.html';
const CARD_TYPE = 'text/html;profile=mcp-app';

/** Serves until the client closes the connection. Standard output contains only protocol messages. */
export async function serve(
  folder: string,
  { allow, root: others }: { allow: Level; root: string[] },
): Promise<void> {
  const roots = await rootsOf([folder, ...others]).catch((error: unknown) => {
    throw new UsageError((error as Error).message);
  });
  // Runs of unknown origin must not start programs while they are read.
  startNoSubprocess();
  serveStdio(() => serverOf({ roots, allow, shrink: smallPicture }), {
    onerror: ({ message }) => tell(message),
  });
}

function serverOf(context: Omit<Caller, 'by' | 'signal'>): McpServer {
  const server = new McpServer(
    { name: 'chirality', title: 'Chirality', version: programVersions().chirality! },
    { instructions: INSTRUCTIONS },
  );
  for (const { name, description, annotations, inputSchema } of grantedTools(context.allow))
    server.registerTool(
      name,
      {
        description,
        annotations,
        inputSchema: listedSchema(inputSchema),
        ...(name === 'read_pair' && { _meta: { ui: { resourceUri: CARD }, 'ui/resourceUri': CARD } }),
      },
      async (input: unknown, call: ServerContext) => {
        const by = clientOf(call) ?? server.server.getClientVersion()?.name ?? 'agent';
        return resultOf(await callTool(name, input, { ...context, by, signal: call.mcpReq.signal }));
      },
    );
  server.registerResource('Pair card', CARD, { mimeType: CARD_TYPE }, () => ({
    contents: [
      { uri: CARD, mimeType: CARD_TYPE, text: readTextSync(join(packageFolder('dist'), 'pair-card.html')) },
    ],
  }));
  return server;
}

/** Returns the client's name, which newer versions of the MCP protocol send with each request; else null. */
function clientOf({ mcpReq }: ServerContext): string | null {
  const client = (mcpReq.envelope as Record<string, unknown> | undefined)?.[CLIENT_INFO_META_KEY];
  return isRecord(client) && typeof client.name === 'string' ? client.name : null;
}

/** Returns a schema that only the list of tools uses; `callTool` validates the arguments with its own messages. */
const listedSchema = (schema: Record<string, unknown>) => ({
  '~standard': {
    version: 1 as const,
    vendor: 'chirality',
    validate: (value: unknown) => ({ value }),
    jsonSchema: { input: () => schema, output: () => schema },
  },
});

function resultOf(told: Told) {
  if ('error' in told) return { content: [{ type: 'text' as const, text: told.error }], isError: true };
  const pictures = (told.pictures ?? []).map(({ bytes, mime }) => ({
    type: 'image' as const,
    data: Buffer.from(bytes).toString('base64'),
    mimeType: mime,
  }));
  return {
    content: [{ type: 'text' as const, text: told.text }, ...pictures],
    structuredContent: told.value,
  };
}
