import type { State } from '../api/types';

/** "3 min 20 s", for a length of time in seconds. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 5400) return `${Math.round(whole / 60)} min`;
  return `${Math.floor(whole / 3600)} h ${Math.round(whole % 3600 / 60)} min`;
}

/** "about 3 minutes", of a time that is a guess. */
export function about(seconds: number): string {
  if (seconds < 10) return 'a few seconds';
  if (seconds <= 50) return `about ${Math.ceil(seconds / 10) * 10} seconds`;
  if (seconds < 90) return 'about a minute';
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} minutes`;
  return `about ${Math.round(seconds / 3600)} hours`;
}

export const StateWords: Record<State, string> = { queued: 'waiting', running: 'working', succeeded: 'done', failed: 'failed', cancelled: 'cancelled' };

export const capital = (words: string) => words.replace(/^./, first => first.toUpperCase());

const Units: [Intl.RelativeTimeFormatUnit, number][] = [['year', 31_536_000], ['month', 2_592_000], ['week', 604_800], ['day', 86_400], ['hour', 3600], ['minute', 60]];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** "3 days ago". */
export function age(from: string, now = Date.now()): string {
  const seconds = (now - Date.parse(from)) / 1000;
  const [unit, length] = Units.find(([, length]) => seconds >= length) ?? [];
  return unit ? relative.format(-Math.floor(seconds / length!), unit) : 'just now';
}

/** "5 minutes ago, 14:05": of two that were made one after the other, which is which. */
export function moment(from: string, now = Date.now()): string {
  const isRecent = now - Date.parse(from) < 7 * 86_400_000;
  return isRecent ? `${age(from, now)}, ${clock.format(Date.parse(from))}` : age(from, now);
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

export const count = new Intl.NumberFormat('en').format;
