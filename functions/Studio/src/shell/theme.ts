import { effect, signal } from '@preact/signals';
import { keep, recall } from './storage';

export type Theme = 'system' | 'light' | 'dark';

const Item = 'imagic-theme';
const Order: Theme[] = ['system', 'light', 'dark'];

export const theme = signal<Theme>(Order.find(other => other === recall('localStorage', Item)) ?? 'system');

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  keep('localStorage', Item, theme.value);
});

export function nextTheme(): void {
  theme.value = Order[(Order.indexOf(theme.value) + 1) % Order.length]!;
}
