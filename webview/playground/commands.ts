import type { PlaygroundCommand } from '../../src/core/protocol/playground.ts';
import { isTextField, tellTyping, wasText } from '../ui/keyboard.ts';
import type { PlaygroundModel } from './model.ts';

/** What the panel's commands do. @param fromKey it came from the host, which hears the keys of text fields too */
export function runCommand(model: PlaygroundModel, name: PlaygroundCommand, fromKey = false): void {
  const single = !['ask', 'cancel'].includes(name);
  if (fromKey && single && wasText()) return;
  const { state } = model;
  switch (name) {
    case 'ask':
      return void model.askAll();
    case 'cancel':
      return model.cancel();
    case 'pickPicture':
      return void model.host.call('pickPicture', null);
    case 'addModel':
      return void model.host.call('addModel', null);
    case 'save':
      return void model.save();
    case 'editQuestion':
      return document.getElementById('question')?.focus();
    case 'swap':
      return model.update({ swapped: !state.swapped });
    case 'toggleBoxes':
      return model.update({ boxes: !state.boxes });
    case 'toggleGraph':
      return model.update({ graph: !state.graph });
    case 'older':
      return model.move(-1);
    case 'newer':
      return model.move(1);
    case 'showKeys':
      return model.update({ showKeys: true });
  }
}

/** Single keys are text while a text field has the focus. */
export function listenForKeys(model: PlaygroundModel): void {
  tellTyping((on) => model.host.notify('typing', { on }));
  addEventListener('keydown', (event) => {
    const field = document.activeElement;
    if (!isTextField(field)) {
      // Where it is on a keyboard differs from country to country; the character is the same.
      if (event.key === '?' && !event.ctrlKey && !event.metaKey) model.update({ showKeys: true });
      return;
    }
    if (event.key === 'Escape') (field as HTMLElement).blur();
  });
}

/** Pictures that are dropped on the page, or pasted. */
export function listenForPictures(model: PlaygroundModel): void {
  const take = async (data: DataTransfer | null): Promise<void> => {
    const file = [...(data?.files ?? [])].find(({ type }) => type.startsWith('image/'));
    const uri = (data?.getData('application/vnd.code.uri-list') || data?.getData('text/uri-list') || '')
      .split(/\r?\n/)
      .find((line) => /^(?:file|vscode-remote):/.test(line));
    try {
      if (file) {
        const bytes = new Uint8Array(await file.arrayBuffer());
        await model.host.call('takePicture', { name: file.name || 'pasted picture', bytes });
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
