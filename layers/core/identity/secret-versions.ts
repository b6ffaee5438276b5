/** A secret as it is kept: a value per version, `{"v1": "…", "v2": "…"}`. */
export type VersionedSecret = Readonly<Record<string, string>>;

/** The version with the highest number: what new digests, tokens and seals are made with. */
export function newestVersion(secret: VersionedSecret): { version: string; value: string } {
  const numbered = Object.entries(secret).flatMap(([version, value]) => {
    const number = /^v(\d+)$/.exec(version)?.[1];
    return number === undefined || value === '' ? [] : [{ version, value, number: Number(number) }];
  });
  const [newest] = numbered.toSorted((left, right) => right.number - left.number);
  if (!newest) throw new Error('A versioned secret holds no version.');
  return { version: newest.version, value: newest.value };
}
