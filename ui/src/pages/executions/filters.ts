// The filters of the list, from the words in the URL.
import { filterQuery, type Filter, type Filters } from '@/api'

export const filterFields = ['q', 'state', 'namespace', 'flow', 'labels', 'range', 'from', 'to', 'kind', 'parent'] as const
export type FilterName = (typeof filterFields)[number]
export type FilterValues = Record<FilterName, string>

export const ranges = ['PT5M', 'PT1H', 'PT24H', 'P7D', 'P30D'] as const

/** `team:data, stage:test` → pairs; what is no pair is left out. */
export function labelPairs(text: string): { key: string; value: string }[] {
  return text.split(',').flatMap((part) => {
    const at = part.indexOf(':')
    const pair = { key: part.slice(0, at).trim(), value: part.slice(at + 1).trim() }
    return at > 0 && pair.key !== '' && pair.value !== '' ? [pair] : []
  })
}

export function executionFilters(values: FilterValues): Filters {
  const filters: Filter[] = [
    ['q', 'EQUALS', values.q],
    ['state', 'IN', values.state.split(',').filter((one) => one !== '')],
    ['namespace', 'PREFIX', values.namespace],
    ['flowId', 'EQUALS', values.flow],
    ['childFilter', 'EQUALS', values.kind],
    ['triggerExecutionId', 'EQUALS', values.parent],
  ]
  // The server takes a range or two ends, not both.
  if (values.from !== '' || values.to !== '') filters.push(['startDate', 'GREATER_THAN_OR_EQUAL_TO', values.from], ['startDate', 'LESS_THAN_OR_EQUAL_TO', values.to])
  else filters.push(['timeRange', 'EQUALS', values.range])
  for (const { key, value } of labelPairs(values.labels)) filters.push(['labels', 'EQUALS', value, key])
  return filterQuery(filters)
}
