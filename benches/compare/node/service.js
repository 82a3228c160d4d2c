// The façade by hand on Node.js: fastify with a response schema, so that answers are printed by compiled code, undici's pool
// towards the system behind. Its own documentation's advice is taken: no logger, schemas for answers, one pool that is kept.
import Fastify from 'fastify'
import { Pool } from 'undici'
import { readFileSync } from 'node:fs'

const [port, backend, data] = process.argv.slice(2)
const known = JSON.parse(readFileSync(`${data}/known.json`, 'utf8'))
const terms = (name, of) => new Map(JSON.parse(known[`GET /rest/${name}.json`]).map((t) => [t.tid, t[of]]))
const species = terms('species', 'description')
const breeds = terms('breeds', 'name')
const pool = new Pool(backend, { connections: 512, pipelining: 1 })

const first = (field, name) => field?.und?.[0]?.[name] ?? null
const known_ = (map, key) => {
  const found = map.get(key)
  if (found === undefined) throw new Error('an unknown term')
  return found
}
const flag = (value) => {
  if (value === null) return null
  if (value === '1') return true
  if (value === '0') return false
  throw new Error('a flag that is none')
}
const two = (n) => (n < 10 ? `0${n}` : `${n}`)
const time = (seconds) => {
  if (seconds == null) return null
  const d = new Date(Number(seconds) * 1000)
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}T${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}Z`
}
const age = (text) => {
  const now = new Date()
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))]
  let months = (now.getUTCFullYear() - year) * 12 + now.getUTCMonth() + 1 - month
  if (now.getUTCDate() < day) months -= 1
  if (months >= 12) return `P${Math.floor(months / 12)}Y`
  if (months > 0) return `P${months}M`
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate())
  return `P${Math.round((today - Date.UTC(year, month - 1, day)) / 86400000)}D`
}
const genders = { Male: 'male', Female: 'female' }
const altered = { Yes: true, No: false }

const pet = (node) => {
  const primary = first(node.field_breed_primary, 'target_id')
  const secondary = first(node.field_breed_secondary, 'target_id')
  const born = first(node.field_birthday, 'value')
  if (born !== null && !/^\d{4}-\d{2}-\d{2} 00:00:00$/.test(born)) throw new Error('no date')
  const weight = first(node.field_weight_value, 'value')
  const visibility = { profile: false, contact: false, emergencyContacts: false, medical: false }
  for (const item of node.field_visibility.und ?? []) visibility[item.value] = true
  return {
    petId: node.nid,
    ownerId: node.uid,
    name: node.title,
    species: known_(species, first(node.field_species, 'tid')),
    breed: primary === null
      ? null
      : {
          primary: known_(breeds, primary),
          secondary: secondary === null ? null : known_(breeds, secondary),
          mixed: flag(first(node.field_breed_mix, 'value')) ?? false
        },
    sex: genders[first(node.field_gender, 'value')] ?? null,
    altered: altered[first(node.field_altered, 'value')] ?? null,
    birthDate: born === null ? null : born.slice(0, 10),
    birthDateEstimated: flag(first(node.field_birthday_estimated, 'value')) ?? false,
    age: born === null ? null : age(born),
    weight: weight === null ? null : { value: Number(weight), unit: first(node.field_weight_unit, 'value') },
    colors: (node.field_colors.und ?? []).map((item) => item.value),
    microchip: first(node.field_microchip, 'value') || null,
    behaviorNotes: first(node.field_behavior_notes, 'value'),
    photos: (node.field_photos.und ?? []).map((file) => ({
      url: file.uri,
      width: file.width === null ? null : Number(file.width),
      height: file.height === null ? null : Number(file.height)
    })),
    visibility,
    status: first(node.field_pet_status, 'value') ?? 'active',
    createdAt: time(node.created),
    updatedAt: time(node.changed)
  }
}

const nullable = (type) => ({ type, nullable: true })
const members = {
  petId: { type: 'string' }, ownerId: { type: 'string' }, name: { type: 'string' }, species: { type: 'string' },
  breed: {
    type: 'object', nullable: true,
    properties: { primary: { type: 'string' }, secondary: nullable('string'), mixed: { type: 'boolean' } }
  },
  sex: nullable('string'), altered: nullable('boolean'), birthDate: nullable('string'),
  birthDateEstimated: { type: 'boolean' }, age: nullable('string'),
  weight: { type: 'object', nullable: true, properties: { value: { type: 'number' }, unit: { type: 'string' } } },
  colors: { type: 'array', items: { type: 'string' } }, microchip: nullable('string'), behaviorNotes: nullable('string'),
  photos: {
    type: 'array',
    items: { type: 'object', properties: { url: { type: 'string' }, width: nullable('integer'), height: nullable('integer') } }
  },
  visibility: {
    type: 'object',
    properties: { profile: { type: 'boolean' }, contact: { type: 'boolean' }, emergencyContacts: { type: 'boolean' }, medical: { type: 'boolean' } }
  },
  status: { type: 'string' }, createdAt: { type: 'string' }, updatedAt: nullable('string')
}
const metadata = { type: 'object', properties: { limit: { type: 'integer' }, offset: { type: 'integer' } } }
const one = { type: 'object', properties: members }
const list = { type: 'object', properties: { pets: { type: 'array', items: one }, metadata } }
const overview = {
  type: 'object',
  properties: {
    petId: { type: 'string' },
    pet: { type: 'object', properties: Object.fromEntries(['name', 'species', 'sex', 'birthDate', 'status'].map((n) => [n, members[n]])) },
    owner: { type: 'object', properties: { name: { type: 'string' }, email: { type: 'string' }, phone: nullable('string') } },
    visits: { type: 'array', items: { type: 'object', properties: { kind: { type: 'string' }, at: { type: 'string' }, minutes: nullable('integer') } } },
    notes: { type: 'array', items: { type: 'object', properties: { text: { type: 'string' }, writtenAt: { type: 'string' } } } }
  }
}

const app = Fastify({ logger: false, keepAliveTimeout: 75000 })

const refuse = (statusCode) => Object.assign(new Error('refused'), { statusCode })
const fetched = async (path) => {
  const { statusCode, body } = await pool.request({ path, method: 'GET' })
  if (statusCode !== 200) {
    await body.dump()
    throw refuse(statusCode === 404 ? 404 : 500)
  }
  return body.json()
}

app.get('/v1/pets/:id', { schema: { response: { 200: one } } }, async (request) =>
  pet(await fetched(`/rest/node/${encodeURIComponent(request.params.id)}.json`)))

const query = {
  type: 'object',
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
    offset: { type: 'integer', minimum: 0, default: 0 },
    fields: { type: 'string' }
  }
}
app.get('/v1/pets', { schema: { querystring: query, response: { 200: list } } }, async (request) => {
  const { limit, offset, fields } = request.query
  const nodes = await fetched(`/rest/views/pets.json?sort=asc&offset=${offset}&limit=${limit}`)
  let pets = nodes.map(pet)
  if (fields !== undefined) {
    const names = fields.split(',')
    if (names.some((name) => !(name in members))) throw refuse(400)
    pets = pets.map((whole) => Object.fromEntries(names.map((name) => [name, whole[name]])))
  }
  return { pets, metadata: { limit, offset } }
})

const kinds = { C: 'checkup', G: 'grooming', S: 'surgery', V: 'vaccination' }
app.get('/v1/pets/:id/overview', { schema: { response: { 200: overview } } }, async (request) => {
  const id = encodeURIComponent(request.params.id)
  const below = (name) => fetched(`/rest/views/${name}.json?pet=${id}&sort=asc&offset=0&limit=5`)
  const read = async () => {
    const node = await fetched(`/rest/node/${id}.json`)
    return [pet(node), await fetched(`/rest/user/${node.uid}.json`)]
  }
  const [[whole, user], visits, notes] = await Promise.all([read(), below('visits'), below('notes')])
  return {
    petId: whole.petId,
    pet: whole,
    owner: { name: user.name, email: user.mail, phone: first(user.field_phone, 'value') },
    visits: visits.map((v) => ({
      kind: kinds[first(v.field_kind, 'value')],
      at: time(first(v.field_at, 'value')),
      minutes: Number(first(v.field_minutes, 'value'))
    })),
    notes: notes.map((n) => ({ text: n.title, writtenAt: time(n.created) }))
  }
})

await app.listen({ host: '127.0.0.1', port: Number(port) })
