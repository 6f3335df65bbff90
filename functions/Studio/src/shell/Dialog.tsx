import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

/** A dialog of the browser's own: it keeps the focus, Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, onClose, children }: { title: string; onClose(): void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current!.showModal();
    // A long one is read from its beginning, wherever the focus is.
    element.current!.scrollTop = 0;
    // Taken out of the page a dialog gives nothing back by itself.
    return () => { if (before instanceof HTMLElement) queueMicrotask(() => before.focus()); };
  }, []);
  return (
    <dialog
      ref={element} class="dialog" aria-labelledby={id}
      onCancel={event => { event.preventDefault(); onClose(); }}
      onMouseDown={event => { if (event.target === element.current) onClose(); }}
    >
      <div class="dialog-body">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
