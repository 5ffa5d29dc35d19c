// The door to what pages share: who is signed in, the tenant, settings, messages.
export { useConfigs } from './configs'
export { useMe } from './me'
export { allows, covers, type Action, type Need, type Resource } from './permissions'
export { browserTimeZone, isTimeZone, useSettings, type Theme } from './settings'
export { isText, isTextList, readStored, writeStored } from './storage'
export { hueOfTenant, useTenants } from './tenants'
export { useToasts, type Toast } from './toasts'
export { onForget } from './wipe'
