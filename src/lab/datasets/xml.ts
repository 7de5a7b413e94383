import { Parser } from 'saxen';
import type { XmlElement } from './label-formats/cvat.ts';
import { DataError } from './data-error.ts';

/** Maximum depth of XML elements, greater than in any label file. */
const MAX_DEPTH = 32;
/** Maximum length of the XML element of one image, in characters. */
const MAX_ELEMENT = 64 * 2 ** 20;

/**
 * Yields the elements called `name` directly in the root, in bounded memory. Decodes only the five entities of XML.
 * Rejects a document type. @param root allowed names of the root
 * @throws DataError if the text is not XML, or has another root
 */
export async function* xmlElements(
  stream: AsyncIterable<Buffer>,
  { root, name }: { root: string; name: string },
): AsyncGenerator<XmlElement> {
  const done: XmlElement[] = [];
  const open: XmlElement[] = [];
  /** Number of lines before the piece of text that the parser reads. */
  let lines = 1;
  let rest = '';
  let sinceElement = 0;
  const fail = (message: string, fix?: string) => {
    throw new DataError('xml', message, fix === undefined ? {} : { fix });
  };
  const text = (piece: string) => {
    const inner = open.at(-1);
    if (inner && open.length > 1) inner.text += piece;
  };
  const parser = new Parser()
    .on('openTag', (tag, attributesOf, _decode, _selfClosing, place) => {
      const attributes = attributesOf();
      if (attributes === false) return fail(`Cannot read <${tag}> on line ${lines + place().line}.`);
      if (open.length === 0 && tag !== root) fail(`The root element must be <${root}>, not <${tag}>.`);
      if (open.length >= MAX_DEPTH) fail(`Elements are nested more than ${MAX_DEPTH} levels deep.`);
      const pairs = Object.entries(attributes).map(([key, value]) => [key, decoded(value)] as const);
      const element: XmlElement = {
        name: tag,
        attributes: Object.fromEntries(pairs),
        children: [],
        text: '',
      };
      // Other children of the root element are not stored.
      if (open.length > 1 && (open[1]!.name === name || tag === name)) open.at(-1)!.children.push(element);
      open.push(element);
    })
    .on('closeTag', () => {
      const element = open.pop();
      if (open.length !== 1 || element?.name !== name) return;
      done.push(element);
      sinceElement = 0;
    })
    .on('text', (piece) => text(decoded(piece)))
    .on('cdata', text)
    .on('attention', (piece) => {
      if (!piece.startsWith('<!--')) fail('The file declares a document type. Remove the declaration.');
    });
  const broken = (error: Error, place: () => { line: number }) => {
    if (error instanceof DataError) throw error;
    fail(`Line ${lines + place().line}: ${error.message}.`);
  };
  parser.on('error', broken).on('warn', broken);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const utf8 = (chunk: Buffer, more: boolean): string => {
    try {
      return decoder.decode(chunk, { stream: more });
    } catch {
      return fail('The text is not UTF-8.', 'Save the file as UTF-8.') as never;
    }
  };
  for await (const chunk of stream) {
    sinceElement += chunk.length;
    if (sinceElement > MAX_ELEMENT) fail(`An element is longer than ${MAX_ELEMENT / 2 ** 20} MiB.`);
    const piece = rest + utf8(chunk, true);
    // Passes only whole tags to the parser. It would otherwise buffer text, whose lines would be counted twice.
    const cut = piece.lastIndexOf('>') + 1;
    rest = piece.slice(cut);
    parser.write(piece.slice(0, cut));
    lines += piece.slice(0, cut).split('\n').length - 1;
    yield* done.splice(0);
  }
  parser.write(rest + utf8(Buffer.alloc(0), false));
  parser.end();
  yield* done.splice(0);
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** saxen's own decoding breaks characters above U+FFFF. Entities that XML does not define stay unchanged. */
const decoded = (text: string): string =>
  text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name]! : whole;
      const point = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
      return point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
    },
  );
