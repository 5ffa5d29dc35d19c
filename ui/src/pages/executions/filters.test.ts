import { expect, it } from 'vitest'
import { executionFilters, labelPairs, type FilterValues } from './filters'

const none: FilterValues = { q: '', state: '', namespace: '', flow: '', labels: '', range: '', from: '', to: '', kind: '', parent: '' }

it('asks for nothing without filters', () => {
  expect(executionFilters(none)).toEqual({})
})

it('writes the filters of the API', () => {
  expect(executionFilters({ ...none, state: 'FAILED,KILLED', namespace: 'company', labels: 'team:data, odd', range: 'PT1H' })).toEqual({
    'filters[state][IN]': 'FAILED,KILLED', 'filters[namespace][PREFIX]': 'company', 'filters[labels][EQUALS][team]': 'data', 'filters[timeRange][EQUALS]': 'PT1H',
  })
})

it('prefers two ends to a range', () => {
  expect(executionFilters({ ...none, range: 'PT1H', from: '2026-01-01T00:00:00Z' })).toEqual({ 'filters[startDate][GREATER_THAN_OR_EQUAL_TO]': '2026-01-01T00:00:00Z' })
})

it('reads labels', () => {
  expect(labelPairs('a:b, url:http://x:1,:x,y:')).toEqual([{ key: 'a', value: 'b' }, { key: 'url', value: 'http://x:1' }])
})
