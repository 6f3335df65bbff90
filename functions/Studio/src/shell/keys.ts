import { aboutIsOpen } from './About';
import { go } from './route';

/** Whether keys are letters to whatever has the focus. */
export const isTyping = (target: EventTarget | null) =>
  target instanceof Element && target.closest('input:not([type=range]), textarea, select, [contenteditable]') !== null;

/** Whether a key is for the page: no dialog is open, and it is no shortcut of the browser. */
export const isForPage = (event: KeyboardEvent) =>
  !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target) && !document.querySelector('dialog[open]');

/** The keys of every screen. */
export function listenToKeys(): void {
  addEventListener('keydown', event => {
    if (!isForPage(event)) return;
    if (event.key === 'n') go({ screen: 'start' });
    else if (event.key === 'g') go({ screen: 'gallery' });
    else if (event.key === '?') aboutIsOpen.value = true;
  });
}
