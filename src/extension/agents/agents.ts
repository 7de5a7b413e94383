import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { several } from '../../base/format.ts';
import { isRecord } from '../../base/json.ts';
import type { Program } from '../launch/cli-program.ts';
import { configuredFolders, workspaceFolders } from '../run-list/run-list.ts';
import type { Service } from '../../panels/service.host.ts';

/** The beginning of the names of tools in VS Code. */
const PREFIX = 'chirality_';
const PROVIDER = 'chirality';

interface Parts {
  service: Service;
  program: Program;
}

/** What a person set: by which way agents come, and what they may do. In Restricted Mode they only read. */
function settings(): { surface: string; allow: 'off' | 'read' | 'propose' } {
  const config = vscode.workspace.getConfiguration('chirality.agents');
  const allow = config.get<string>('allow', 'read');
  const level = allow === 'off' || allow === 'propose' ? allow : 'read';
  return {
    surface: config.get<string>('surface', 'mcp'),
    allow: level === 'propose' && !vscode.workspace.isTrusted ? 'read' : level,
  };
}

/**
 * The folders that agents may read: those that are open, and those of the user's own settings. A workspace's settings are
 * a file, which an agent may write.
 */
function folders(): string[] {
  const wished = vscode.workspace.getConfiguration('chirality').inspect<string[]>('runFolders')?.globalValue;
  return [...new Set([...workspaceFolders(), ...configuredFolders(wished ?? [])])].filter((folder) =>
    existsSync(folder),
  );
}

/**
 * Offers runs and data to agents: as an MCP server, or as tools of VS Code's own, but never both, which would show every
 * tool twice. Follows the settings.
 * @param names of the tools in the manifest
 */
export function offerToAgents({ service, program }: Parts, names: readonly string[]): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let tools: vscode.Disposable[] = [];
  const again = () => {
    for (const tool of tools) tool.dispose();
    const { surface, allow } = settings();
    const offered = surface === 'editor' && allow !== 'off' ? names : [];
    tools = offered
      .filter((name) => allow === 'propose' || name !== `${PREFIX}propose_rows`)
      .map((name) => vscode.lm.registerTool(name, toolOf(name.slice(PREFIX.length), service)));
    changed.fire();
  };
  again();
  const rest = vscode.Disposable.from(
    changed,
    vscode.lm.registerMcpServerDefinitionProvider(PROVIDER, {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: () => {
        const { surface, allow } = settings();
        const isOffered = surface === 'mcp' && allow !== 'off' && vscode.workspace.isTrusted;
        // The command is found when it is started: looking for a Node takes a moment.
        return isOffered && folders().length > 0
          ? [new vscode.McpStdioServerDefinition('Chirality', 'node', serverArgs(allow))]
          : [];
      },
      async resolveMcpServerDefinition(server: vscode.McpStdioServerDefinition) {
        const { executable, args, env } = await program.commandLine(server.args);
        server.command = executable;
        server.args = args;
        server.env = env;
        return server;
      },
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (
        event.affectsConfiguration('chirality.agents') ||
        event.affectsConfiguration('chirality.runFolders')
      )
        again();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => changed.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(again),
  );
  return {
    dispose() {
      for (const tool of tools) tool.dispose();
      rest.dispose();
    },
  };
}

function serverArgs(allow: string): string[] {
  const [first = '.', ...others] = folders();
  return ['mcp', first, ...others.flatMap((folder) => ['--root', folder]), '--allow', allow];
}

/** A tool as VS Code calls it. */
const toolOf = (name: string, service: Service): vscode.LanguageModelTool<unknown> => ({
  async invoke({ input }, token) {
    const { allow } = settings();
    if (allow === 'off') throw new Error('chirality.agents.allow is off.');
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    const call = { name, input, folders: folders(), allow };
    // A write that may have been made is not repeated.
    const ask = name === 'propose_rows' ? service.callOnce : service.call;
    const told = await ask('agentTool', call, { signal: abort.signal });
    if ('error' in told) throw new Error(told.error);
    return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(told.text)]);
  },
  prepareInvocation: ({ input }) =>
    name === 'propose_rows'
      ? {
          invocationMessage: 'Proposing rows',
          confirmationMessages: { title: 'Propose rows?', message: proposalText(input) },
        }
      : { invocationMessage: `Reading by ${name}` },
});

/** What is asked before proposals are written: computed, not quoted. */
function proposalText(input: unknown): vscode.MarkdownString {
  const { file, rewrites, drafts } = isRecord(input) ? input : {};
  const count = (list: unknown) => (Array.isArray(list) ? list.length : 0);
  const text = new vscode.MarkdownString('', false);
  text.appendText(
    `Put ${several(count(rewrites), 'rewritten row')} and ${several(count(drafts), 'draft')} of ${typeof file === 'string' ? file.slice(0, 200) : 'a file'} into the review queue? You decide on each there.`,
  );
  return text;
}

/** Copies an entry for other clients: the server that this extension would start. */
export async function copyMcpConfiguration({ program }: Parts): Promise<void> {
  const { allow } = settings();
  const { executable, args, env } = await program.commandLine(
    serverArgs(allow === 'propose' ? allow : 'read'),
  );
  const runAsNode = env.ELECTRON_RUN_AS_NODE === undefined ? {} : { env: { ELECTRON_RUN_AS_NODE: '1' } };
  const entry = { mcpServers: { chirality: { command: executable, args, ...runAsNode } } };
  await vscode.env.clipboard.writeText(JSON.stringify(entry, null, 2));
  void vscode.window.showInformationMessage(
    'Copied: the entry for mcp.json of Cursor, Claude and others. It names this version of the extension; copy it again after an update.',
  );
}
