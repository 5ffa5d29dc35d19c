// One clock for all relative times of a page; it rests while nobody looks.
import { onScopeDispose, readonly, ref, type Ref } from 'vue'

const now = ref(Date.now())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

function settle(): void {
  const wanted = users > 0 && document.visibilityState !== 'hidden'
  if (wanted && timer === undefined) {
    now.value = Date.now()
    timer = setInterval(() => { now.value = Date.now() }, 1_000)
  } else if (!wanted && timer !== undefined) {
    clearInterval(timer)
    timer = undefined
  }
}
document.addEventListener('visibilitychange', settle)

/** The time, each second. */
export function useNow(): Readonly<Ref<number>> {
  users += 1
  settle()
  onScopeDispose(() => {
    users -= 1
    settle()
  })
  return readonly(now)
}
