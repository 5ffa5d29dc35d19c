// Quotas of a tenant or a namespace, as they stand in a form: how many executions may begin within fixed spans of time.

export interface Quota { duration: string; limit: number; behavior: 'FAIL' | 'CANCEL' }
export interface QuotaValues { duration: string; limit: string; behavior: string }

export const quotaSpans = ['PT1M', 'PT1H', 'PT24H', 'PT168H'] as const
// The server takes other spellings of the same span.
const spellings: Record<string, string> = { PT60S: 'PT1M', PT60M: 'PT1H', P1D: 'PT24H', P7D: 'PT168H' }
const limitByDefault = 1_000

export function spanText(span: string, t: (key: string) => string): string {
  return (quotaSpans as readonly string[]).includes(span) ? t(`quota.span.${span}`) : span
}
export function quotasFormOf(quotas: readonly Quota[] | undefined): QuotaValues[] {
  return (quotas ?? []).map(({ duration, limit, behavior }) => ({ duration: spellings[duration] ?? duration, limit: String(limit), behavior }))
}
export function quotasOf(rows: readonly QuotaValues[]): Quota[] {
  return rows.map(({ duration, limit, behavior }) => ({ duration, limit: Number(limit), behavior: behavior as Quota['behavior'] }))
}
/** One more, over the shortest span that has none. */
export function nextQuota(rows: readonly QuotaValues[]): QuotaValues | undefined {
  const free = quotaSpans.find((span) => !rows.some(({ duration }) => duration === span))
  return free === undefined ? undefined : { duration: free, limit: String(limitByDefault), behavior: 'FAIL' }
}
