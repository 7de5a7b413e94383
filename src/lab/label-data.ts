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

/** The format of labels that `--to`, otherwise the output's name, asks for. */
export const labelsTo = ({ to, output = '' }: { to?: string; output?: string }): LabelFormat | null =>
  LABEL_FORMATS.find((format) => format === to) ??
  (to === undefined && output.endsWith('.xml') ? 'cvat' : null);

/** What takes rows and gives the text of a file. */
interface Collector {
  add(sample: Sample, size: Size | undefined): void;
  text(): string;
}

/** A file of labels while its rows are collected. It is written as a whole, because it lists all labels at its head. */
export class LabelData {
  /** What the format has no place for; complete after `commit`. */
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

  /** The size that the row declares, otherwise that of its file; undefined if that cannot be read. */
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
