import type { Sample } from '../../../rows/sample/sample.ts';
import type { Size, Xyxy } from '../../../rows/sample/boxes.ts';
import type { SceneObject } from '../../../rows/scene-graph/scene-graph.ts';
import {
  boxInside,
  labelledFields,
  leaveFields,
  numberAt,
  pictureOf,
  placedObjects,
  sizeAt,
  textAt,
  type LabelReading,
  type Leave,
} from './label-format.ts';

// CVAT for images 1.1: <annotations> with an <image name width height> for each image. An image contains boxes (<box
// label xtl ytl xbr ybr>) and tags of the whole image, both with attributes. A tag labelled `question` is a question.
// CVAT has no relations.

export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

const QUESTION = 'question';
/** Fields of a row that the tag `question` stores as attributes. */
const HELD = ['question', 'answer', 'reasoning', 'task', 'source'];

/** Reads the rows of an `image` element: one per question, or one without question. @throws LabelError */
export function cvatRows(image: XmlElement, reading: LabelReading): Record<string, unknown>[] {
  const { name, width, height } = image.attributes;
  const path = textAt(name, 'image.name');
  const size = sizeAt(width, height, 'image.');
  const objects = image.children.flatMap((child, i) =>
    child.name === 'box' ? boxOf(child, `box[${i}]`, { id: String(i + 1), size, ...reading }) : [],
  );
  const tags = image.children.filter((child) => child.name === 'tag' && child.attributes.label === QUESTION);
  for (const child of image.children)
    if (child.name !== 'box' && !tags.includes(child)) reading.leave(`shapes of the type ${child.name}`);
  const fields = labelledFields(path, size, { objects, relations: [] });
  if (tags.length === 0) return [fields];
  return tags.map((tag) => {
    const texts = Object.entries(attributesOf(tag, 'tag')).filter(
      ([key]) => key === 'id' || HELD.includes(key),
    );
    return { ...Object.fromEntries(texts), ...fields };
  });
}

function boxOf(
  { attributes, children }: XmlElement,
  place: string,
  { id, size, leave, upright }: LabelReading & { id: string; size: Size | undefined },
): SceneObject[] {
  const label = textAt(attributes.label, `${place}.label`);
  const corners = ['xtl', 'ytl', 'xbr', 'ybr'].map((key) =>
    numberAt(attributes[key], `${place}.${key}`),
  ) as Xyxy;
  const [x1, y1, x2, y2] = corners;
  const degrees = numberAt(attributes.rotation ?? '0', `${place}.rotation`);
  const whole = degrees === 0 ? corners : upright(corners, degrees, [(x1 + x2) / 2, (y1 + y2) / 2]);
  const box = whole && boxInside(whole, size, leave);
  const kept = attributesOf({ children }, place);
  const object = { id, label, ...(Object.keys(kept).length > 0 && { attributes: kept }) };
  return box ? [{ ...object, box, box_format: 'xyxy_px' }] : [];
}

/** Reads `<attribute name="…">` elements. Ignores empty attributes. */
function attributesOf({ children }: Pick<XmlElement, 'children'>, place: string): Record<string, string> {
  const entries = children
    .filter((child) => child.name === 'attribute' && child.text.trim() !== '')
    .map((child) => [textAt(child.attributes.name, `${place}.attribute.name`), child.text.trim()] as const);
  return Object.fromEntries(entries);
}

interface Entry {
  path: string;
  size: Size | undefined;
  /** Objects of the graph from which the boxes are made, as JSON. '[]' until a row about the image has a graph. */
  content: string;
  boxes: string;
  tags: string;
}

const NONE = '[]';

/** Collects rows for a CVAT file: each image once, with boxes from the first graph of the image. */
export class CvatWriter {
  private readonly pictures = new Map<string, Entry>();
  private readonly labels = new Map<string, Set<string>>();

  constructor(private readonly leave: Leave) {}

  add(sample: Sample, size: Size | undefined): void {
    const picture = pictureOf(sample, size, this.leave);
    if (!picture) return;
    leaveFields(sample, HELD, this.leave);
    const { path, graph } = picture;
    const content = JSON.stringify(graph.objects);
    const entry = this.pictures.get(path) ?? { path, size: undefined, content: NONE, boxes: '', tags: '' };
    this.pictures.set(path, entry);
    entry.size ??= picture.size;
    if (entry.content === NONE && content !== NONE) {
      entry.content = content;
      this.leave('relations', graph.relations.length);
      const placed = placedObjects(picture, ['attributes'], this.leave);
      entry.boxes = placed.map((object) => this.box(object)).join('');
    } else if (content !== NONE && content !== entry.content) this.leave('additional graphs of an image');
    if (sample.question.trim() !== '') entry.tags += this.tag(sample);
  }

  private box({ object: { label, attributes = {} }, box }: { object: SceneObject; box: Xyxy }): string {
    if (Array.isArray(attributes)) this.leave('attributes without a name', attributes.length);
    const [xtl, ytl, xbr, ybr] = box;
    const attributesOfBox = this.attributes(label, Array.isArray(attributes) ? {} : attributes);
    const corners = tagOf({ xtl, ytl, xbr, ybr });
    return `    <box label="${xmlText(label)}" source="manual" occluded="0"${corners} z_order="0">\n${attributesOfBox}    </box>\n`;
  }

  private tag(sample: Sample): string {
    const held = ['id', ...HELD].flatMap((key) => {
      const value = sample[key];
      return typeof value === 'string' && value !== '' ? [[key, value] as const] : [];
    });
    const written = this.attributes(QUESTION, Object.fromEntries(held));
    return `    <tag label="${QUESTION}" source="manual">\n${written}    </tag>\n`;
  }

  private attributes(label: string, values: Record<string, string>): string {
    const names = this.labels.get(label) ?? new Set<string>();
    this.labels.set(label, names);
    return Object.entries(values)
      .map(([name, value]) => {
        names.add(name);
        return `      <attribute name="${xmlText(name)}">${xmlText(value)}</attribute>\n`;
      })
      .join('');
  }

  text(): string {
    const labels = [...this.labels].map(([label, names]) => {
      const type = label === QUESTION ? 'tag' : 'rectangle';
      const attributes = [...names].map(
        (name) =>
          `<attribute><name>${xmlText(name)}</name><mutable>False</mutable><input_type>text</input_type>` +
          '<default_value></default_value><values></values></attribute>',
      );
      return `      <label><name>${xmlText(label)}</name><type>${type}</type><attributes>${attributes.join('')}</attributes></label>\n`;
    });
    const images = [...this.pictures.values()].map(({ path, size, boxes, tags }, i) => {
      const sides = tagOf(size ? { width: size.w, height: size.h } : {});
      return `  <image id="${i}" name="${xmlText(path)}"${sides}>\n${boxes}${tags}  </image>\n`;
    });
    return (
      '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n' +
      `  <meta>\n    <task>\n     <labels>\n${labels.join('')}     </labels>\n    </task>\n  </meta>\n` +
      `${images.join('')}</annotations>\n`
    );
  }
}

const tagOf = (numbers: Record<string, number>): string =>
  Object.entries(numbers)
    .map(([name, value]) => ` ${name}="${value}"`)
    .join('');

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Matches characters that XML 1.0 does not allow. */
// eslint-disable-next-line no-control-regex -- these are what it is about
const UNWRITABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu;

/** Escapes a string for XML, with U+FFFD for characters that XML does not allow. Line breaks and tabs stay. */
const xmlText = (text: string): string =>
  text
    .replace(UNWRITABLE, '\ufffd')
    .replace(/[&<>"]/g, (c) => ENTITIES[c]!)
    .replace(/[\r\n\t]/g, (c) => `&#${c.charCodeAt(0)};`);
