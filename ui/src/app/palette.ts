import { ref } from 'vue'

export const isPaletteOpen = ref(false)
export const isHelpOpen = ref(false)

export function openPalette(): void {
  isPaletteOpen.value = true
}

export function openHelp(): void {
  isHelpOpen.value = true
}
