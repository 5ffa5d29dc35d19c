import { translate } from '@/i18n'

// What can be permitted is named by access management; the log knows a few more.
const others = new Set(['TENANT', 'TENANT_ACCESS', 'INSTANCE'])

export function resourceLabel(resource: string): string {
  return translate(others.has(resource) ? `audit.resource.${resource}` : `iam.resource.${resource}`)
}
