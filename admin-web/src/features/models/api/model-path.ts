/** Names of models may have slashes, which the path keeps: `meta-llama/Llama-3.3`. */
export function modelPath(name: string): string {
  return `/api/admin/models/${name.split('/').map(encodeURIComponent).join('/')}`;
}
