import { signal } from '@preact/signals';

/** A file hovers over the page. */
export const hovering = signal(false);

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** Takes files that are dropped or pasted anywhere. */
export function takeFiles(take: (file: File) => void): void {
  let depth = 0;
  addEventListener('dragenter', event => { if (hasFiles(event)) { depth++; hovering.value = true; } });
  addEventListener('dragleave', event => { if (hasFiles(event)) hovering.value = --depth > 0; });
  addEventListener('dragover', event => { if (hasFiles(event)) event.preventDefault(); });
  addEventListener('drop', event => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    hovering.value = false;
    const file = event.dataTransfer!.files[0];
    if (file) take(file);
  });
  addEventListener('paste', event => {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    take(file);
  });
}
