/** The little XML that the object store's protocol needs: writing answers, reading the three bodies that clients send. */

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
};
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function escapeText(text: string): string {
  return text.replace(/[&<>"'\r]/g, (character) => ESCAPES[character]!);
}

export function unescapeText(text: string): string {
  return text.replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
    if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    return ENTITIES[name] ?? whole;
  });
}

type XmlContent = string | number | boolean | XmlElement[];
export type XmlElement = readonly [name: string, content: XmlContent];

function element([name, content]: XmlElement): string {
  const inner = Array.isArray(content) ? content.map(element).join('') : escapeText(String(content));
  return `<${name}>${inner}</${name}>`;
}

export function document(root: string, children: XmlElement[]): string {
  const inner = children.map(element).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${root}>`;
}

/** The inner texts of all elements of a name, in order. */
export function innerTexts(xml: string, name: string): string[] {
  const pattern = new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g');
  return [...xml.matchAll(pattern)].map((match) => match[1]!);
}
