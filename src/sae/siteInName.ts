const site = /(?:down_blocks\.\d+|mid_block|up_blocks\.\d+)\.attentions\.\d+/g;

/** The site that the path of a checkpoint names, as many of those published do; undefined where none or several are named. */
export function siteInName(path: string): string | undefined {
  const found = new Set(path.match(site));
  return found.size === 1 ? [...found][0] : undefined;
}
