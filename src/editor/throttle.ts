/** Calls that come faster than wanted: the first is passed on at once, the last of each interval at its end. */
export interface Throttle {
  call(): void;
  /** Drop what is pending. */
  dispose(): void;
}

/** Pass `action` on at most once every `intervalMs`. */
export function throttle(intervalMs: number, action: () => void): Throttle {
  let timer: NodeJS.Timeout | undefined;
  let again = false;

  function open(): void {
    timer = undefined;
    if (again) pass();
  }
  function pass(): void {
    again = false;
    timer = setTimeout(open, intervalMs);
    action();
  }
  return {
    call() {
      if (timer === undefined) pass();
      else again = true;
    },
    dispose() {
      clearTimeout(timer);
      again = false;
    },
  };
}
