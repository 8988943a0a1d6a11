import { type RefObject, useLayoutEffect, useState } from 'react';

/** How wide the element is, in pixels, as it changes. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, set] = useState(0);
  useLayoutEffect(() => {
    const found = element.current;
    if (!found) return undefined;
    const observer = new ResizeObserver(([entry]) => entry && set(Math.floor(entry.contentRect.width)));
    observer.observe(found);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
