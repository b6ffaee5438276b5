/** Offers text as a file, without sending it anywhere. */
export function saveText({ name, text, type = 'text/plain' }: { name: string; text: string; type?: string }): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
