export interface Column {
  key: string
  label: string
  /** The field of the API by which it sorts; absent: it does not. */
  sort?: string
  /** The direction of the first click: newest first for dates. */
  sortFirst?: 'asc' | 'desc'
  align?: 'left' | 'right' | 'center'
  width?: string
  /** For columns of buttons: the head is only read aloud. */
  hideLabel?: boolean
  /** Left out where there is no room: below 1200 px, below 900 px. */
  hide?: 'below-wide' | 'below-medium'
  wrap?: boolean
}
