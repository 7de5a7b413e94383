import * as vscode from 'vscode';

/** A question among several. */
export interface Step {
  /** Position, such as `2 of 4`. */
  place: string;
  /** Whether another question precedes this one, so that its list has a Back button. */
  hasBack: boolean;
  /** Earlier answer to this question, which the question shows again: keys of items, or a text. */
  kept?: { scope: string; values: readonly string[] };
  /** Results of work on items, by their key. They are below the items when the question is shown again. */
  told: Map<string, string>;
  /** Questions that this one consists of, with their earlier answers. */
  inner?: readonly Step[];
}

/** Returns what identifies an item when its list is shown again: its file or, without one, its label. */
const keyOf = (item: vscode.QuickPickItem & { uri?: vscode.Uri | null }): string =>
  item.uri?.toString() ?? item.label;

/**
 * Asks questions one after another. Back, or Cancel in a dialog, returns to the previous question, or cancels at the
 * first question. Escape cancels all questions.
 * @param questions questions by the names of their answers. Each gets the answers so far, which include its own earlier
 * answer, and returns undefined on Back.
 * @param given answers that the caller already has; their questions are skipped
 * @param outer question that these questions belong to; they have its position, so that there is one counter
 * @returns undefined if cancelled
 * @throws AbortError on Escape
 */
export async function inTurn<A extends object>(
  questions: { [Name in keyof A]: (answers: A, step: Step) => Thenable<A[Name] | undefined> },
  { given = {}, outer }: { given?: Partial<A>; outer?: Step } = {},
): Promise<A | undefined> {
  const names = (Object.keys(questions) as (keyof A)[]).filter((name) => given[name] === undefined);
  const answers = { ...given } as A;
  const steps =
    outer?.inner ??
    names.map((_, i): Step => {
      const hasBack = i > 0 || outer?.hasBack === true;
      return { place: outer?.place ?? `${i + 1} of ${names.length}`, hasBack, told: new Map() };
    });
  if (outer) outer.inner = steps;
  for (let at = 0; at < names.length;) {
    const name = names[at]!;
    const answer = await questions[name](answers, steps[at]!);
    if (answer === undefined) at -= 1;
    else [answers[name], at] = [answer, at + 1];
    if (at < 0) return undefined;
  }
  return answers;
}

export interface Asking {
  title: string;
  /** Position and earlier answer; without it, the question stands alone. */
  step?: Step;
}

interface Listing<T> extends Asking {
  placeHolder: string;
  /** Whether the user can pick several items. */
  many?: boolean;
  /** Message in place of `placeHolder` that refuses the picked items, so that the list stays open. */
  refuse?: (picked: readonly T[]) => string | false | null | undefined;
  /** What the items depend on: an earlier answer counts only for the same scope. */
  scope?: string;
  /** Work on the picked items before the list closes. While it lasts, `tell` shows text below an item. */
  work?: (
    picked: readonly T[],
    shown: { signal: AbortSignal; tell: (item: T, text: string) => void },
  ) => Promise<void>;
}

/**
 * Shows a list. The items of an earlier answer are in focus or ticked again; without one, those with `picked`.
 * @returns undefined on Back, and on Escape without `step`
 * @throws AbortError on Escape from a question among several
 */
export async function pickItems<T extends vscode.QuickPickItem>(
  from: readonly T[] | Promise<readonly T[]>,
  { title, placeHolder, step, many = false, refuse, scope = '', work }: Listing<T>,
): Promise<readonly T[] | undefined> {
  const pick = vscode.window.createQuickPick<T>();
  const stop = new AbortController();
  const back = new DOMException('back', 'AbortError');
  /** Ends the question, which Back or Escape has left. */
  const leave = (): undefined => {
    if (step && stop.signal.reason !== back) throw stop.signal.reason;
  };
  Object.assign(pick, frame(title, step), { busy: true, canSelectMany: many, placeholder: placeHolder });
  pick.matchOnDescription = pick.matchOnDetail = true;
  const picked = new Promise<readonly T[] | undefined>((resolve) => {
    pick.onDidAccept(() => {
      const items = many ? pick.selectedItems : pick.activeItems.slice(0, 1);
      const refusal = pick.busy ? undefined : refuse?.(items);
      if (refusal) [pick.value, pick.placeholder] = ['', refusal];
      else if (many ? !pick.busy : items.length > 0) resolve(items);
    });
    pick.onDidTriggerButton(() => resolve(undefined));
    pick.onDidHide(() => resolve(undefined));
  });
  pick.onDidTriggerButton(() => stop.abort(back));
  pick.onDidHide(() => stop.abort());
  pick.show();
  try {
    const items = await from;
    for (const item of items) item.detail = step?.told.get(keyOf(item)) ?? item.detail;
    pick.items = items;
    pick.busy = false;
    const kept = step?.kept?.scope === scope ? step.kept.values : undefined;
    const isChosen = (item: T) => kept?.includes(keyOf(item)) ?? (many && item.picked === true);
    const chosen = pick.items.filter(isChosen);
    if (many) pick.selectedItems = chosen;
    else if (chosen.length > 0) pick.activeItems = chosen;
    const answer = await picked;
    if (!answer) return leave();
    if (step) step.kept = { scope, values: answer.map(keyOf) };
    pick.busy = true;
    pick.enabled = false;
    pick.keepScrollPosition = true;
    const tell = (item: T, text: string) => {
      if (item.detail === text || stop.signal.aborted) return;
      item.detail = text;
      step?.told.set(keyOf(item), text);
      pick.items = [...pick.items];
      if (many) pick.selectedItems = answer;
      else pick.activeItems = answer;
    };
    await work?.(answer, { signal: stop.signal, tell });
    return stop.signal.aborted ? leave() : answer;
  } catch (error) {
    if (stop.signal.aborted) return leave();
    throw error;
  } finally {
    pick.dispose();
  }
}

/** Shows a list, and returns its picked item. Ends as `pickItems`. */
export const pickItem = async <T extends vscode.QuickPickItem>(
  items: readonly T[] | Promise<readonly T[]>,
  listing: Listing<T>,
): Promise<T | undefined> => (await pickItems(items, listing))?.[0];

/**
 * Asks for a text. An earlier answer is in the field again.
 * @param flaw returns, or resolves to, the reason why a text is invalid; null if valid
 * @returns undefined on Back
 * @throws AbortError on Escape
 */
export async function typeText({
  title,
  step,
  prompt,
  value,
  flaw,
}: Asking & {
  prompt: string;
  value: string;
  flaw: (text: string) => string | null | Promise<string | null>;
}): Promise<string | undefined> {
  const box = vscode.window.createInputBox();
  Object.assign(box, frame(title, step), { prompt, value: step?.kept?.values[0] ?? value });
  const check = async (): Promise<boolean> => {
    const typed = box.value;
    const message = await flaw(typed.trim());
    // The user can type on while a text is checked.
    if (box.value === typed) box.validationMessage = message ?? '';
    return message === null && box.value === typed;
  };
  box.onDidChangeValue(check);
  const text = await new Promise<string | undefined>((resolve, reject) => {
    box.onDidAccept(async () => (await check()) && resolve(box.value.trim()));
    box.onDidTriggerButton(() => resolve(undefined));
    box.onDidHide(() => reject(new DOMException('cancelled', 'AbortError')));
    box.show();
  }).finally(() => box.dispose());
  if (step && text !== undefined) step.kept = { scope: '', values: [text] };
  return text;
}

/** Title with the position, and the Back button. A list that has one stays open while the user looks elsewhere. */
const frame = (title: string, step: Step | undefined) => ({
  title: step ? `${title} (${step.place})` : title,
  buttons: step?.hasBack ? [vscode.QuickInputButtons.Back] : [],
  ignoreFocusOut: step?.hasBack === true,
});
