import { Component } from 'preact';
import type { ComponentChild, FunctionComponent } from 'preact';

/** A component that is drawn again only when one of its props is another one. */
export function memo<P extends object>(draw: (props: P) => ComponentChild): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      return Object.keys(next).some((key) => key !== 'children' && next[key as keyof P] !== this.props[key as keyof P]);
    }

    override render(): ComponentChild {
      return draw(this.props);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}
