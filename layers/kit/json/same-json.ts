/** Whether two values write the same JSON: the order of members, absent ones and prototypes do not matter. */
export function isSameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => isSameJson(item, right[index]))
    );
  }
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  const [one, other] = [left as Record<string, unknown>, right as Record<string, unknown>];
  return [...names].every((name) => isSameJson(one[name], other[name]));
}
