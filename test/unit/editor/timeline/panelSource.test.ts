import { describe, expect, it } from 'vitest';
import { formatSource, parseSource } from '../../../../src/editor/timeline/panelSource.ts';
import type { PanelSource } from '../../../../src/editor/timeline/panelSource.ts';

describe('what a panel shows', () => {
  it('comes back from the page as it went there', () => {
    const sources: PanelSource[] = [
      { kind: 'spec', uri: 'file:///ws/a%20b/house.dmi.json' }, { kind: 'spec', uri: 'untitled:house.dmi.json' },
      { kind: 'runs', uris: ['file:///ws/.dmi/runs/0123'] }, { kind: 'runs', uris: ['file:///a', 'file:///b'] },
    ];
    for (const source of sources) expect(parseSource(formatSource(source))).toEqual(source);
  });

  it('is not taken from anything else', () => {
    for (const text of [undefined, 3, {}, '', 'runs', 'a path', 'file:///a\nfile:///b', 'runs\nnot a uri', `file:///${'a'.repeat(70_000)}`]) expect(parseSource(text)).toBeUndefined();
  });
});
