import { useEffect, useRef, useState } from 'preact/hooks';
import { onSeen } from '../pictures/seen';

/** Whether an element is near the screen. */
export function useSeen<T extends Element>() {
  const element = useRef<T>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => onSeen(element.current!, setSeen), []);
  return { element, isSeen };
}
