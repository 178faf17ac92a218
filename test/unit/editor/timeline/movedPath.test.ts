import { expect, it } from 'vitest';
import { movedPath } from '../../../../src/editor/timeline/movedPath.ts';

it('a path follows its file and the folders on its way, and no others', () => {
  const moves = [{ from: '/ws/a.dmi.json', to: '/ws/b.dmi.json' }, { from: '/ws/old', to: '/ws/new/old' }, { from: 'c:\\ws\\old', to: 'c:\\ws\\new' }];
  expect(movedPath('/ws/a.dmi.json', moves)).toBe('/ws/b.dmi.json');
  expect(movedPath('/ws/old/deep/a.dmi.json', moves)).toBe('/ws/new/old/deep/a.dmi.json');
  expect(movedPath('c:\\ws\\old\\.dmi\\runs\\1', moves)).toBe('c:\\ws\\new\\.dmi\\runs\\1');
  expect(['/ws/a.dmi.json2', '/ws/older/a.dmi.json', '/ws', '/other/ws/a.dmi.json'].map((path) => movedPath(path, moves))).toEqual([undefined, undefined, undefined, undefined]);
});
