/** `../pages/flows/en.json` → `flows` */
export function byRoom(files: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(files).map(([path, messages]) => [path.split('/').at(-2) ?? path, messages]))
}
