// Rows of the timeline: task runs below what started them, the rounds of a loop below the loop. Long loops begin folded, with counts.
import { worstOf, type Run, type Span } from './run'

export interface GanttRow extends Span {
  key: string
  depth: number
  kind: 'run' | 'round'
  label: string
  value: string | undefined
  /** The task run; of a round the first of its runs. */
  run: Run
  attempts: readonly Span[]
  /** Task runs below it, by state; only when it can be unfolded. */
  counts: ReadonlyMap<string, number> | undefined
  rounds: number
  isOpen: boolean
}

const openMax = 12

function countsOf(runs: readonly Run[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { state } of runs) counts.set(state, (counts.get(state) ?? 0) + 1)
  return counts
}

interface Round {
  key: string
  value: string | undefined
  runs: Run[]
}

/** The rounds of a loop; undefined when these children are no loop. */
function roundsOf(parent: Run, children: readonly Run[]): Round[] | undefined {
  // What is nested in a round carries the round's value too; a loop has its tasks more than once, or rounds where the parent has none.
  const isOwn = (run: Run): boolean => run.iteration !== parent.iteration || run.value !== parent.value
  if (!children.some((run) => (run.iteration !== undefined || run.value !== undefined) && isOwn(run))) return undefined
  const rounds = new Map<string, Round>()
  for (const run of children) {
    const key = String(run.iteration ?? run.value ?? '')
    const round = rounds.get(key)
    if (round === undefined) rounds.set(key, { key, value: run.value, runs: [run] })
    else round.runs.push(run)
  }
  return [...rounds.values()]
}

export class GanttTree {
  private readonly children = new Map<string, Run[]>()
  readonly runs: readonly Run[]

  constructor(runs: readonly Run[]) {
    this.runs = runs
    const known = new Set(runs.map(({ id }) => id))
    for (const run of runs) {
      // The parent may not be loaded: then it stands at the top.
      const parent = known.has(run.parent) ? run.parent : ''
      const list = this.children.get(parent)
      if (list === undefined) this.children.set(parent, [run])
      else list.push(run)
    }
  }

  /** What is in sight; `folded` says what somebody opened (false) or closed (true) by hand. */
  rows(folded: ReadonlyMap<string, boolean>): GanttRow[] {
    const rows: GanttRow[] = []
    for (const run of this.children.get('') ?? []) this.addRun(rows, run, 0, folded, run.value)
    return rows
  }

  private addRun(rows: GanttRow[], run: Run, depth: number, folded: ReadonlyMap<string, boolean>, value: string | undefined): void {
    const children = this.children.get(run.id) ?? []
    const rounds = children.length === 0 ? undefined : roundsOf(run, children)
    const parts = rounds?.length ?? children.length
    const isOpen = parts > 0 && !(folded.get(run.id) ?? parts > openMax)
    rows.push({
      key: run.id, depth, kind: 'run', label: run.taskId, value, run, state: run.state, start: run.start, end: run.end, attempts: run.attempts,
      counts: parts > 0 ? countsOf(children) : undefined, rounds: rounds?.length ?? 0, isOpen,
    })
    if (!isOpen) return
    if (rounds === undefined) for (const child of children) this.addRun(rows, child, depth + 1, folded, child.value)
    else for (const round of rounds) this.addRound(rows, run, round, depth + 1, folded)
  }

  private addRound(rows: GanttRow[], parent: Run, round: Round, depth: number, folded: ReadonlyMap<string, boolean>): void {
    const [first, ...others] = round.runs
    if (first === undefined) return
    if (others.length === 0) {
      this.addRun(rows, first, depth, folded, first.value)
      return
    }
    const key = `${parent.id}/${round.key}`
    const isOpen = !(folded.get(key) ?? false)
    const ends = round.runs.map(({ end }) => end)
    rows.push({
      key, depth, kind: 'round', label: round.key, value: round.value, run: first, attempts: [], state: worstOf(round.runs.map(({ state }) => state)),
      start: Math.min(...round.runs.map(({ start }) => start)), end: ends.includes(undefined) ? undefined : Math.max(...ends.map((end) => end ?? 0)),
      counts: countsOf(round.runs), rounds: 0, isOpen,
    })
    if (isOpen) for (const run of round.runs) this.addRun(rows, run, depth + 1, folded, undefined)
  }
}

/** From the first start to the last end, or now. */
export function domainOf(runs: readonly Span[], start: number, end: number): [number, number] {
  let first = start
  let last = end
  for (const run of runs) {
    if (run.start < first) first = run.start
    if (run.end !== undefined && run.end > last) last = run.end
  }
  return [first, Math.max(last, first + 1)]
}

const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1800e3, 3600e3, 7200e3, 14400e3, 21600e3, 43200e3, 86400e3]

/** Marks on the axis, in milliseconds from the start: round ones, at most so many. */
export function ticksOf(length: number, most: number): number[] {
  let step = steps.find((one) => length / one <= most)
  if (step === undefined) {
    step = 86_400e3
    while (length / step > most) step *= 2
  }
  const ticks: number[] = []
  for (let at = 0; at <= length; at += step) ticks.push(at)
  return ticks
}
