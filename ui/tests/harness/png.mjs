// PNG of few colours out of the PNG that the browser makes (8 bits, RGB or RGBA, not interlaced): a third of the size, to the eye the same.
import { deflateSync, inflateSync } from 'node:zlib'

const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])

function chunksOf(png) {
  const chunks = []
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at)
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) })
    at += length + 12
  }
  return chunks
}

function paeth(a, b, c) {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)]
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c
}

/** RGB of every pixel, one number each. */
function pixelsOf(png) {
  const chunks = chunksOf(png)
  const head = chunks.find(({ type }) => type === 'IHDR').data
  const [width, height, depth, kind] = [head.readUInt32BE(0), head.readUInt32BE(4), head[8], head[9]]
  if (depth !== 8 || (kind !== 2 && kind !== 6)) throw new Error(`PNG of depth ${depth} and kind ${kind}`)
  const bytes = kind === 2 ? 3 : 4
  const stride = width * bytes
  const raw = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)))
  const pixels = new Uint32Array(width * height)
  let before = new Uint8Array(stride)
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)]
    const line = new Uint8Array(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)))
    for (let x = 0; x < stride; x += 1) {
      const a = x >= bytes ? line[x - bytes] : 0
      const b = before[x]
      const c = x >= bytes ? before[x - bytes] : 0
      line[x] += filter === 0 ? 0 : filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : paeth(a, b, c)
    }
    for (let x = 0; x < width; x += 1) pixels[y * width + x] = (line[x * bytes] << 16) | (line[x * bytes + 1] << 8) | line[x * bytes + 2]
    before = line
  }
  return { width, height, pixels }
}

const part = (colour, shift) => (colour >> shift) & 255

// Median cut over the colours that are there, each as often as it is there.
function paletteOf(counts, max) {
  const boxes = [[...counts]]
  const spread = (box) => [16, 8, 0].map((shift) => {
    let [low, high] = [255, 0]
    for (const [colour] of box) {
      low = Math.min(low, part(colour, shift))
      high = Math.max(high, part(colour, shift))
    }
    return { shift, range: high - low }
  }).sort((a, b) => b.range - a.range)[0]
  while (boxes.length < max) {
    let best = -1
    let bestScore = 0
    boxes.forEach((box, i) => {
      const score = box.length > 1 ? spread(box).range * Math.log2(2 + box.reduce((sum, [, count]) => sum + count, 0)) : 0
      if (score > bestScore) [best, bestScore] = [i, score]
    })
    if (best < 0) break
    const box = boxes[best]
    const { shift } = spread(box)
    box.sort(([a], [b]) => part(a, shift) - part(b, shift))
    const total = box.reduce((sum, [, count]) => sum + count, 0)
    let [at, seen] = [0, 0]
    while (at < box.length - 2 && seen + box[at][1] < total / 2) seen += box[at++][1]
    boxes.splice(best, 1, box.slice(0, at + 1), box.slice(at + 1))
  }
  // The colour of a box is the most frequent in it: large grounds keep theirs exactly.
  return boxes.map((box) => box.reduce((most, one) => (one[1] > most[1] ? one : most))[0])
}

function nearest(palette) {
  const known = new Map()
  return (colour) => {
    let index = known.get(colour)
    if (index === undefined) {
      let distance = Infinity
      palette.forEach((one, i) => {
        const d = (part(one, 16) - part(colour, 16)) ** 2 + (part(one, 8) - part(colour, 8)) ** 2 + (part(one, 0) - part(colour, 0)) ** 2
        if (d < distance) [index, distance] = [i, d]
      })
      known.set(colour, index)
    }
    return index
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k += 1) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1
  return n
})

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  let crc = 0xffffffff
  for (const byte of body) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8)
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE((crc ^ 0xffffffff) >>> 0)
  return Buffer.concat([length, body, check])
}

export function palettePng(png, colours) {
  const { width, height, pixels } = pixelsOf(png)
  const counts = new Map()
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
  const palette = paletteOf(counts, colours)
  const index = nearest(palette)
  const lines = Buffer.alloc(height * (width + 1))
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) lines[y * (width + 1) + 1 + x] = index(pixels[y * width + x])
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8)
  const table = Buffer.from(palette.flatMap((colour) => [part(colour, 16), part(colour, 8), part(colour, 0)]))
  return Buffer.concat([signature, chunk('IHDR', head), chunk('PLTE', table), chunk('IDAT', deflateSync(lines, { level: 9 })), chunk('IEND', Buffer.alloc(0))])
}
