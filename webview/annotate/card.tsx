import { useState } from 'preact/hooks';
import type { Put } from '../../src/core/annotation/edit-json.ts';

import { declaredSize, type Sample } from '../../src/core/spatial/sample.ts';
import type { Size } from '../../src/core/spatial/boxes.ts';
import { compare } from '../ui/compare.ts';
import { MarkedText } from '../ui/marked-text.tsx';
import { PicturePair } from '../ui/picture.tsx';
import { mirrorShapes, relationShapes, shapesOf, type Shape } from '../ui/shapes.ts';
import { editForm } from '../../src/core/annotation/puts.ts';
import type { SceneGraph } from '../../src/core/spatial/scene-graph/scene-graph.ts';
import type { Form } from '../../src/core/annotation/review.ts';
import { isUnwritten, type View as Side } from '../../src/core/spatial/view.ts';
import { Attempts } from './attempts.tsx';
import { Boxes } from './boxes.tsx';
import { Draw } from './draw.tsx';
import { Entry } from './entry.tsx';
import { Field } from './field.tsx';
import { NAMES } from './form-state.ts';
import { Graph } from './graph.tsx';
import { Link, NewRelation } from './relate.tsx';
import { Review } from './review.tsx';
import type { Actions, Usable, View } from './view.ts';

const TASKS = ['format', 'distance', 'yesno', 'mcq', 'count', 'bbox', 'point', 'open'];

interface Props {
  usable: Usable;
  view: View;
  version: string;
  actions: Actions;
}

/** One row: its pictures, its texts beside those of its mirror, boxes, graph, notes. */
export function Card({ usable, view, version, actions }: Props) {
  const { sample, form, variant } = usable;
  const { readOnly } = view.state!;
  const { images } = view.open!.row;
  // The picture's own size, once it is drawn; boxes are in its pixels.
  const [drawn, setDrawn] = useState<Size | null>(null);
  const size = drawn ?? declaredSize(sample.images[0]);
  const type = (path: Put['path'], label: string) => (value: string) =>
    actions.put(
      [{ path, value: value === '' && OPTIONAL.has(String(path[0])) ? undefined : value }],
      label,
      true,
    );
  const text = (name: 'question' | 'answer' | 'reasoning', label: string) => (
    <div class="pair">
      <Field
        label={label}
        id={`field-${name}`}
        value={sample[name] ?? ''}
        version={version}
        readOnly={readOnly}
        onType={type([name], `Edit ${name}`)}
      />
      <div class="field" data-view="mirror">
        {view.editingForm && !readOnly ? (
          <Field
            label={`${label}, ${BESIDE[form].toLowerCase()}`}
            value={variant[name] ?? sample[name] ?? ''}
            version={version}
            readOnly={readOnly}
            onType={(value) =>
              actions.put(
                editForm(usable, { [name]: value }, new Date().toISOString()),
                `Edit ${NAMES[form]}`,
                true,
              )
            }
          />
        ) : (
          <>
            <span>{BESIDE[form]}</span>
            {sample[name] && isUnwritten(sample, form, variant) ? (
              <p class="quiet">Not written yet</p>
            ) : (
              <MarkedText parts={compare(sample[name] ?? '', variant[name] ?? sample[name] ?? '').mirror} />
            )}
          </>
        )}
      </div>
    </div>
  );
  return (
    <div class={`card${view.drawing ? ' drawing' : ''}`}>
      {images.length === 0 && <p class="quiet">This row has no image.</p>}
      {images.map((image, i) => (
        <PicturePair
          image={image}
          flipped={view.flipped}
          // The opposite is asked about the same picture.
          alone={form === 'polarity' ? 'original' : undefined}
          shapes={(side, real) => (i > 0 ? [] : drawnShapes(usable, view, side, real))}
          above={(side, real) => {
            if (i > 0) return null;
            if (view.relating) return <Link sample={sample} side={side} size={real} actions={actions} />;
            return (
              <Draw sample={sample} side={side} size={real} view={view} actions={actions} onSize={setDrawn} />
            );
          }}
          load={() => actions.host.call('image', { ref: image.ref })}
        />
      ))}
      {view.relating && <NewRelation sample={sample} between={view.relating} actions={actions} />}
      <Review usable={usable} view={view} actions={actions} />
      <Attempts {...usable} />
      {text('question', 'Question')}
      {text('answer', 'Answer')}
      {text('reasoning', 'Reasoning')}
      <Choices sample={sample} version={version} readOnly={readOnly} actions={actions} />
      <div class="pair">
        <label class="field">
          <span>Task</span>
          <Entry
            list="tasks"
            value={sample.task ?? ''}
            placeholder="from question and answer"
            readOnly={readOnly}
            onDone={(task) => actions.put([{ path: ['task'], value: task.trim() || undefined }], 'Edit task')}
          />
          <datalist id="tasks">
            {TASKS.map((task) => (
              <option value={task} />
            ))}
          </datalist>
        </label>
        <label class="field">
          <span>Tags, separated by commas</span>
          <Entry
            value={tagsOf(sample).join(', ')}
            readOnly={readOnly}
            onDone={(text) => {
              const tags = text.split(',').flatMap((tag) => tag.trim() || []);
              actions.put(
                [{ path: ['meta', 'tags'], value: tags.length > 0 ? tags : undefined }],
                'Edit tags',
              );
            }}
          />
        </label>
      </div>
      <Field
        label="Notes"
        value={typeof sample.meta?.notes === 'string' ? sample.meta.notes : ''}
        version={version}
        readOnly={readOnly}
        onType={(value) =>
          actions.put([{ path: ['meta', 'notes'], value: value || undefined }], 'Edit notes', true)
        }
      />
      {size && <Boxes sample={sample} size={size} view={view} actions={actions} />}
      <Graph sample={sample} readOnly={readOnly} version={version} actions={actions} />
    </div>
  );
}

/** The shapes over one of the pictures. */
function drawnShapes({ sample, mirror }: Usable, view: View, side: Side, size: Size): Shape[] {
  const shapes =
    side === 'original'
      ? shapesOf(sample, sample.box_format, size)
      : mirrorShapes(sample, mirror, sample.box_format, size);
  const graph = side === 'original' ? sample.scene_graph : (mirror.scene_graph ?? undefined);
  return [
    ...(view.graph && graph ? relationShapes(ofSelected(graph, view.selected), size) : []),
    ...shapes.filter(({ from }) => (from === 'graph' ? view.graph : view.boxes)),
  ];
}

/** Only the relations of the selected object: all at once would cover the picture. */
function ofSelected(graph: SceneGraph, selected: View['selected']): SceneGraph {
  const id = selected?.from === 'graph' ? graph.objects[selected.index]?.id : undefined;
  const relations = Array.isArray(graph.relations) ? graph.relations : [];
  const own = relations.filter(
    ({ subject, object }) => id !== undefined && (subject === id || object === id),
  );
  return { ...graph, relations: own };
}

/** What stands above the texts of a form. */
const BESIDE: Record<Form, string> = { mirror: 'In the mirror', polarity: 'The opposite' };

/** Fields that a row may lack. */
const OPTIONAL = new Set(['reasoning']);

const tagsOf = ({ meta }: Sample): string[] =>
  Array.isArray(meta?.tags) ? meta.tags.filter((tag) => typeof tag === 'string') : [];

/** One choice a line. The digits 1–9 make a choice the answer. */
function Choices(props: { sample: Sample; version: string; readOnly: boolean; actions: Actions }) {
  const { sample, version, readOnly, actions } = props;
  return (
    <Field
      label="Choices, one a line"
      value={(sample.choices ?? []).join('\n')}
      version={version}
      readOnly={readOnly}
      onType={(value) => {
        const choices = value.split('\n').filter((line) => line.trim() !== '');
        actions.put(
          [{ path: ['choices'], value: choices.length > 0 ? choices : undefined }],
          'Edit choices',
          true,
        );
      }}
    />
  );
}
