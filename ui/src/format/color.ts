// The accent of a tenant: a hue that its id decides, so that the same tenant looks the same on every screen.

// Hues that lie apart, or neighbours would be taken for one another; without the olive ones between orange and green.
const hues = [8, 28, 45, 62, 136, 152, 172, 200, 234, 258, 280, 300, 322, 345]

/** FNV-1a over the id. */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(id)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hues[((hash ^ (hash >>> 13)) >>> 0) % hues.length] ?? 215
}

/** Two letters for a tile where no logo is. */
export function initialsOf(name: string): string {
  const words = (name.split('@')[0] ?? '').trim().split(/[\s._-]+/).filter((word) => word !== '')
  const letters = words.length > 1 ? [words[0], words[1]].map((word) => [...(word ?? '')][0]) : [...(words[0] ?? '?')].slice(0, 2)
  return letters.join('').toUpperCase()
}
