import type { TimelineModel } from './model/timelineModel.ts';
import type { ConceptRef, View } from './view.ts';

/** A view of other data, which may lack what it speaks of. A live run's first data name no sites yet: then all is kept. */
export function withoutWhatIsGone(view: View, { sites, runs, axis }: TimelineModel): View {
  if (sites.length === 0) return view;
  const siteOf = (key: string) => sites.find((site) => site.key === key);
  const there = ({ site, concept }: ConceptRef): boolean => concept < (siteOf(site)?.site.n ?? 0);
  return {
    ...view,
    chosen: view.chosen !== null && there(view.chosen) ? view.chosen : null,
    ticked: view.ticked?.filter(there) ?? null,
    run: runs.some(({ title }) => title === view.run) ? view.run : null,
    step: view.step !== null && axis.steps.includes(view.step) ? view.step : null,
    open: view.open?.filter((key) => siteOf(key) !== undefined) ?? null,
  };
}
