import type { StepMessage } from '../../engine/protocol.ts';
import type { PanelSite, ToPanel } from '../../../webview/protocol.ts';
import { emptyData, panelMessages, stepOf } from './panelMessages.ts';
import type { PanelFrame, PanelReader } from './panelMessages.ts';
import { readImage } from './runContent.ts';
import type { Shown } from './shown.ts';

/** Sends one message to the webview; resolves when it has been taken. */
export type Post = (message: ToPanel) => PromiseLike<unknown>;

/**
 * Keeps one panel up to date. A panel that is hidden hears nothing and forgets everything: it is sent the whole again when it says that it is ready.
 */
export class TimelineFeed {
  readonly #post: Post;
  readonly #reader: PanelReader;
  readonly #onError: (error: unknown) => void;
  readonly #onShown: (folders: readonly string[]) => void;
  #frame: PanelFrame;
  #content: () => Shown | undefined = () => undefined;
  #awake = false;
  #turn = 0;
  /** What the panel has been told that it shows; undefined while that is still to be sent. */
  #told: { readonly shown: Shown | undefined; readonly sites: readonly PanelSite[] } | undefined;
  /** What came while the panel was being told: to be done once it knows what it shows. */
  readonly #missed: (() => void)[] = [];
  #sending: Promise<void> = Promise.resolve();

  /** @param onShown told the folders of the stored runs whenever they are about to be shown */
  constructor({ post, reader, frame, onError, onShown = () => undefined }: {
    post: Post; reader: PanelReader; frame: PanelFrame; onError: (error: unknown) => void; onShown?: (folders: readonly string[]) => void;
  }) {
    this.#post = post;
    this.#reader = reader;
    this.#frame = frame;
    this.#onError = onError;
    this.#onShown = onShown;
  }

  get frame(): PanelFrame {
    return this.#frame;
  }

  /** What the panel shows; undefined: nothing yet. */
  get shown(): Shown | undefined {
    return this.#content();
  }

  /** Resolves when everything asked for so far has been sent. */
  get settled(): Promise<void> {
    return this.#sending;
  }

  /** Show something else. @param content asked for whenever the panel is filled: runs become complete in between */
  show(content: () => Shown | undefined, frame: Partial<PanelFrame>): void {
    this.#content = content;
    this.#frame = { ...this.#frame, ...frame };
    this.#resend();
  }

  /** The panel is there, and empty. */
  wake(): void {
    this.#awake = true;
    this.#resend();
  }

  /** The panel is hidden. */
  sleep(): void {
    this.#awake = false;
    this.#turn += 1;
    this.#told = undefined;
    this.#missed.length = 0;
  }

  /** State or staleness have changed. */
  update(change: Partial<Pick<PanelFrame, 'state' | 'stale'>>): void {
    this.#frame = { ...this.#frame, ...change };
    const { state, stale } = this.#frame;
    if (this.#told !== undefined) this.#send({ type: 'state', state, stale });
  }

  /** What else stands around the runs has changed. */
  reframe(change: Partial<PanelFrame>): void {
    this.#frame = { ...this.#frame, ...change };
    this.#resend();
  }

  /** A step of a run in the making; it is also among the `received` of what is shown. */
  step(message: StepMessage): void {
    if (!this.#awake) return;
    if (this.#told === undefined) this.#missed.push(() => { this.step(message); });
    if (this.#told?.shown === undefined) return;
    const { shown, sites } = this.#told;
    const run = shown.runs.findIndex(({ seed }) => seed === message.seed);
    if (run < 0) return;
    if (sites.length === 0 && message.codes.length > 0) this.#resend(); // only now the shape of the sites is known
    else {
      const step = stepOf(run, message, shown.steps, sites);
      if (step !== undefined) this.#send(step);
    }
  }

  /** A run in the making has been stored in its folder. */
  finished(seed: number): void {
    if (!this.#awake) return;
    if (this.#told === undefined) this.#missed.push(() => { this.finished(seed); });
    const runs = this.#told?.shown?.runs ?? [];
    const run = runs.findIndex((each) => each.seed === seed);
    if (run < 0) return;
    const { folder } = runs[run];
    const turn = this.#turn;
    this.#enqueue(async () => {
      const image = await readImage(await this.#reader.find(folder));
      if (image !== null && turn === this.#turn) await this.#post({ type: 'image', run, folder, image });
    });
  }

  /** Send something that only matters to a panel that is shown now. */
  tell(message: ToPanel): void {
    if (this.#told !== undefined) this.#send(message);
  }

  #send(message: ToPanel): void {
    void Promise.resolve(this.#post(message)).catch(this.#onError);
  }

  #resend(): void {
    if (!this.#awake) return;
    const turn = ++this.#turn;
    this.#told = undefined;
    this.#missed.length = 0;
    this.#enqueue(async () => {
      if (turn !== this.#turn) return;
      const shown = this.#content();
      this.#onShown(shown?.runs.flatMap(({ complete, folder }) => (complete ? [folder] : [])) ?? []);
      if (shown === undefined) {
        this.#told = { shown, sites: [] };
        await this.#post({ type: 'data', data: emptyData(this.#frame) });
        return;
      }
      for await (const message of panelMessages(shown, () => this.#frame, this.#reader)) {
        if (turn !== this.#turn) return;
        if (message.type === 'data') this.#told = { shown, sites: message.data.sites };
        await this.#post(message);
        for (const again of this.#missed.splice(0)) again();
      }
    });
  }

  #enqueue(work: () => Promise<void>): void {
    this.#sending = this.#sending.then(work).catch(this.#onError);
  }
}
