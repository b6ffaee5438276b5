import { createKeptText } from '@sluice/llm/formats/openai-chat/kept-text';

describe('the text that is kept of an answer', () => {
  const say = (
    kept: ReturnType<typeof createKeptText>,
    text: string,
    kind: 'output' | 'reasoning' = 'output',
  ): void => {
    const bytes = Buffer.from(text);
    kept.keep(kind, bytes, 0, bytes.length);
  };

  it('is all of it, both kinds apart, pieces joined where they were cut', () => {
    const kept = createKeptText();
    say(kept, 'caf\\u00');
    say(kept, 'thoughts', 'reasoning');
    say(kept, 'e9 😀');
    expect(kept.read()).toEqual({ output: 'café 😀', reasoning: 'thoughts', unkeptBytes: 0 });
  });

  it('ends at a mebibyte of each kind, and what came behind is counted', () => {
    const kept = createKeptText();
    const piece = 'x'.repeat(64 * 1024);
    for (let round = 0; round < 100; round += 1) say(kept, piece);
    say(kept, 'still kept', 'reasoning');
    const { output, reasoning, unkeptBytes } = kept.read();
    expect(output).toHaveLength(1024 * 1024);
    expect(reasoning).toBe('still kept');
    expect(unkeptBytes).toBe(84 * 64 * 1024);
  });
});
