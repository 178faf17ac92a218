import type { ComponentChildren, JSX } from 'preact';

const signs = { info: 'i', warning: '!', error: '×' } as const;

interface NoteProps {
  readonly kind: keyof typeof signs;
  readonly children: ComponentChildren;
  readonly actions?: ComponentChildren;
}

/** What the state of a panel is, where it is more than done; with what can be done about it. */
export function Note({ kind, children, actions }: NoteProps): JSX.Element {
  return <div class={`note ${kind}`}><span class="sign" aria-hidden="true">{signs[kind]}</span><p>{children}</p><span class="actions">{actions}</span></div>;
}
