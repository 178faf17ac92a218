import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import type { ComponentChildren, Ref } from 'preact';

/** What all elements of the toolkit take. */
interface ElementProps {
  readonly children?: ComponentChildren;
  readonly title?: string | undefined;
  readonly ref?: Ref<HTMLElement> | undefined;
}

type EventOf<E extends HTMLElement> = Event & { readonly currentTarget: E };
type CheckboxElement = HTMLElement & { readonly checked: boolean };
type TextElement = HTMLElement & { readonly value: string };

/**
 * The one place that names a UI toolkit: @vscode-elements/elements, to which the maintainers of the deprecated @vscode/webview-ui-toolkit point.
 * These three cost 51 kB with their base. Its select costs another 50 kB and draws its list inside the panel, where a narrow panel cuts it off;
 * so select, slider, number field and segmented choice are the browser's own, in the theme's colours.
 */
declare module 'preact' {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how Preact's types are extended
  namespace JSX {
    interface IntrinsicElements {
      'vscode-button': ElementProps & { readonly secondary: boolean; readonly disabled: boolean; readonly onClick: () => void };
      'vscode-checkbox': ElementProps & { readonly checked: boolean; readonly 'aria-label': string; readonly onChange: (event: EventOf<CheckboxElement>) => void };
      'vscode-textfield': ElementProps & {
        readonly type: 'search'; readonly label: string; readonly placeholder: string; readonly value: string;
        readonly onInput: (event: EventOf<TextElement>) => void; readonly onKeyDown?: ((event: KeyboardEvent) => void) | undefined;
      };
    }
  }
}
