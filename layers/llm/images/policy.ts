/** Words by which vendors tell that they will not draw this: codes and sentences. */
const POLICY =
  /content[ _-]?policy|moderation|safety (?:system|filter|policy|polic|reason)|safety_violation|usage polic|prohibited[ _]content|image_safety|responsible ai/i;

export function isPolicyText(text: string): boolean {
  return POLICY.test(text);
}
