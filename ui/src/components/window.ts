// Which rows of a long list are in sight. Browsers clip elements beyond some ten million pixels, so that a very long list is drawn on a shorter scale:
// the scroll bar moves over `heightMax`, and what is drawn stays beside it.

export const heightMax = 8_000_000

export interface Window {
  first: number
  last: number
  /** Height of the whole as the scroll bar knows it. */
  height: number
  /** Where the first row is drawn. */
  top: number
}

export function windowOf(count: number, rowHeight: number, scrollTop: number, viewHeight: number, beyond = 8): Window {
  const full = count * rowHeight
  const height = Math.min(full, heightMax)
  const scrollMax = Math.max(1, height - viewHeight)
  const fullMax = Math.max(1, full - viewHeight)
  const scale = full > heightMax ? fullMax / scrollMax : 1
  const at = Math.max(0, Math.min(scrollTop, height - viewHeight)) * scale
  const first = Math.max(0, Math.floor(at / rowHeight) - beyond)
  const last = Math.min(count, Math.ceil((at + viewHeight) / rowHeight) + beyond)
  return { first, last, height, top: first * rowHeight - at + at / scale }
}

/** Where to scroll so that the row is at the top of the view. */
export function scrollTopOf(index: number, count: number, rowHeight: number, viewHeight: number): number {
  const full = count * rowHeight
  if (full <= heightMax) return index * rowHeight
  const fullMax = full - viewHeight
  return (Math.min(index * rowHeight, fullMax) / fullMax) * (heightMax - viewHeight)
}
