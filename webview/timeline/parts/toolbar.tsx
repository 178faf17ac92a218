import type { JSX, Ref } from 'preact';
import { SearchField } from '../../kit/searchField.tsx';
import { Select } from '../../kit/select.tsx';
import { sortings } from '../model/orderRows.ts';
import type { PanelStore } from '../panelStore.ts';

/** Find and sort, and what the numbers at the right are. */
export function Toolbar({ store, searchRef }: { readonly store: PanelStore; readonly searchRef: Ref<HTMLElement> }): JSX.Element {
  const { texts, view } = store;
  return (
    <div class="toolbar" role="search">
      <span class="find">
        <SearchField
          label={texts.find} hint={texts.findHint} value={view.search} fieldRef={searchRef} onInput={(search) => { store.update({ search }); }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' && event.key !== 'ArrowDown' && event.key !== 'Enter') return;
            event.preventDefault();
            event.stopPropagation();
            if (event.key === 'Escape') store.update({ search: '' });
            store.wantList();
          }}
        />
      </span>
      <Select labelled label={texts.sort} value={view.sorting} options={sortings.map((value) => ({ value, text: texts[value] }))} onChange={(sorting) => { store.update({ sorting }); }} />
      <span class="numbers headings" aria-hidden="true">
        <span class="mark-number">{texts.onset}<i>{texts.unitStep}</i></span>
        <span class="mark-number">{texts.peak}<i>{texts.unitStep}</i></span>
        <span class="mark-number">{texts.settle}<i>{texts.unitStep}</i></span>
        <span class="strength">{texts.strength}<i>{texts.unitPicture}</i></span>
      </span>
    </div>
  );
}
