import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyMcpConfiguration, offerToAgents } from '../../../src/extension/agents/agents.ts';
import { folderOfTests } from '../../support/folder.ts';
import { env, events, lm, record, Uri, workspace } from './fake-vscode.ts';

const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  contributes: {
    mcpServerDefinitionProviders: { id: string }[];
    configuration: { properties: Record<string, { scope: string; default: unknown }> };
  };
};

it('package.json: declares the MCP server', () => {
  expect(contributes.mcpServerDefinitionProviders).toEqual([{ id: 'chirality', label: 'Chirality' }]);
});

it('package.json: keeps the permissions of agents out of workspace settings', () => {
  const { properties } = contributes.configuration;
  expect(properties['chirality.agents.allow']).toMatchObject({ scope: 'machine', default: 'read' });
});

describe('MCP server of the extension', () => {
  const folder = folderOfTests('agents-');
  const program = {
    commandLine: (args: string[]) =>
      Promise.resolve({ executable: '/usr/bin/node', args: ['/ext/dist/cli.js', ...args], env: {} }),
  };
  const parts = { program } as never;
  let offer: { dispose(): unknown };
  const set = (name: string, value: unknown) => {
    workspace.settings[`chirality.agents.${name}`] = value;
    events.configured.fire({ affectsConfiguration: (section) => section === 'chirality.agents' });
  };
  const servers = () => lm.provider!.provideMcpServerDefinitions();
  beforeEach(() => {
    workspace.workspaceFolders = [{ uri: Uri.file(folder) }];
    offer = offerToAgents(parts);
  });
  afterEach(() => {
    offer.dispose();
    expect(lm.provider).toBeNull();
    for (const key of Object.keys(workspace.settings)) Reflect.deleteProperty(workspace.settings, key);
  });

  it('the MCP server reads the open folders by default, or the folders in the setting', async () => {
    const server = await lm.provider!.resolveMcpServerDefinition(servers()[0]!);
    expect([server.command, ...server.args]).toEqual([
      '/usr/bin/node',
      '/ext/dist/cli.js',
      'mcp',
      folder,
      '--allow',
      'read',
    ]);
    set('allow', 'propose');
    expect(servers()[0]!.args.at(-1)).toBe('propose');
    set('allow', 'off');
    expect(servers()).toEqual([]);
  });

  it('the MCP server is not offered in Restricted Mode', () => {
    expect(servers()).toHaveLength(1);
    workspace.isTrusted = false;
    expect(servers()).toEqual([]);
  });

  it('the MCP server is copied as a configuration for other clients', async () => {
    const copied: string[] = [];
    Object.assign(env, {
      clipboard: { writeText: (text: string) => Promise.resolve(void copied.push(text)) },
    });
    await copyMcpConfiguration(parts);
    expect(JSON.parse(copied[0]!)).toEqual({
      mcpServers: {
        chirality: { command: '/usr/bin/node', args: ['/ext/dist/cli.js', 'mcp', folder, '--allow', 'read'] },
      },
    });
    expect(record.messages.at(-1)!.text).toContain('mcp.json');
  });
});
