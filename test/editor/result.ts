/** One test that ran in the extension host. */
export interface EditorResult {
  readonly title: string;
  readonly ms: number;
  readonly error: string | null;
}
