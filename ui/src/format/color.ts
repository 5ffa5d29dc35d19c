// The accent of a tenant: a hue that its id decides, so that the same tenant looks the same on every screen.

/** FNV-1a over the id, spread over hues that lie apart; neighbours would be taken for one another. */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(id)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return ((hash ^ (hash >>> 13)) % 24) * 15
}

/** Two letters for a tile where no logo is. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/[\s._-]+/).filter((word) => word !== '')
  const letters = words.length > 1 ? [words[0], words[1]].map((word) => [...(word ?? '')][0]) : [...(words[0] ?? '?')].slice(0, 2)
  return letters.join('').toUpperCase()
}
