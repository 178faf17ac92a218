import './elements.ts';
import type { ComponentChildren, JSX } from 'preact';

interface ButtonProps {
  readonly onPress: () => void;
  readonly children: ComponentChildren;
  /** The one thing to do next; at most one in a view. */
  readonly primary?: boolean;
  readonly disabled?: boolean;
  readonly title?: string;
}

/** Something to press. */
export function Button({ onPress, children, primary = false, disabled = false, title }: ButtonProps): JSX.Element {
  return (
    <vscode-button secondary={!primary} disabled={disabled} title={title} onClick={() => { if (!disabled) onPress(); }}>
      {children}
    </vscode-button>
  );
}
