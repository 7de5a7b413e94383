import { extname } from 'node:path';
import { readRange, streamFile } from '../../files/regular.ts';
import { cannotRead, DataError } from '../data-error.ts';
import { jsonElements } from '../json-elements.ts';
import { LABEL_FILES, type LabelFile } from './label-format.ts';
import { isTask } from './label-studio.ts';
import { PLAIN_FORMATS } from './plain-labels.ts';

/**
 * Beginning of a COCO file: one object with lists of images, annotations and categories, perhaps after `info`. CLEVR's
 * questions also have `info`, and Chirality's rows can also begin with images.
 */
const COCO =
  /^\{\s*(?:"(?:info|type)"\s*:\s*(?:"(?:[^"\\]|\\.)*"|\{(?:[^{}[\]"]|"(?:[^"\\]|\\.)*")*\})\s*,\s*)*"(?:(?:licenses|categories|annotations)"\s*:\s*\[\s*[\]{]|images"\s*:\s*\[\s*(?:\]|\{[^{}]*"file_name"))/;

/** Keys in the YAML file of a YOLO dataset. */
const YOLO = [/^['"]?names['"]?:/m, /^['"]?(?:train|val|test|nc)['"]?:/m];

/** Programs that can export COCO themselves, with patterns that match the beginnings of their own files. */
const OTHERS: readonly { name: string; head: RegExp }[] = [
  { name: 'Supervisely', head: /"(?:classTitle|geometryType)"\s*:/ },
  { name: 'Datumaro', head: /^\{(?=[^]*"categories"\s*:\s*\{)[^]*"(?:items|label_categories|labels)"\s*:/ },
  { name: 'FiftyOne', head: /"_cls"\s*:|"samples"\s*:\s*\[\s*\{[^]*"filepath"\s*:/ },
];

/** Number of bytes from which a format is recognised. */
const HEAD = 1 << 16;

/**
 * Returns the format of a label file by its extension and beginning, or null for other files.
 * @throws DataError for standard input with a label format in --from, because label files are read more than once
 */
export async function labelFormat(
  input: string | AsyncIterable<Buffer>,
  { from = 'auto', map }: { from?: string; map?: string },
): Promise<LabelFile | null> {
  const named = LABEL_FILES.find(({ name }) => name === from)?.name ?? null;
  if (map !== undefined || (from !== 'auto' && named === null)) return null;
  if (typeof input !== 'string') {
    if (named === null) return null;
    throw new DataError('format', `--from ${named} does not read standard input.`, { fix: 'Pass a file.' });
  }
  const ending = extname(input).toLowerCase();
  if (named !== null) return named;
  if (!/^\.(?:xml|ya?ml|json)$/.test(ending)) return null;
  const head = await readRange(input, 0, HEAD).catch(cannotRead(input));
  const start = head.toString('utf8').replace('\uFEFF', '').trimStart();
  if (ending === '.xml') return PLAIN_FORMATS.voc.head.test(start) ? 'voc' : 'cvat';
  if (ending !== '.json') return YOLO.every((key) => key.test(start)) ? 'yolo' : null;
  if (start.startsWith('{')) {
    if (COCO.test(start)) return 'coco';
    const other = OTHERS.find(({ head: beginning }) => beginning.test(start))?.name;
    if (other !== undefined)
      throw new DataError('format', `The file was exported from ${other}.`, {
        file: input,
        fix: `Export the labels as COCO from ${other}, and convert that file.`,
      });
    return (['labelme', 'via'] as const).find((name) => PLAIN_FORMATS[name].head.test(start)) ?? null;
  }
  if (!start.startsWith('[')) return null;
  for await (const { value } of jsonElements(await streamFile(input).catch(cannotRead(input))))
    return isTask(value) ? 'label-studio' : null;
  return null;
}
