import type { Look } from '../../src/core/insight/look.ts';
import type { ModelAnswers } from '../../src/core/metrics/model-answers.ts';
import type {
  AskUpdate,
  FoundRow,
  ModelSource,
  PlaygroundHost,
  PlaygroundMemory,
} from '../../src/panels/playground/playground.contract.ts';
import { Random } from '../../src/base/random.ts';
import type { Observation } from '../../src/core/worlds/observation.ts';
import type { Style } from '../../src/core/worlds/questions/question.ts';
import { findChange, lineThrough, moved } from '../../src/core/worlds/sandbox/move-solids.ts';
import {
  isAskable,
  newScene,
  seen,
  sandboxOf,
  type SandboxScene,
} from '../../src/core/worlds/sandbox/sandbox-scene.ts';
import type { OnFloor } from '../../src/core/worlds/world.ts';
import type { MapChoice } from '../../src/core/insight/map-choice.ts';
import { firstChoice } from '../ui/look-controls.tsx';
import type { PageModel } from '../ui/page-model.ts';
import type { PlaygroundPanelState } from './playground-panel-state.ts';

/** Time that objects must rest before the models are asked, in ms. */
const REST_MS = 300;

/** Last answer of a model about a scene. The scene might have changed since then. */
export interface SandboxAnswer {
  scene: SandboxScene;
  state: 'asking' | 'done' | 'failed';
  message: string;
  asked: ModelAnswers | null;
}

/** Attention of a model while it answered a scene, or the reason why it is unknown. */
export interface SandboxLook {
  scene: SandboxScene;
  look: Look | null;
  problem: string;
}

export interface SandboxState {
  scene: SandboxScene;
  /** Index of the object that the keys move. */
  selected: number;
  answers: Readonly<Record<string, SandboxAnswer>>;
  looks: Readonly<Record<string, SandboxLook>>;
  /** Choice of the displayed attention maps; null before the first analysis. */
  choice: MapChoice | null;
  found: PlaygroundMemory['found'];
  /** Model whose answers the search is collecting; null without a search. */
  walking: string | null;
}

/** Parts of the page that the sandbox needs: the page's state, and the models that cannot be asked. */
type SandboxOwner = PageModel<PlaygroundPanelState, PlaygroundHost> & {
  readonly leftOut: readonly ModelSource[];
};

/** Scene with movable objects, and the models' answers about the scene. */
export class SandboxModel {
  private rest: ReturnType<typeof setTimeout> | undefined;
  private readonly onWay = new Map<string, Promise<void>>();
  private readonly stop = new AbortController();
  private walk: AbortController | null = null;
  /** Cancels the analyses of a scene that has changed. */
  private looking = new AbortController();
  private observed: { scene: SandboxScene; observation: Observation } | null = null;
  state: SandboxState;

  constructor(
    private readonly model: SandboxOwner,
    scene: SandboxScene,
    found: PlaygroundMemory['found'] = {},
  ) {
    const selected = scene.question.objects[0]!;
    this.state = { scene, selected, answers: {}, looks: {}, choice: null, found, walking: null };
    this.askSoon();
  }

  /** Returns a sandbox with the scene of a row, or with a new scene. */
  static begin(model: SandboxOwner, row: SandboxScene | null): SandboxModel {
    return new SandboxModel(model, row ? sandboxOf(row) : newScene(seed(), styleFor(model)));
  }

  /** Objects that are visible in the scene's image, rendered once per scene. */
  get observation(): Observation {
    const { scene } = this.state;
    if (this.observed?.scene !== scene) this.observed = { scene, observation: seen(scene) };
    return this.observed.observation;
  }

  /** Whether the current question has words that a selected model does not know. */
  get isTooWordy(): boolean {
    return this.state.scene.style !== 'compact' && styleFor(this.model) === 'compact';
  }

  get models(): ModelSource[] {
    const { host } = this.model.state;
    return host?.trusted ? host.models.filter((model) => !this.model.leftOut.includes(model)) : [];
  }

  /** Reason why models cannot be asked about the current scene; null if they can be asked. */
  get lack(): string | null {
    const { question, style } = this.state.scene;
    return isAskable(this.observation, question, style)
      ? null
      : 'The image does not show the answer. A or B is hidden, or A and B are at the same position. Move an object.';
  }

  renew(style: Style): void {
    this.change(newScene(seed(), style));
    this.update({ selected: 0 });
  }

  ask(question: Partial<SandboxScene['question']>): void {
    const { scene } = this.state;
    this.change({ ...scene, question: { ...scene.question, ...question } });
  }

  select(index: number): void {
    this.update({ selected: index });
  }

  selectNext(): void {
    this.select((this.state.selected + 1) % this.state.scene.world.objects.length);
  }

  toggleLook(): void {
    const looks = !this.model.state.looks;
    this.endLooks();
    this.model.update({ looks });
    if (looks) this.askSoon();
  }

  choose(change: Partial<MapChoice>): void {
    const { choice } = this.state;
    if (choice) this.update({ choice: { ...choice, ...change } });
  }

  /** Moves an object as far as there is free space. */
  move(index: number, to: OnFloor): void {
    const { scene } = this.state;
    if (this.state.walking !== null) return;
    const world = moved(scene.world, index, to, scene.size);
    if (world !== scene.world) this.change({ ...scene, world });
    else this.select(index);
  }

  /** Moves the selected object by shares of its distance from the camera: sideways, and away from the camera. */
  step(across: number, away: number): void {
    const { scene, selected } = this.state;
    const { x, z } = scene.world.objects[selected]!;
    const depth = Math.max(1, Math.abs(z));
    this.move(selected, { x: x + across * depth, z: z + away * depth });
  }

  /** Moves the first-named object of the question along a line until the model's answer changes. */
  async findBreak(id: string): Promise<void> {
    const { scene } = this.state;
    if (this.state.walking !== null || !this.models.some((model) => model.id === id)) return;
    const line = lineThrough(scene);
    if (!line) return this.model.update({ problem: this.lack });
    this.walk = new AbortController();
    const { signal } = this.walk;
    this.update({ walking: id, found: without(this.state.found, id) });
    clearTimeout(this.rest);
    this.endLooks();
    try {
      await this.onWay.get(id);
      const place = async (i: number): Promise<FoundRow> => {
        const at = line.scenes[i]!;
        this.update({ scene: at });
        return { scene: at, asked: await this.call(id, at, false, signal) };
      };
      const { change, answers } = await findChange(line.scenes.length, line.start, place, says);
      const pair = change?.answers ?? rightAndWrong([...answers.values()]);
      const found = pair && {
        kind: change ? ('change' as const) : ('stubborn' as const),
        from: scene,
        rows: [await this.both(id, pair[0], signal), await this.both(id, pair[1], signal)] as const,
      };
      this.update({ found: { ...this.state.found, [id]: found }, scene: pair?.[1].scene ?? scene });
    } catch (error) {
      this.update({ scene });
      if (!signal.aborted) this.model.update({ problem: (error as Error).message });
    } finally {
      this.walk = null;
      this.update({ walking: null });
      this.askSoon();
    }
  }

  cancel(): void {
    this.walk?.abort();
  }

  /** Saves the scenes that the search found for a model, or else the current scene, with the models' answers. */
  async save(id?: string): Promise<void> {
    const { scene, found, answers } = this.state;
    const rows = (id === undefined ? undefined : found[id])?.rows.map((row) => ({
      scene: row.scene,
      asked: [row.asked],
    }));
    const now = Object.values(answers).flatMap((answer) => (answer.scene === scene && answer.asked) || []);
    if (!rows && this.lack !== null) return this.model.update({ problem: this.lack });
    await this.model.host.call('saveScenes', { rows: rows ?? [{ scene, asked: now }] });
  }

  dispose(): void {
    clearTimeout(this.rest);
    this.stop.abort();
    this.endLooks();
    this.cancel();
  }

  private endLooks(): void {
    this.looking.abort();
    this.looking = new AbortController();
  }

  /** Shows another scene, such as the scene before a search, and asks all models about it. */
  change(scene: SandboxScene): void {
    this.endLooks();
    this.update({ scene, found: {} });
    this.askSoon();
  }

  /** Asks all models after a pause in the object's movement. */
  askSoon(): void {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      for (const { id } of this.models) void this.askOne(id);
    }, REST_MS);
  }

  /** Asks a model about the current scene. If a question is in progress, asks after that question ends. */
  private askOne(id: string): Promise<void> {
    const before = this.onWay.get(id);
    if (before) return before;
    const asking = this.askUntilCurrent(id).finally(() => this.onWay.delete(id));
    this.onWay.set(id, asking);
    return asking;
  }

  private async askUntilCurrent(id: string): Promise<void> {
    while (this.state.walking === null && !this.stop.signal.aborted) {
      const { scene, answers, looks } = this.state;
      if (this.lack !== null) return;
      if (answers[id]?.scene !== scene) await this.answer(id, scene);
      else if (this.model.state.looks && answers[id].asked && looks[id]?.scene !== scene)
        await this.look(id, scene);
      else return;
    }
  }

  private async answer(id: string, scene: SandboxScene): Promise<void> {
    const set = (answer: Partial<SandboxAnswer>) => {
      const before = this.state.answers[id] ?? { scene, asked: null, state: 'asking', message: '' };
      this.update({ answers: { ...this.state.answers, [id]: { ...before, ...answer } } });
    };
    set({ state: 'asking', message: '' });
    try {
      const asked = await this.call(id, scene, true, this.stop.signal, ({ phase }) =>
        set({ message: phase }),
      );
      set({ scene, state: 'done', message: '', asked });
    } catch (error) {
      if (this.stop.signal.aborted) return;
      set({ scene, state: 'failed', message: (error as Error).message, asked: null });
    }
  }

  /** Analyses the attention of a model that has just answered, unless the scene changes first. */
  private async look(id: string, scene: SandboxScene): Promise<void> {
    const { signal } = this.looking;
    const { strategy } = this.model.state;
    const seen = await this.model.host.call('lookAtScene', { model: id, scene, strategy }, { signal }).then(
      (look): SandboxLook => ({ scene, look, problem: '' }),
      (error: Error): SandboxLook => ({ scene, look: null, problem: error.message }),
    );
    if (signal.aborted) return;
    const choice = this.state.choice ?? (seen.look && firstChoice(seen.look));
    this.update({ looks: { ...this.state.looks, [id]: seen }, choice });
  }

  private async both(id: string, { scene }: FoundRow, signal: AbortSignal): Promise<FoundRow> {
    return { scene, asked: await this.call(id, scene, true, signal) };
  }

  private call(
    model: string,
    scene: SandboxScene,
    mirrored: boolean,
    signal: AbortSignal,
    onPhase: (news: { phase: string }) => void = () => undefined,
  ): Promise<ModelAnswers> {
    const { strategy } = this.model.state;
    const onProgress = (news: AskUpdate) => {
      if ('phase' in news) onPhase(news);
    };
    return this.model.host.call('askScene', { model, scene, mirrored, strategy }, { signal, onProgress });
  }

  private update(change: Partial<SandboxState>): void {
    this.state = { ...this.state, ...change };
    // A closed sandbox must not update the page.
    if (!this.stop.signal.aborted) this.model.update({ sandbox: this.state.scene, found: this.state.found });
  }
}

/** Returns the wording of new scenes. Models of the embedded engine know only the words of compact questions. */
const styleFor = ({ state: { host } }: SandboxOwner): Style =>
  host?.models.length && host.sees?.startsWith('embedded') ? 'compact' : 'english';

const seed = (): Random => Random.from(`${Date.now()}`);

const says = ({ asked }: FoundRow): string => (asked.views[0]!.majority.answer ?? '').trim().toLowerCase();

export const isRight = ({ asked }: FoundRow): boolean => asked.views[0]!.completions[0]!.right === true;

/** Returns a row with a right answer and a row with a wrong answer; null if either is missing. */
function rightAndWrong(rows: readonly FoundRow[]): readonly [FoundRow, FoundRow] | null {
  const [right, wrong] = [rows.find(isRight), rows.find((row) => !isRight(row))];
  return right && wrong ? [right, wrong] : null;
}

const without = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
