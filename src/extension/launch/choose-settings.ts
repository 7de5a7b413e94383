import * as vscode from 'vscode';
import type { ForkSetting } from '../../core/protocol/trace-panel.ts';

interface Choosing {
  title: string;
  settings: readonly ForkSetting[];
  /** Why entries such as `coupling.eta=2` do not fit; null if they do. */
  flaw: (entries: readonly string[]) => Promise<string | null>;
}

type Item = vscode.QuickPickItem & { setting?: ForkSetting; entry?: string; own?: true };

/**
 * Lets the user change settings one by one, with the run's value beside each, and take changes back.
 * @returns entries such as `coupling.eta=2`; undefined if the user left
 */
export async function chooseSettings({ title, settings, flaw }: Choosing): Promise<string[] | undefined> {
  let entries: string[] = [];
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  for (;;) {
    const items: Item[] = [
      {
        label: '$(repo-forked) Fork',
        description: entries.length === 0 ? 'with the same settings' : 'with these settings',
      },
      ...entries.map((entry): Item => ({ label: `$(close) ${entry}`, description: 'take it back', entry })),
      separator('settings to change'),
      ...settings.map((setting): Item => ({
        label: setting.label,
        description: `${setting.path}, now ${setting.value}`,
        setting,
      })),
      { label: 'Another Setting…', description: 'as in run.yaml', own: true },
    ];
    const picked = await vscode.window.showQuickPick(items, {
      title,
      placeHolder: 'Change settings, then fork',
      matchOnDescription: true,
    });
    if (!picked) return undefined;
    const { setting, entry, own } = picked;
    if (entry !== undefined) entries = entries.filter((one) => one !== entry);
    else if (setting || own) {
      const path = setting ? `${setting.path}=` : '';
      const others = entries.filter((one) => path === '' || !one.startsWith(path));
      const next = await askEntry(title, setting, async (one) => flaw([...others, one]));
      if (next !== undefined) entries = [...others, next];
    } else return entries;
  }
}

/** An entry for a setting, or for one that the user names. */
async function askEntry(
  title: string,
  setting: ForkSetting | undefined,
  flaw: (entry: string) => Promise<string | null>,
): Promise<string | undefined> {
  if (setting?.choices) {
    const choices = setting.choices.map((label) => ({ label }));
    const value = await vscode.window.showQuickPick(choices, { title, placeHolder: setting.label });
    return value && `${setting.path}=${value.label}`;
  }
  const entryOf = (text: string) => (setting ? `${setting.path}=${text.trim()}` : text.trim());
  const text = await vscode.window.showInputBox({
    title,
    prompt: setting?.label ?? 'A setting and its value, as in run.yaml: checkpoint.every=10',
    ...(setting && { value: String(setting.value) }),
    validateInput: (typed) => flaw(entryOf(typed)),
  });
  return text === undefined ? undefined : entryOf(text);
}
