import { useLayoutEffect, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

/** Width and height of an element's content in whole CSS pixels; [0, 0] before it has been drawn. */
export function useSize(element: RefObject<HTMLElement>): readonly [width: number, height: number] {
  const [size, setSize] = useState<readonly [number, number]>([0, 0]);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return undefined;
    const measure = (): void => {
      const [width, height] = [current.clientWidth, current.clientHeight];
      setSize((known) => (known[0] === width && known[1] === height ? known : [width, height]));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => { observer.disconnect(); };
  }, [element]);
  return size;
}
