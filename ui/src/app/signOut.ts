import type { Router } from 'vue-router'
import { useMe, useToasts } from '@/stores'

/** Unsaved changes may hold it back; afterwards nothing of the person is left in this browser. */
export async function signOut(router: Router): Promise<void> {
  const failure = await router.push({ name: 'sign-in', query: { bye: '1' } })
  if (failure !== undefined) return
  try {
    await useMe().signOut()
  } catch (error) {
    useToasts().problem(error)
    await router.replace({ name: 'sign-in' })
  }
}
