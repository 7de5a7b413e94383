import { CocoWriter } from './datasets/label-formats/coco.ts';
import { CvatWriter } from './datasets/label-formats/cvat.ts';
import { labelStudioTask } from './datasets/label-formats/label-studio.ts';
import { LABEL_FORMATS, type LabelFormat, type Leave } from './datasets/label-formats/label-format.ts';
import { jsonText } from '../base/json.ts';
import type { Size } from '../rows/sample/boxes.ts';
import { declaredSize, type Sample } from '../rows/sample/sample.ts';
import { DataError } from './datasets/data-error.ts';
import { openDataFile } from './datasets/data-file.ts';
import type { ImageFiles } from './datasets/image-files.ts';
import type { AtomicFile } from './files/atomic.ts';
import { imageSize } from './images/decode.ts';

/** Returns the label format that `--to` or the extension of the output specifies. */
export const labelsTo = ({ to, output = '' }: { to?: string; output?: string }): LabelFormat | null =>
  LABEL_FORMATS.find((format) => format === to) ??
  (to === undefined && output.endsWith('.xml') ? 'cvat' : null);

interface Collector {
  add(sample: Sample, size: Size | undefined): void;
  text(): string;
}

/** A label file whose rows are being collected. Written as a whole, because it begins with a list of all labels. */
export class LabelData {
  /** Number of values that the label format cannot store, by kind. Complete after `commit`. */
  readonly leftOut = new Map<string, number>();
  private readonly collector: Collector;

  private constructor(
    format: LabelFormat,
    private readonly files: ImageFiles,
    private readonly out: AtomicFile,
  ) {
    const leave: Leave = (what, count = 1) =>
      count > 0 && this.leftOut.set(what, (this.leftOut.get(what) ?? 0) + count);
    this.collector = COLLECTORS[format](leave);
  }

  static async open(path: string, format: LabelFormat, files: ImageFiles): Promise<LabelData> {
    return new LabelData(format, files, await openDataFile(path));
  }

  async write(sample: Sample): Promise<void> {
    this.collector.add(sample, await this.sizeOf(sample));
  }

  /** Returns the size of the image as declared in the row, or as in the file. Undefined if the file is unreadable. */
  private async sizeOf({ images: [image], scene_graph: graph }: Sample): Promise<Size | undefined> {
    const declared = declaredSize(image) ?? graph?.image;
    if (declared || image === undefined) return declared;
    try {
      return await imageSize(await this.files.bytes(image));
    } catch (error) {
      if (error instanceof DataError) return undefined;
      throw error;
    }
  }

  async commit(): Promise<void> {
    await this.out.file.writeFile(this.collector.text());
    await this.out.commit();
  }

  discard(): Promise<void> {
    return this.out.discard();
  }
}

const COLLECTORS: Record<LabelFormat, (leave: Leave) => Collector> = {
  coco: (leave) => new CocoWriter(leave),
  cvat: (leave) => new CvatWriter(leave),
  'label-studio': (leave) => {
    const tasks: object[] = [];
    return {
      add(sample, size) {
        const task = labelStudioTask(sample, size, leave);
        if (task) tasks.push(task);
      },
      text: () => jsonText(tasks),
    };
  },
};
