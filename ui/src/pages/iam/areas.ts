// The parts of access management, in the order of their tabs.
import type { Need } from '@/stores'

export interface Area {
  id: string
  route: string
  needs: Need
}

export const areas: readonly Area[] = [
  { id: 'people', route: 'iam-people', needs: ['USER', 'LIST'] },
  { id: 'groups', route: 'iam-groups', needs: ['GROUP', 'LIST'] },
  { id: 'roles', route: 'iam-roles', needs: ['ROLE', 'LIST'] },
  { id: 'bindings', route: 'iam-bindings', needs: ['BINDING', 'LIST'] },
  { id: 'programs', route: 'iam-programs', needs: ['SERVICE_ACCOUNT', 'LIST'] },
  { id: 'invitations', route: 'iam-invitations', needs: ['INVITATION', 'LIST'] },
]
