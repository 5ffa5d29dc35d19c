import { writeFileSync } from 'node:fs'
import openapi, { astToString } from 'openapi-typescript'
import { description } from './openapi.mjs'

const types = await openapi(description(), { alphabetize: true })
writeFileSync(new URL('../src/api/schema.d.ts', import.meta.url), astToString(types))
