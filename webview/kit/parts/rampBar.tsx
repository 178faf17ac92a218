import type { JSX } from 'preact';
import { Canvas } from './canvas.tsx';

/** A ramp for a legend, from its first colour to its last. */
export function RampBar({ colours, width = 72 }: { readonly colours: readonly string[]; readonly width?: number }): JSX.Element {
  return (
    <Canvas
      width={width} height={8} inputs={[colours]}
      paint={(context) => {
        colours.forEach((colour, level) => {
          context.fillStyle = colour;
          context.fillRect((level * width) / colours.length, 0, width / colours.length + 0.5, 8);
        });
      }}
    />
  );
}
