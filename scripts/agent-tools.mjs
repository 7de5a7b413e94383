// Writes the tools of agents into the manifest, as they are told of them: node scripts/agent-tools.mjs
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * The manifest's `languageModelTools`.
 * @param {readonly { name: string, title: string, about: string, description: string, level: string, inputSchema: object }[]} tools
 */
export const languageModelTools = (tools) =>
  tools.map(({ name, title, about, description, level, inputSchema }) => ({
    name: `chirality_${name}`,
    toolReferenceName: name,
    displayName: title,
    userDescription: about,
    modelDescription: description,
    canBeReferencedInPrompt: true,
    icon: '$(beaker)',
    tags: ['chirality'],
    when: `config.chirality.agents.surface == 'editor' && config.chirality.agents.allow ${level === 'read' ? "!= 'off'" : "== 'propose'"}`,
    inputSchema,
  }));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { outputFiles } = await build({
    entryPoints: ['src/lab/agent/agent-tools.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  const [file] = outputFiles;
  const code = Buffer.from(file?.contents ?? []).toString('base64');
  const { grantedTools } = await import(`data:text/javascript;base64,${code}`);
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  manifest.contributes.languageModelTools = languageModelTools(grantedTools('propose'));
  writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
}
