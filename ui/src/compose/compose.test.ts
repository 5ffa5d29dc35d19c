import { describe, expect, it, vi } from 'vitest'
import { createApp, effectScope, nextTick } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { confirm, handleKey, question, useAsync, useListQuery, useShortcut, type ListQuery } from '.'
import { keysOf } from './shortcuts'

function press(key: string, options: KeyboardEventInit & { target?: HTMLElement } = {}): void {
  const event = new KeyboardEvent('keydown', { key, cancelable: true, ...options })
  Object.defineProperty(event, 'target', { value: options.target ?? document.body })
  handleKey(event)
}

describe('shortcuts', () => {
  it('are single keys and sequences, and rest while one types', () => {
    const scope = effectScope()
    const [help, flows, save] = [vi.fn(), vi.fn(), vi.fn()]
    scope.run(() => {
      useShortcut('?', 'x', help)
      useShortcut('g f', 'x', flows)
      useShortcut('mod+s', 'x', save)
    })
    press('?', { shiftKey: true })
    press('g')
    press('f')
    press('f')
    const input = document.createElement('input')
    press('?', { target: input })
    press('s', { target: input, ctrlKey: true })
    expect([help, flows, save].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1])
    scope.stop()
    press('?')
    expect(help).toHaveBeenCalledOnce()
  })
  it('of the newest page win', () => {
    const scope = effectScope()
    const [shell, page] = [vi.fn(), vi.fn()]
    scope.run(() => {
      useShortcut('/', 'x', shell)
      useShortcut('/', 'x', page)
    })
    press('/')
    expect([shell, page].map(({ mock }) => mock.calls.length)).toEqual([0, 1])
    scope.stop()
  })
  it('name keys as people press them', () => {
    expect(keysOf(new KeyboardEvent('keydown', { key: 'K', ctrlKey: true }))).toBe('mod+k')
    expect(keysOf(new KeyboardEvent('keydown', { key: '?', shiftKey: true }))).toBe('?')
  })
})

it('a question that is asked over another answers that one with no', async () => {
  const first = confirm({ title: '1', confirm: 'x' })
  const second = confirm({ title: '2', confirm: 'x' })
  question.value?.answer(true)
  expect([await first, await second]).toEqual([false, true])
  expect(question.value).toBeUndefined()
})

it('the last of several reads wins', async () => {
  const scope = effectScope()
  const answers: ((value: string) => void)[] = []
  const read = scope.run(() => useAsync(() => new Promise<string>((resolve) => answers.push(resolve))))
  void read?.run()
  answers[1]?.('new')
  answers[0]?.('old')
  await new Promise((resolve) => setTimeout(resolve))
  expect(read?.data.value).toBe('new')
  scope.stop()
})

describe('what a list shows', () => {
  async function list(path: string): Promise<{ query: ListQuery<'q' | 'state'>; url: () => string }> {
    let query: ListQuery<'q' | 'state'> | undefined
    const page = { setup: () => { query = useListQuery({ fields: ['q', 'state'] as const, sort: 'id:asc', defaults: { state: 'FAILED' } }); return () => null } }
    const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/list', name: 'list', component: page }] })
    await router.push(path)
    createApp({ setup: page.setup }).use(router).mount(document.createElement('div'))
    return { query: query as ListQuery<'q' | 'state'>, url: () => router.currentRoute.value.fullPath }
  }
  const settle = async (): Promise<void> => { await nextTick(); await new Promise((resolve) => setTimeout(resolve)) }

  it('is read from the address', async () => {
    const { query } = await list('/list?page=3&q=hello&size=x')
    expect(query).toMatchObject({ page: 3, size: 25, sort: 'id:asc', values: { q: 'hello', state: 'FAILED' }, isFiltered: true })
  })
  it('is written to the address, without what is usual', async () => {
    const { query, url } = await list('/list?page=3&q=hello')
    query.set({ q: 'other' })
    await settle()
    expect(url()).toBe('/list?q=other')
    query.set({ page: 2 })
    await settle()
    expect(url()).toBe('/list?q=other&page=2')
    query.clear()
    await settle()
    expect(url()).toBe('/list')
  })
  it('can be nothing where something is usual', async () => {
    const { query, url } = await list('/list')
    query.set({ state: '' })
    await settle()
    expect(url()).toBe('/list?state=')
    expect(query.values.state).toBe('')
  })
})
