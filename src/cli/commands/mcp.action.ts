import { CLIENT_INFO_META_KEY, McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { isRecord } from '../../core/json.ts';
import { callTool, type Told } from '../../lab/agent/call.ts';
import { Kept, type AgentContext } from '../../lab/agent/context.ts';
import type { Level } from '../../lab/agent/levels.ts';
import { rootsOf } from '../../lab/agent/places.ts';
import { grantedTools, INSTRUCTIONS } from '../../lab/agent/tools.ts';
import { startNoSubprocess } from '../../lab/files/process.ts';
import { smallPicture } from '../../lab/images/decode.ts';
import { programVersions } from '../../lab/runs/versions.ts';
import { UsageError } from '../errors.ts';
import { tell } from '../print.ts';

/** Serves until the client closes its end. Standard output is the protocol's. */
export async function serve(
  folder: string,
  { allow, root: others }: { allow: Level; root: string[] },
): Promise<void> {
  const roots = await rootsOf([folder, ...others]).catch((error: unknown) => {
    throw new UsageError((error as Error).message);
  });
  // Looking at strangers' runs starts nothing.
  startNoSubprocess();
  const kept = new Kept();
  serveStdio(() => serverOf({ roots, allow, kept, shrink: smallPicture }), {
    onerror: ({ message }) => tell(message),
  });
}

function serverOf(context: Omit<AgentContext, 'by' | 'signal'>): McpServer {
  const server = new McpServer(
    { name: 'chirality', title: 'Chirality', version: programVersions().chirality! },
    { instructions: INSTRUCTIONS },
  );
  for (const { name, inputSchema, ...about } of grantedTools(context.allow))
    server.registerTool(
      name,
      { ...about, inputSchema: listedSchema(inputSchema) },
      async (input: unknown, call: ServerContext) => {
        const by = clientOf(call) ?? server.server.getClientVersion()?.name ?? 'agent';
        return resultOf(await callTool(name, input, { ...context, by, signal: call.mcpReq.signal }));
      },
    );
  return server;
}

/** The name by which a client of the newer protocol calls itself with each request. */
function clientOf({ mcpReq }: ServerContext): string | null {
  const client = (mcpReq.envelope as Record<string, unknown> | undefined)?.[CLIENT_INFO_META_KEY];
  return isRecord(client) && typeof client.name === 'string' ? client.name : null;
}

/** What is listed; `callTool` checks, and says what is wrong in its own words. */
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
