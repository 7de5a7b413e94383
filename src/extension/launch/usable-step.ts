import * as vscode from 'vscode';
import { usableText } from '../../base/row-faults.ts';
import { titleOf } from '../../panels/host/data-files.host.ts';
import { faultsIn, type Faulty, type RowLooker, usableFiles } from '../../panels/host/usable-files.host.ts';
import { pickItem } from './wizard-steps.ts';

/** What the buttons of the row check do. */
const DETAILS: Record<string, string> = {
  'Locate Images…': 'Writes a copy with images from another folder next to the file.',
  'Fix Encoding': 'Writes a copy in UTF-8 next to the file.',
  'Exclude Unusable Rows': 'Writes a copy without these rows next to the file.',
  'Show Unusable Rows': 'Opens these rows for annotation and closes this list.',
};

/** Returns work of a list of files: checks the rows of the picked files, with progress and result below each file. */
export const rowCheck =
  <T extends vscode.QuickPickItem & { uri?: vscode.Uri | null }>(
    tools: RowLooker,
    checked: (faulty: readonly Faulty[]) => void,
  ) =>
  async (picked: readonly T[], shown: { signal: AbortSignal; tell: (item: T, text: string) => void }) => {
    const faulty: Faulty[] = [];
    for (const item of picked) {
      if (!item.uri) continue;
      const onUsable = (text: string) => shown.tell(item, text);
      // The item names the file already.
      const onLine = (line: string) => shown.tell(item, line.replace(/^.*: /, 'Checking rows and images: '));
      const { signal } = shown;
      faulty.push(...(await faultsIn(tools, [item.uri], { signal, onLine, onUsable })));
    }
    checked(faulty);
  };

/**
 * Asks what to do about unusable rows, if any.
 * @param looked result of the check of these files; without it, checks them first
 * @returns the files or their copies; undefined on Back
 * @throws AbortError if the user shows the rows instead
 */
export async function usableInStep(
  tools: RowLooker,
  files: readonly vscode.Uri[],
  { title, place, looked }: { title: string; place: string; looked?: readonly Faulty[] },
): Promise<readonly vscode.Uri[] | undefined> {
  const ask = async (faulty: readonly Faulty[], buttons: readonly string[]) => {
    const warnings = faulty.map(({ uri, usable }) => {
      const [head, faults] = usableText(usable).split(': ');
      return { label: `$(warning) ${titleOf(uri)}: ${head}`, detail: faults!, button: 'Show Unusable Rows' };
    });
    const separator = { label: '', kind: vscode.QuickPickItemKind.Separator, button: '' };
    const items = [
      ...warnings,
      separator,
      ...buttons.map((button) => ({ label: button, detail: DETAILS[button]!, button })),
    ];
    const placeHolder = 'Some rows are unusable. Select an action';
    const step = { place, hasBack: true, told: new Map<string, string>() };
    const picked = await pickItem<vscode.QuickPickItem & { button: string }>(items, {
      title,
      placeHolder,
      step,
    });
    return picked?.button;
  };
  let last: string | undefined;
  const usable = await usableFiles(tools, files, {
    ...(looked && { looked }),
    ask: async (faulty, buttons) => (last = await ask(faulty, buttons)),
  });
  if (usable === null && last === 'Show Unusable Rows') throw new DOMException('left', 'AbortError');
  return usable ?? undefined;
}
