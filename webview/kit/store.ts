import type { PanelState } from '../protocol.ts';
import { atRest } from './atRest.ts';
import { Frames } from './frames.ts';
import type { Host } from './host.ts';
import { readPalette, watchTheme } from './paint/palette.ts';
import type { Palette } from './paint/palette.ts';
import { Pictures } from './paint/pictures.ts';

/** Longest stretch of work between two frames. */
const sliceMs = 5;

/** What every panel knows: how its run goes, the theme, and how someone looks at it; parts draw a store, and call its methods. */
export abstract class Store<Message, View extends object> {
  readonly pictures = new Pictures(() => { this.changed(); });
  abstract view: View;
  state: PanelState = { kind: 'loading' };
  stale = false;
  palette: Palette = readPalette(document.body);
  /** Said to those who do not see the panel; also what did not work. */
  notice = '';

  protected readonly host: Host<Message>;
  readonly #frames = new Frames({ sliceMs, prepare: () => { this.prepare?.(); }, work: (goOn) => this.work?.(goOn) ?? false });
  readonly #keep = atRest(() => { this.host.keep(this.memory()); });

  constructor(host: Host<Message>) {
    this.host = host;
    watchTheme(() => {
      this.palette = readPalette(document.body);
      this.changed();
    });
  }

  /** Called once a frame at most, when something has changed. */
  onChange(listener: () => void): void {
    this.#frames.listener = listener;
  }

  /** Change how it is looked at. */
  update(change: Partial<View>): void {
    this.view = { ...this.view, ...change };
    this.#keep();
    this.changed();
  }

  say(text: string): void {
    this.notice = text;
    this.changed();
  }

  /** How the run goes, as the host tells it. */
  protected takeState({ state, stale }: { readonly state: PanelState; readonly stale: boolean }): void {
    this.state = state;
    this.stale = stale;
  }

  protected changed(): void {
    this.#frames.ask();
  }

  /** What a reload must not lose. */
  protected memory(): unknown {
    return this.view;
  }

  /** What a frame needs before it is drawn. */
  protected prepare?(): void;

  /** One slice of what can wait, as long as `goOn` says so. @returns whether there was anything to do */
  protected work?(goOn: () => boolean): boolean;
}
