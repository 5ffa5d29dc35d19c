/** Lines of an axis from 0 on: few, round, whole, the last one not below `max`. */
export function ticksOf(max: number): number[] {
  const wanted = 4
  const rough = Math.max(1, max) / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough)
  const ticks = [0]
  while ((ticks.at(-1) ?? 0) < Math.max(1, max)) ticks.push((ticks.at(-1) ?? 0) + step)
  return ticks
}
