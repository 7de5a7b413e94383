import { fixed, NONE } from './cells.ts';
import type { Cell } from './document.ts';

export const pCell = (p: number | undefined | null): Cell =>
  p == null ? NONE : { text: p < 0.001 ? '< 0.001' : fixed(p, 3), value: p };

export const textCell = (text: string): Cell => ({ text });
