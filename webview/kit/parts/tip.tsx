import { useLayoutEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';

/** A few lines beside the pointer. */
export interface TipContent {
  readonly x: number;
  readonly y: number;
  readonly lines: readonly string[];
}

/** From the pointer, and from the window's edges. */
const distance = 14;
const margin = 4;

/** What is under the pointer, in words, beside it. */
export function Tip({ tip }: { readonly tip: TipContent | null }): JSX.Element | null {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null || tip === null) return;
    const { width, height } = current.getBoundingClientRect();
    const left = Math.min(tip.x + distance, window.innerWidth - width - margin);
    const below = tip.y + distance + height + margin <= window.innerHeight;
    current.style.transform = `translate(${Math.max(left, margin)}px, ${below ? tip.y + distance : tip.y - distance - height}px)`;
  });
  if (tip === null) return null;
  return <div class="tip" ref={element} aria-hidden="true">{tip.lines.map((line, at) => <div key={at} class={at === 0 ? 'tip-head' : ''}>{line}</div>)}</div>;
}
