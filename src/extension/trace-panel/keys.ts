import type { KeyHelp } from '../../core/protocol/trace-panel.ts';

interface Manifest {
  contributes: {
    commands: { command: string; title: string }[];
    keybindings: { command: string; key: string }[];
  };
}

/** The keys of a panel with what they do, in the order of package.json: from the same table as the commands. */
export function keysOf(manifest: unknown, prefix: string): KeyHelp[] {
  const { commands, keybindings } = (manifest as Manifest).contributes;
  return commands
    .filter(({ command }) => command.startsWith(prefix))
    .flatMap(({ command, title }) =>
      keybindings.filter((binding) => binding.command === command).map(({ key }) => ({ title, key })),
    );
}
