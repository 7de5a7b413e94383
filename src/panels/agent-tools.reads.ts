import { callTool, type Told } from '../lab/agent/call-tool.ts';
import { Kept } from '../lab/agent/agent-context.ts';
import type { Level } from '../lab/agent/levels.ts';
import { rootsOf } from '../lab/agent/places.ts';

/** A call of VS Code's agent. */
export interface AgentCall {
  /** The tool's name, without the prefix that VS Code's have. */
  name: string;
  input: unknown;
  folders: string[];
  allow: Level;
}

const kept = new Kept();

/** The tools of the MCP server, for VS Code's own interface. Pictures are not decoded here. */
export const agentService = {
  async agentTool(
    { name, input, folders, allow }: AgentCall,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Extract<Told, { error: string }> | { text: string }> {
    const roots = await rootsOf(folders);
    const context = { roots, allow, by: 'vscode', kept, signal: signal ?? new AbortController().signal };
    const told = await callTool(name, input, context);
    return 'error' in told ? told : { text: told.text };
  },
};
