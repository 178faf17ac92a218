import { useEffect, useState } from 'preact/hooks';

/** How the style sheet lays the stage out: beside the board, below it with the controls at its side, or all in one column. */
export const layouts = { wide: '(min-width: 1120px)', narrow: '(max-width: 719px)' } as const;

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => window.matchMedia(query).matches);
  useEffect(() => {
    const media = window.matchMedia(query);
    const look = (): void => { setMatches(media.matches); };
    media.addEventListener('change', look);
    return () => { media.removeEventListener('change', look); };
  }, [query]);
  return matches;
}
