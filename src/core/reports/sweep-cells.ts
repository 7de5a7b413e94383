import type { Cell } from './document.ts';

/** With a true minus sign. */
export const number = (value: number, digits = 1): string => value.toFixed(digits).replace('-', '−');
export const pCell = (p: number | undefined | null): Cell =>
  p == null ? { text: '–' } : { text: p < 0.001 ? '< 0.001' : number(p, 3), value: p };
/** What has no value. */
export const NOTHING: Cell = { text: '–' };
export const textCell = (text: string): Cell => ({ text });
