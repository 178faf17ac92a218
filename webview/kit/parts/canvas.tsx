import { Component, createRef } from 'preact';
import type { JSX } from 'preact';
import { prepareCanvas } from '../paint/canvas.ts';

interface CanvasProps {
  readonly width: number;
  readonly height: number;
  readonly paint: (context: CanvasRenderingContext2D) => void;
  /** It is painted again when one of these is another one. */
  readonly inputs: readonly unknown[];
}

/** A surface for a painter; what it shows is said in words by what surrounds it. */
export class Canvas extends Component<CanvasProps> {
  readonly #canvas = createRef<HTMLCanvasElement>();

  override shouldComponentUpdate({ width, height, inputs }: CanvasProps): boolean {
    return width !== this.props.width || height !== this.props.height || inputs.some((input, at) => input !== this.props.inputs[at]);
  }

  override componentDidMount(): void {
    this.#paint();
  }

  override componentDidUpdate(): void {
    this.#paint();
  }

  override render(): JSX.Element {
    return <canvas ref={this.#canvas} aria-hidden="true" />;
  }

  #paint(): void {
    const { width, height, paint } = this.props;
    const context = this.#canvas.current === null || width <= 0 ? null : prepareCanvas(this.#canvas.current, width, height);
    if (context !== null) paint(context);
  }
}
