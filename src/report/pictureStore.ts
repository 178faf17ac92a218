import { html } from './html.ts';
import type { Html } from './html.ts';
import { dataUri } from './mapPicture.ts';
import type { RunPictures } from './reportPage.ts';

/** Every picture that the page shows more than once, each a single time; `picture` refers to them. */
export function pictureStore(pictures: readonly RunPictures[]): Html {
  const stored = (id: string, png: Uint8Array): Html => html`<image id="${id}" width="1" height="1" href="${dataUri(png)}"/>`;
  return html`<svg width="0" height="0" aria-hidden="true"><defs>${pictures.map(({ image }, run) => stored(imageId(run), image))}
${pictures[0].previews.map((png, column) => stored(previewId(column), png))}</defs></svg>`;
}

/** The finished image of a run. */
export function imageId(run: number): string {
  return `image-${run}`;
}

/** The first run's preview in a column of the axis; the page's script counts on this name. */
export function previewId(column: number): string {
  return `preview-${column}`;
}

/** A picture of the store. @param over drawn on top of it */
export function picture(id: string, over?: Html): Html {
  return html`<svg viewBox="0 0 1 1" aria-hidden="true"><use href="#${id}"${over !== undefined && html` class="under"`}/>${over}</svg>`;
}
