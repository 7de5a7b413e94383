/** A command that comes this soon after a key in a text field was meant as text: the host hears late where the focus is. */
const TYPED_MS = 500;

/** When a key was last pressed in a text field. */
let typed = -Infinity;

export const isTextField = (element: Element | null): boolean =>
  element instanceof HTMLTextAreaElement ||
  (element instanceof HTMLInputElement && !['range', 'checkbox', 'radio', 'button'].includes(element.type));

/** Whether an event is that of a control which takes keys for itself. */
export const inText = (target: EventTarget | null): boolean =>
  target instanceof Element && target.matches('input, textarea, select');

export const wasText = (): boolean => performance.now() - typed < TYPED_MS;

/** Tells the host while single keys are text. */
export function tellTyping(notify: (on: boolean) => void): void {
  const tell = () => notify(isTextField(document.activeElement));
  addEventListener('focusin', tell);
  addEventListener('focusout', () => queueMicrotask(tell));
  addEventListener('keydown', (event) => {
    if (isTextField(document.activeElement)) typed = event.timeStamp;
  });
}
