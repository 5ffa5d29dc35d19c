// A room is a folder in pages/ whose `routes.ts` exports one Room by default. Nothing else has to be told of it.
import type { Component } from 'vue'
import type { RouteLocationRaw, RouteRecordRaw } from 'vue-router'
import type { Need } from '@/stores'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the message that is the title of the tab. */
    title?: string
    /** What the page needs; who may not is told that there is no such page. One list: all of it. */
    needs?: readonly Need[]
    /** Shown to those who are not signed in. */
    open?: boolean
    /** Of the instance: super admins only. */
    instance?: boolean
    /** Drawn without the menu. */
    bare?: boolean
    /** Where this page leads in another tenant, when the same address would name something that is not there. Default: same page, same parameters. */
    inOtherTenant?: string
    /** Which entry of the menu is lit; default: the one whose route it is or lies below. */
    menu?: string
  }
}

export type PageRoute = RouteRecordRaw & { name: string }

export interface MenuEntry {
  id: string
  /** Key of the message. */
  label: string
  icon: Component
  /** Name of the route. */
  to: string
  /** Smaller comes first: home 10, flows 20, executions 30, logs 40, triggers 50, …; administration from 100, instance from 200. */
  order: number
  section: 'main' | 'admin' | 'instance'
  needs?: readonly Need[]
  /** One of them is enough, beside all of `needs`: the entry of several pages. */
  anyOf?: readonly Need[]
  /** Keys that lead there, like `g f`. */
  keys?: string
}

export interface PaletteItem {
  id: string
  label: string
  hint?: string
  icon?: Component
  to?: RouteLocationRaw
  run?: () => void
}

export interface Room {
  /** Paths below `/ui/{tenant}/`. */
  routes?: PageRoute[]
  /** Paths below `/ui/admin/`. */
  instanceRoutes?: PageRoute[]
  /** Paths below `/ui/`, for everybody. */
  openRoutes?: PageRoute[]
  menu?: MenuEntry[]
  /** What the palette finds in this room, for a text of two letters and more. Asked only when `needs` are met. */
  search?: { needs?: readonly Need[]; find(text: string, signal: AbortSignal): Promise<PaletteItem[]> }
  /** Commands of the palette, asked each time it opens. */
  commands?(): PaletteItem[]
}

export function defineRoom(room: Room): Room {
  return room
}
