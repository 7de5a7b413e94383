import { useEffect, useState } from 'preact/hooks';
import type { Key } from './keyboard.ts';

/** Current model family (null if none is selected), and whether the page shows all its images as this family sees them. */
let chosen: { family: string | null; isShown: boolean } = { family: null, isShown: false };
const listeners = new Set<() => void>();

/** Changes the model family, or whether its view is shown, for all images of the page. */
export function chooseFamily(change: Partial<typeof chosen>): void {
  chosen = { ...chosen, ...change };
  for (const listener of listeners) listener();
}

/** Family of the displayed model; null if the family is unknown, undefined without a model. */
let told: string | null | undefined;

/** Sets the family of the displayed model, null if unknown. An unchanged family does not replace the user's choice. */
export function tellFamily(family: string | null): void {
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

/** Returns the model family, whether its view of the images is shown, and whether the displayed model has no family. */
export function useSeenFamily() {
  const [, redraw] = useState({});
  useEffect(() => {
    const listener = () => redraw({});
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return { ...chosen, isUnknown: told === null };
}

/** Returns the model family whose view of the images is shown; null if the images are shown unchanged. */
export function useSeen(): string | null {
  const { family, isShown } = useSeenFamily();
  return isShown ? family : null;
}
