// What a Field tells the control inside of it: the label belongs to it, and what describes it.
import { computed, inject, provide, useId, type ComputedRef, type InjectionKey } from 'vue'

interface FieldContext {
  id: string
  describedBy: ComputedRef<string | undefined>
  invalid: ComputedRef<boolean>
  required: ComputedRef<boolean>
}

const key: InjectionKey<FieldContext> = Symbol('field')

export function provideField(state: { hint: () => boolean; error: () => boolean; required: () => boolean }): FieldContext {
  const id = useId()
  const context: FieldContext = {
    id,
    describedBy: computed(() => [state.hint() ? `${id}-hint` : '', state.error() ? `${id}-error` : ''].filter(Boolean).join(' ') || undefined),
    invalid: computed(state.error),
    required: computed(state.required),
  }
  provide(key, context)
  return context
}

/** Attributes for the control. */
export function useField(): ComputedRef<Record<string, string | boolean | undefined>> {
  const context = inject(key, undefined)
  return computed(() => context === undefined ? {} : {
    'id': context.id,
    'aria-describedby': context.describedBy.value,
    'aria-invalid': context.invalid.value || undefined,
    'aria-required': context.required.value || undefined,
  })
}
