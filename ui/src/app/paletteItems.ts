import { Languages, LogOut, Moon, Sun } from 'lucide-vue-next'
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import type { Schemas } from '@/api'
import { languages, type Language } from '@/i18n'
import { useMe, useSettings, useTenants, type Need } from '@/stores'
import { isOffered, menu, rooms } from './registry'
import type { PaletteItem } from './rooms'
import { inTenant } from './router'
import { signOut } from './signOut'

type Item = PaletteItem & { tenant?: Schemas['MyTenant'] }
interface Group {
  label: string
  items: Item[]
}

const waitMs = 160
const searchMin = 2
const tenantsMax = 8

function isMatch(text: string, ...among: (string | undefined)[]): boolean {
  const all = among.join(' ').toLowerCase()
  return text.toLowerCase().split(/\s+/).every((word) => all.includes(word))
}

export function usePaletteItems(text: Ref<string>, isOpen: Ref<boolean>): { groups: ComputedRef<Group[]>; isSearching: Ref<boolean> } {
  const { t } = useI18n()
  const route = useRoute()
  const router = useRouter()
  const me = useMe()
  const tenants = useTenants()
  const settings = useSettings()
  const found = shallowRef<Item[]>([])
  const isSearching = ref(false)
  const may = (needs: readonly Need[] = []): boolean => needs.every(([resource, action]) => me.can(resource, action))

  const pages = computed<Item[]>(() => menu
    .filter((entry) => isOffered(entry, tenants.current))
    .map((entry) => ({ id: `page-${entry.id}`, label: t(entry.label), icon: entry.icon, ...(entry.section === 'instance' && { hint: t('shell.section.instance') }), to: { name: entry.to, params: entry.section === 'instance' ? {} : { tenant: tenants.currentId } } })))
  const others = computed<Item[]>(() => tenants.list.filter(({ id }) => id !== tenants.currentId)
    .map((tenant) => ({ id: `tenant-${tenant.id}`, label: tenant.name, hint: tenant.id, tenant, to: inTenant(tenant.id, route) })))
  const commands = computed<Item[]>(() => !isOpen.value ? [] : [
    ...rooms.flatMap((room) => room.commands?.() ?? []),
    { id: 'theme', label: settings.dark ? t('palette.light') : t('palette.dark'), icon: settings.dark ? Sun : Moon, run: () => { settings.theme = settings.dark ? 'light' : 'dark' } },
    ...(Object.keys(languages) as Language[]).filter((language) => language !== settings.language)
      .map((language) => ({ id: `language-${language}`, label: languages[language], hint: t('settings.language'), icon: Languages, run: () => { settings.language = language } })),
    { id: 'sign-out', label: t('shell.signOut'), icon: LogOut, run: () => void signOut(router) },
  ])

  const groups = computed<Group[]>(() => {
    const words = text.value.trim()
    const match = (items: Item[]): Item[] => items.filter(({ label, hint }) => isMatch(words, label, hint))
    return [
      { label: t('palette.found'), items: found.value },
      { label: t('palette.pages'), items: match(pages.value) },
      { label: t('palette.tenants'), items: match(others.value).slice(0, tenantsMax) },
      { label: t('palette.commands'), items: match(commands.value) },
    ].filter(({ items }) => items.length > 0)
  })

  let abort: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  function stop(): void {
    abort?.abort()
    if (timer !== undefined) clearTimeout(timer)
  }
  async function search(words: string): Promise<void> {
    const mine = new AbortController()
    abort = mine
    // One room that cannot answer does not keep the others from it.
    const answers = await Promise.allSettled(rooms.filter((room) => tenants.current !== undefined && may(room.search?.needs)).map((room) => room.search?.find(words, mine.signal) ?? []))
    if (mine.signal.aborted) return
    found.value = answers.flatMap((answer) => answer.status === 'fulfilled' ? answer.value : [])
    isSearching.value = false
  }
  watch([text, isOpen], () => {
    stop()
    const words = text.value.trim()
    isSearching.value = isOpen.value && words.length >= searchMin
    if (isSearching.value) timer = setTimeout(() => void search(words), waitMs)
    else found.value = []
  })
  onScopeDispose(stop)

  return { groups, isSearching }
}
