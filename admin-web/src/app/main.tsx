import '../lib/without-eval.ts';

const { start } = await import('./start.tsx');
await start(document.getElementById('root'));
