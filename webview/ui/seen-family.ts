import { useEffect, useState } from 'preact/hooks';
import type { Key } from './keyboard.ts';

/** What all images of the page are shown as. */
let chosen = { family: 'qwen2.5-vl', isShown: false };
const listeners = new Set<() => void>();

/** Chooses for all images of the page. */
export function chooseFamily(change: Partial<typeof chosen>): void {
  chosen = { ...chosen, ...change };
  for (const listener of listeners) listener();
}

/** The family of the model of what is shown; told again, it does not replace what a person chose. */
let told: string | null = null;

/** Says which family the images of the page are for. */
export function tellFamily(family: string): void {
  if (family === told) return;
  told = family;
  chooseFamily({ family });
}

/** Shows the images as a model sees them, or as they are. */
export const toggleSeen = () => chooseFamily({ isShown: !chosen.isShown });

export const SEEN_KEY = {
  keys: ['i'],
  label: 'Show a model’s view of the image',
  run: toggleSeen,
} satisfies Key;

/** The family whose view of the images is shown; null if they are shown as they are. */
export function useSeen(): string | null {
  const [, redraw] = useState({});
  useEffect(() => {
    const listener = () => redraw({});
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return chosen.isShown ? chosen.family : null;
}
