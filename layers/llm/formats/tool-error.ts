import type { ToolResultPart } from '../neutral/parts.ts';

type Content = ToolResultPart['content'];

/** Tells the model, in formats whose results have no field for it, that a tool failed; read back where it comes again. */
const MARK = '[tool error] ';

/** The content as it is, or beginning with the mark. */
export function markToolError({ content, isError }: Pick<ToolResultPart, 'content' | 'isError'>): Content {
  if (!isError) return content;
  const [first, ...rest] = content;
  if (first?.type === 'text') return [{ ...first, text: MARK + first.text }, ...rest];
  return [{ type: 'text', text: MARK }, ...content];
}

export function readToolError(content: Content): Pick<ToolResultPart, 'content' | 'isError'> {
  const [first, ...rest] = content;
  if (first?.type !== 'text' || !first.text.startsWith(MARK)) return { content, isError: false };
  const text = first.text.slice(MARK.length);
  return { content: text === '' ? rest : [{ ...first, text }, ...rest], isError: true };
}
