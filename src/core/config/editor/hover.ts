import { merge, valueAt } from '../tree.ts';
import { presetOf, treeOf, type Presets } from './complete.ts';
import { describe } from './describe.ts';
import { frameOf, type ConfigKind } from './frame.ts';
import { schemasAt } from './schema.ts';
import { fieldAt } from './spot.ts';

export interface FieldHover {
  from: number;
  to: number;
  /** Markdown. */
  text: string;
}

/** What the field at a place means; null where there is none that the schema knows. */
export function hoverConfig(
  text: string,
  offset: number,
  presets: Presets,
  kind: ConfigKind = 'run',
): FieldHover | null {
  const field = fieldAt(text, offset);
  if (!field) return null;
  const { from, to } = field;
  const frame = frameOf(kind, field.path, treeOf(text));
  const { path, all } = frame;
  const preset = frame.kind === 'run' ? presetOf(all, presets) : null;
  const schemas = schemasAt(path, preset ? merge(preset.tree, all) : all, frame.kind);
  if (schemas.length === 0) return null;
  const inherited = preset ? valueAt(preset.tree, path) : undefined;
  const about = describe(
    schemas,
    preset && inherited !== undefined ? { name: preset.name, value: inherited } : undefined,
  );
  return { from, to, text: [`**${path.join('.')}**`, about].filter(Boolean).join('\n\n') };
}
