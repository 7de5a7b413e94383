import type { PlaygroundModel } from './model.ts';

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
