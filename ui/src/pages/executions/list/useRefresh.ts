// Reads a list again while somebody looks at it. Slow answers are asked for less often.
import { onScopeDispose } from 'vue'

const pauseMs = 4_000
const slowness = 8

export function useRefresh(run: () => Promise<void>, isWanted: () => boolean): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed = false

  function next(ms: number): void {
    if (!closed) timer = setTimeout(() => void again(), ms)
  }
  async function again(): Promise<void> {
    if (document.visibilityState === 'hidden' || !isWanted()) {
      next(pauseMs)
      return
    }
    const begun = performance.now()
    await run()
    next(Math.max(pauseMs, (performance.now() - begun) * slowness))
  }

  next(pauseMs)
  onScopeDispose(() => {
    closed = true
    if (timer !== undefined) clearTimeout(timer)
  })
}
