interface FrameTasks {
  /** Longest stretch of work between two frames. */
  readonly sliceMs: number;
  /** What a frame needs before it is drawn. */
  readonly prepare?: () => void;
  /** One slice of what can wait, as long as `goOn` says so. @returns whether there was anything to do */
  readonly work: (goOn: () => boolean) => boolean;
}

/** Draws once a frame at most, and works between frames in slices. */
export class Frames {
  listener: () => void = () => undefined;
  readonly #tasks: FrameTasks;
  #drawing = false;
  #working = false;

  constructor(tasks: FrameTasks) {
    this.#tasks = tasks;
  }

  /** Draw with the next frame. */
  ask(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#tasks.prepare?.();
      this.listener();
      this.#workLater();
    });
  }

  #workLater(): void {
    if (this.#working) return;
    this.#working = true;
    setTimeout(() => { // not requestIdleCallback: a busy machine has no idle moment for seconds
      this.#working = false;
      const end = performance.now() + this.#tasks.sliceMs;
      if (this.#tasks.work(() => performance.now() < end)) this.ask();
    });
  }
}
