import { inText } from './keyboard.ts';

/** The command of a key that the page has heard itself comes after it: by then the keys may be closed again. */
const ECHO_MS = 500;

let pressed = -Infinity;

/** Where `?` is on a keyboard differs from country to country; the character is the same. */
export function listenForQuestionMark(show: () => void): void {
  addEventListener('keydown', ({ key, target, timeStamp, ctrlKey, altKey, metaKey }) => {
    if (key !== '?' || ctrlKey || altKey || metaKey) return;
    if (inText(target)) return;
    pressed = timeStamp;
    show();
  });
}

export const wasPressed = (): boolean => performance.now() - pressed < ECHO_MS;
