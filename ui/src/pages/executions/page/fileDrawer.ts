import { ref, type Ref } from 'vue'

/** The file that is looked at; '' for none. */
export function useFileDrawer(): { uri: Ref<string>; show(uri: string): void } {
  const uri = ref('')
  return { uri, show: (one) => { uri.value = one } }
}
