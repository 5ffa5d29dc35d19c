// The door to triggers for other rooms: the table, what can be done with them.
export { default as TriggersTable } from './TriggersTable.vue'
export { stateRow, type TriggerRow } from './rows'
