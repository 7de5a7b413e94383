import { answeredBox } from '../../src/core/answers/read-box.ts';
import { isClip, timesOf } from '../../src/rows/sample/clip.ts';
import type { PlayPicture } from '../../src/panels/playground/playground.contract.ts';
import type { BoxFormat, Size } from '../../src/rows/sample/boxes.ts';
import type { SceneGraph } from '../../src/rows/scene-graph/scene-graph.ts';
import { MIRROR, ORIGINAL, type PixelView } from '../../src/rows/view-list.ts';
import { Frames } from '../ui/frames.tsx';
import { PicturePair } from '../ui/picture-pair.tsx';
import { NO_PICTURE } from '../ui/pair-sides.ts';
import { relationShapes, shapesOf, viewShapes, type Shape } from '../ui/shapes.ts';
import type { PlaygroundModel } from './playground-model.ts';

/** Image and its mirror, with the boxes and graph of the selected answer, or else of the row. */
export function Pictures({ model, picture }: { model: PlaygroundModel; picture: PlayPicture }) {
  return (
    <section class="pictures" aria-label="Images">
      <Frames
        key={picture.key}
        first={picture.images}
        second={null}
        isClip={isClip(picture.sample)}
        times={timesOf(picture.sample)}
        playsByItself
        load={(_, __, i) => model.host.call('image', { picture: picture.key, index: i })}
      >
        {(image, _, [i]) => (
          <PicturePair
            image={image ?? NO_PICTURE}
            zoomOf={isClip(picture.sample) ? `${picture.key}` : undefined}
            flipped={model.state.swapped}
            shapes={(view, size) => (i === 0 ? drawn(model, picture, view, size) : [])}
            load={() => model.host.call('image', { picture: picture.key, index: i })}
          />
        )}
      </Frames>
    </section>
  );
}

function drawn(model: PlaygroundModel, { sample }: PlayPicture, view: PixelView, size: Size): Shape[] {
  const { boxes, graph, mirror } = model.state;
  const said = saidPlaces(model, view, size);
  if (said) return [...(graph ? relationShapes(said.graph, size) : []), ...(boxes ? said.shapes : [])];
  // Use only the mirror's own graph, because a transform changes positions, but not words.
  const [viewGraph, shapes] =
    view === ORIGINAL
      ? [sample.scene_graph, shapesOf(sample, sample.box_format, size)]
      : [mirror?.scene_graph, viewShapes(sample, mirror ?? {}, MIRROR, sample.box_format, size)];
  return [...(graph ? relationShapes(viewGraph, size) : []), ...(boxes ? shapes : [])];
}

interface Places {
  graph: SceneGraph | undefined;
  shapes: Shape[];
}

/** Returns the graph and the box of the selected completion in a view; null if it states no places in any view. */
function saidPlaces(model: PlaygroundModel, view: PixelView, size: Size): Places | null {
  const { chosen, picture } = model.state;
  if (!chosen || model.ask?.picture !== picture?.key) return null;
  const answer = model.ask?.answers.find(({ model: { id } }) => id === chosen.model);
  const views = (answer?.asked?.views ?? []).map(({ view: own, completions }) => {
    const { segments = [], answer = '' } = completions[chosen.completion] ?? {};
    const graph = segments.flatMap(({ graph }) => graph?.graph ?? []).at(-1);
    const shapes = [
      ...(graph ? shapesOf({ scene_graph: graph }, undefined, size) : []),
      ...boxShape(answer, picture?.sample.box_format, size),
    ];
    return { own, graph, shapes };
  });
  if (views.every(({ graph, shapes }) => !graph && shapes.length === 0)) return null;
  return views.find(({ own }) => own === view) ?? { graph: undefined, shapes: [] };
}

function boxShape(answer: string, format: BoxFormat | undefined, size: Size): Shape[] {
  const box = answeredBox(answer, format, size);
  if (!box) return [];
  return shapesOf({ boxes: [box] }, 'xyxy_px', size).map((shape) => ({ ...shape, label: 'answer' }));
}

/** Opens images that the user drops or pastes on the page. */
export function listenForPictures(model: PlaygroundModel): void {
  const take = async (data: DataTransfer | null): Promise<void> => {
    const file = [...(data?.files ?? [])].find(({ type }) => type.startsWith('image/'));
    const uri = (data?.getData('application/vnd.code.uri-list') || data?.getData('text/uri-list') || '')
      .split(/\r?\n/)
      .find((line) => /^(?:file|vscode-remote):/.test(line));
    try {
      if (file) {
        const bytes = new Uint8Array(await file.arrayBuffer());
        await model.host.call('takePicture', { name: file.name || 'pasted image', bytes });
      } else if (uri) await model.host.call('takePicture', { uri });
    } catch (error) {
      model.update({ problem: (error as Error).message });
    }
  };
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    void take(event.dataTransfer);
  });
  addEventListener('paste', (event) => {
    if ((event.clipboardData?.files.length ?? 0) > 0) void take(event.clipboardData);
  });
}
