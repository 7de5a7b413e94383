import { isViewId, unknownView, type ViewId } from '../../core/spatial/views/list.ts';
import { UsageError } from '../errors.ts';

export function asView(text: string): ViewId {
  if (isViewId(text)) return text;
  throw new UsageError(unknownView(text));
}
