import { signal } from '@preact/signals';

/** Whether nobody looks at the page: another tab is in front. */
export const isHidden = signal(document.hidden);

document.addEventListener('visibilitychange', () => { isHidden.value = document.hidden; });
