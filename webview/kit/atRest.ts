/** Pause after which a hand is at rest. */
const restMs = 150;

/** Something that is done once the hand rests, however often it is asked for until then. */
export function atRest(action: () => void): () => void {
  let timer: number | undefined;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(action, restMs);
  };
}
