// What super admins can do with a user, from the list and from the page of the user.
import { KeyRound, LockOpen, LogOut, Trash2, UserRoundCheck } from 'lucide-vue-next'
import { shallowRef, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { api } from '@/api'
import type { MenuItem } from '@/components'
import { confirm, useAction, type Action } from '@/compose'
import { useMe, useToasts } from '@/stores'

export interface Someone {
  id: string
  displayName: string
  superAdmin: boolean
  lockedUntil?: string | null
}
export interface ResetLink {
  name: string
  link: string
  expiresAt: string
}

/** A lock ends by itself. */
export function isLocked({ lockedUntil }: Pick<Someone, 'lockedUntil'>, now = Date.now()): boolean {
  return typeof lockedUntil === 'string' && Date.parse(lockedUntil) > now
}

export function useUserActions(changed: () => Promise<unknown>, deleted: () => Promise<unknown>): { menuOf(user: Someone): MenuItem[]; unlock: Action<[Someone]>; link: ShallowRef<ResetLink | undefined> } {
  const { t } = useI18n()
  const me = useMe()
  const router = useRouter()
  const link = shallowRef<ResetLink>()

  const reset = useAction(async (user: Someone) => {
    link.value = { name: user.displayName, ...await api.post('/api/v1/users/{id}/password-reset-link', { path: { id: user.id } }) }
  })
  const endSessions = useAction(async (user: Someone) => {
    if (!await confirm({ title: t('iam.endSessionsTitle', { name: user.displayName }), text: t('iam.endSessionsText'), confirm: t('iam.endSessions') })) return
    await api.delete('/api/v1/users/{id}/refresh-token', { path: { id: user.id } })
    useToasts().success(t('iam.sessionsEnded', { name: user.displayName }))
    await changed()
  })
  const impersonate = useAction(async (user: Someone) => {
    if (!await confirm({ title: t('iam.actAsTitle', { name: user.displayName }), text: t('iam.actAsText'), confirm: t('iam.actAs') })) return
    await api.post('/api/v1/users/{id}/impersonate', { path: { id: user.id } })
    // Nothing of the super admin stays behind in the page of somebody else.
    me.forget()
    location.assign(router.resolve({ name: 'root' }).href)
  })
  const remove = useAction(async (user: Someone) => {
    if (!await confirm({ title: t('iam.deleteUser', { name: user.displayName }), text: t('iam.deleteUserText'), confirm: t('common.delete'), danger: true })) return
    await api.delete('/api/v1/users/{id}', { path: { id: user.id } })
    useToasts().success(t('iam.userDeleted', { name: user.displayName }))
    await deleted()
  })

  const unlock = useAction(async (user: Someone) => {
    await api.delete('/api/v1/users/{id}/lock', { path: { id: user.id } })
    useToasts().success(t('iam.unlocked', { name: user.displayName }))
    await changed()
  })

  function menuOf(user: Someone): MenuItem[] {
    const isSelf = user.id === me.me?.id
    return [
      ...(isLocked(user) ? [{ label: t('iam.unlock'), icon: LockOpen, run: () => void unlock.run(user) }] : []),
      { label: t('iam.resetLink'), icon: KeyRound, run: () => void reset.run(user) },
      { label: t('iam.endSessions'), icon: LogOut, run: () => void endSessions.run(user) },
      ...(isSelf || user.superAdmin ? [] : [{ label: t('iam.actAs'), icon: UserRoundCheck, run: () => void impersonate.run(user) }]),
      ...(isSelf ? [] : [{ separator: true as const }, { label: t('common.delete'), icon: Trash2, danger: true, run: () => void remove.run(user) }]),
    ]
  }
  return { menuOf, unlock, link }
}
