import type { SnippetValues } from '../../../lib/snippets.ts';

export type Values = Required<SnippetValues>;

/** Something to paste, and where it goes. */
export interface Snippet {
  /** A file's name, or what the text is. Shown as it is, in every language. */
  title: string;
  text: string;
  /** What goes in is for a terminal, for a file, or for a form's fields. */
  into: 'terminal' | 'file' | 'fields';
}
