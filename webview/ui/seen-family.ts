import { useEffect, useState } from 'preact/hooks';
import type { Key } from './keyboard.ts';

/** Current model family, and whether the page shows all its images as this family sees them. */
let chosen = { family: 'qwen2.5-vl', isShown: false };
const listeners = new Set<() => void>();

/** Changes the model family, or whether its view is shown, for all images of the page. */
export function chooseFamily(change: Partial<typeof chosen>): void {
  chosen = { ...chosen, ...change };
  for (const listener of listeners) listener();
}

/** Family of the displayed model. Reporting an unchanged family does not replace the user's choice. */
let told: string | null = null;

/** Sets the model family for the page, unless it is unchanged. */
export function tellFamily(family: string): void {
  if (family === told) return;
  told = family;
  chooseFamily({ family });
}

/** Toggles all images between a model's view and the unchanged images. */
export const toggleSeen = () => chooseFamily({ isShown: !chosen.isShown });

export const SEEN_KEY = {
  keys: ['i'],
  label: 'Show a model’s view of the image',
  run: toggleSeen,
} satisfies Key;

/** Returns the model family whose view of the images is shown; null if the images are shown unchanged. */
export function useSeen(): string | null {
  const [, redraw] = useState({});
  useEffect(() => {
    const listener = () => redraw({});
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return chosen.isShown ? chosen.family : null;
}
