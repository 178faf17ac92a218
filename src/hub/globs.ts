/**
 * Whether one of some patterns fits a path: `*` any part of a name, `**` any number of names, `?` one letter. A pattern that ends with `/` means all below.
 * @param patterns separated by commas
 */
export function globFilter(patterns: string): (path: string) => boolean {
  const all = patterns.split(',').map((pattern) => pattern.trim()).filter((pattern) => pattern !== '').map((pattern) => namesOf(pattern));
  return (path) => {
    const names = path.split('/');
    return all.some((pattern) => fits(pattern, names));
  };
}

function namesOf(pattern: string): readonly string[] {
  return (pattern.endsWith('/') ? `${pattern}**` : pattern).split('/').filter((name, index, names) => name !== '**' || names[index - 1] !== '**');
}

/** Dynamic programming over both lists: no pattern takes more than its length times the path's. */
function fits(pattern: readonly string[], names: readonly string[]): boolean {
  let reached = new Set([0]); // how many names the pattern so far can have used
  for (const part of pattern) {
    const next = new Set<number>();
    for (const used of reached) {
      if (part === '**') for (let end = used; end <= names.length; end++) next.add(end);
      else if (used < names.length && fitsName(part, names[used])) next.add(used + 1);
    }
    reached = next;
  }
  return reached.has(names.length);
}

/** As `fits`, by letters. */
function fitsName(pattern: string, name: string): boolean {
  let reached = new Set([0]);
  for (const letter of pattern) {
    const next = new Set<number>();
    for (const used of reached) {
      if (letter === '*') for (let end = used; end <= name.length; end++) next.add(end);
      else if (used < name.length && (letter === '?' || letter === name[used])) next.add(used + 1);
    }
    reached = next;
  }
  return reached.has(name.length);
}
