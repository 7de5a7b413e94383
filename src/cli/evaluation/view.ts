import type { EvaluatedView } from '../../core/spatial/views/view.ts';
import { UsageError } from '../errors.ts';

export function asView(text: string): EvaluatedView {
  if (text === 'original' || text === 'mirror' || text === 'polarity') return text;
  throw new UsageError(`Unknown view "${text}": use original, mirror or polarity.`);
}
