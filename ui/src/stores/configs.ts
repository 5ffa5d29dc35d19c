// What the server says of itself: version, labels that are hidden, rules for passwords.
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { api, type Schemas } from '@/api'
import { useTenants } from './tenants'

export const useConfigs = defineStore('configs', () => {
  const configs = ref<Schemas['Configs'] | null>(null)

  async function load(): Promise<void> {
    if (configs.value !== null || useTenants().currentId === '') return
    configs.value = await api.get('/api/v1/{tenant}/configs')
  }

  function isHiddenLabel(key: string): boolean {
    return (configs.value?.hiddenLabelsPrefixes ?? ['system.', 'internal.']).some((prefix) => key.startsWith(prefix))
  }

  return { configs, load, isHiddenLabel }
})
