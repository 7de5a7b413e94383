import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { languageModelTools } from '../../../scripts/agent-tools.mjs';
import { copyMcpConfiguration, offerToAgents } from '../../../src/extension/agents/agents.ts';
import { grantedTools } from '../../../src/lab/agent/agent-tools.ts';
import { folderOfTests } from '../../support/folder.ts';
import { env, events, lm, record, Uri, workspace } from './fake-vscode.ts';

const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  contributes: {
    languageModelTools: { name: string }[];
    mcpServerDefinitionProviders: { id: string }[];
    configuration: { properties: Record<string, { scope: string; default: unknown }> };
  };
};

it('declares the tools as agents are told of them (node scripts/agent-tools.mjs writes them)', () => {
  expect(contributes.languageModelTools).toEqual(languageModelTools(grantedTools('propose')));
  expect(contributes.mcpServerDefinitionProviders).toEqual([{ id: 'chirality', label: 'Chirality' }]);
});

it('lets no workspace decide what agents may do', () => {
  const { properties } = contributes.configuration;
  expect(properties['chirality.agents.allow']).toMatchObject({ scope: 'machine', default: 'read' });
  expect(properties['chirality.agents.surface']).toMatchObject({ scope: 'machine', default: 'mcp' });
});

describe('offers to agents', () => {
  const folder = folderOfTests('agents-');
  const names = contributes.languageModelTools.map(({ name }) => name);
  const asked: unknown[][] = [];
  const ask = (...args: unknown[]) => {
    asked.push(args);
    return Promise.resolve({ text: '{"runs":[]}' });
  };
  const service = { call: vi.fn(ask), callOnce: vi.fn(ask) };
  const program = {
    commandLine: (args: string[]) =>
      Promise.resolve({ executable: '/usr/bin/node', args: ['/ext/dist/cli.js', ...args], env: {} }),
  };
  const parts = { service, program } as never;
  let offer: { dispose(): unknown };
  const set = (name: string, value: unknown) => {
    workspace.settings[`chirality.agents.${name}`] = value;
    events.configured.fire({ affectsConfiguration: (section) => section === 'chirality.agents' });
  };
  const servers = () => lm.provider!.provideMcpServerDefinitions();
  beforeEach(() => {
    workspace.workspaceFolders = [{ uri: Uri.file(folder) }];
    offer = offerToAgents(parts, names);
  });
  afterEach(() => {
    offer.dispose();
    expect(lm.registered.size).toBe(0);
    expect(lm.provider).toBeNull();
    workspace.isTrusted = true;
    for (const key of Object.keys(workspace.settings)) Reflect.deleteProperty(workspace.settings, key);
    workspace.workspaceFolders = undefined;
    asked.length = 0;
  });

  it('are a server by default, which reads the open folders', async () => {
    expect(lm.registered.size).toBe(0);
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

  it('start nothing in Restricted Mode, where tools of VS Code only read', () => {
    set('allow', 'propose');
    set('surface', 'editor');
    expect([...lm.registered.keys()]).toEqual(names);
    workspace.isTrusted = false;
    set('surface', 'mcp');
    expect(servers()).toEqual([]);
    set('surface', 'editor');
    expect([...lm.registered.keys()]).toEqual(names.filter((name) => name !== 'chirality_propose_rows'));
  });

  it('are tools of VS Code where somebody chose that, and never both', async () => {
    set('surface', 'editor');
    expect(servers()).toEqual([]);
    expect([...lm.registered.keys()]).toEqual(names.filter((name) => name !== 'chirality_propose_rows'));
    const token = { onCancellationRequested: () => undefined };
    const tool = lm.registered.get('chirality_list_runs')!;
    const { content } = await tool.invoke({ input: { limit: 1 } }, token);
    expect(content).toEqual([{ value: '{"runs":[]}' }]);
    expect(asked[0]!.slice(0, 2)).toEqual([
      'agentTool',
      { name: 'list_runs', input: { limit: 1 }, folders: [folder], allow: 'read' },
    ]);
    service.call.mockResolvedValueOnce({ error: 'No run "x".' } as never);
    await expect(tool.invoke({ input: {} }, token)).rejects.toThrow('No run "x".');
  });

  it('ask before proposals are written, in words of our own, and write them once', async () => {
    set('surface', 'editor');
    set('allow', 'propose');
    const tool = lm.registered.get('chirality_propose_rows')!;
    const input = { file: '[x](command:evil) <b>', rewrites: [{}, {}], drafts: [{}] };
    const { value } = tool.prepareInvocation({ input }).confirmationMessages!.message;
    expect(value).toContain('2 rewritten rows and 1 draft of ');
    expect(value).not.toMatch(/[^\\]\[x|[^\\]<b/);
    await tool.invoke({ input }, { onCancellationRequested: () => undefined });
    expect(service.callOnce).toHaveBeenCalledOnce();
    expect(lm.registered.get('chirality_read_run')!.prepareInvocation({ input: {} })).not.toHaveProperty(
      'confirmationMessages',
    );
  });

  it('copy an entry for other clients', async () => {
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
