import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { configuredFolders, workspaceFolders } from '../../panels/host/run-list.host.ts';

const PROVIDER = 'chirality';

/** Returns the user's setting for the permissions of agents. */
function allowed(): 'off' | 'read' | 'propose' {
  const allow = vscode.workspace.getConfiguration('chirality.agents').get<string>('allow', 'read');
  return allow === 'off' || allow === 'propose' ? allow : 'read';
}

/**
 * Returns the folders that agents can read: the open folders, and the folders in the user settings. Ignores workspace
 * settings, because agents can write their file.
 */
function folders(): string[] {
  const wished = vscode.workspace.getConfiguration('chirality').inspect<string[]>('runFolders')?.globalValue;
  return [...new Set([...workspaceFolders(), ...configuredFolders(wished ?? [])])].filter((folder) =>
    existsSync(folder),
  );
}

/** Offers runs and data to agents as an MCP server, if the settings allow this. Offers nothing in Restricted Mode. */
export function offerToAgents({ program }: App): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  return vscode.Disposable.from(
    changed,
    vscode.lm.registerMcpServerDefinitionProvider(PROVIDER, {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: () => {
        const allow = allowed();
        // Resolve the real command when the server starts, because searching for Node takes time.
        return allow !== 'off' && vscode.workspace.isTrusted && folders().length > 0
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
        changed.fire();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => changed.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
  );
}

function serverArgs(allow: string): string[] {
  const [first = '.', ...others] = folders();
  return ['mcp', first, ...others.flatMap((folder) => ['--root', folder]), '--allow', allow];
}

/** Copies a configuration entry for other MCP clients, which starts the same server as this extension. */
export async function copyMcpConfiguration({ program }: App): Promise<void> {
  const allow = vscode.workspace.isTrusted && allowed() === 'propose' ? 'propose' : 'read';
  const { executable, args, env } = await program.commandLine(serverArgs(allow));
  const runAsNode = env.ELECTRON_RUN_AS_NODE === undefined ? {} : { env: { ELECTRON_RUN_AS_NODE: '1' } };
  const entry = { mcpServers: { chirality: { command: executable, args, ...runAsNode } } };
  await vscode.env.clipboard.writeText(JSON.stringify(entry, null, 2));
  void vscode.window.showInformationMessage(
    'Copied the mcp.json entry for Cursor, Claude and other clients. Copy the entry again after each update of the extension.',
  );
}
