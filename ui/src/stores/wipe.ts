// Stores that hold something of a tenant say here how they forget it. Called when the tenant changes and at sign-out.
const forgetters = new Set<() => void>()

export function onForget(forget: () => void): void {
  forgetters.add(forget)
}

export function forgetEverything(): void {
  for (const forget of forgetters) forget()
}
