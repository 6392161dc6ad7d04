// PNG with at most 256 colours: what a page looks like has few, so nobody sees the difference, and it is a third as large.
import { deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

/** @param png As Chromium makes it: 8 bits for each of three or four channels, not interlaced. */
export function png8(png) {
  const { width, height, channels, data } = read(png);
  const counts = new Map();
  for (let i = 0; i < data.length; i += channels) {
    const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = cut([...counts]);
  const nearest = new Map();
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += channels) {
      const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
      let index = nearest.get(colour);
      if (index === undefined) nearest.set(colour, (index = closest(palette, colour)));
      lines[y * (width + 1) + 1 + x] = index;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap(channelsOf));
  const image = deflateSync(lines, { level: 9, memLevel: 9 });
  return Buffer.concat([signature, chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', image), chunk('IEND', Buffer.alloc(0))]);
}

function channelsOf(colour) {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

/** Median cut: the box that spreads most, weighed by its pixels, is halved until there are 256. */
function cut(colours) {
  const boxes = [colours];
  const spread = (box) => {
    const ranges = [0, 1, 2].map((at) => {
      const values = box.map(([colour]) => channelsOf(colour)[at]);
      return Math.max(...values) - Math.min(...values);
    });
    const widest = ranges.indexOf(Math.max(...ranges));
    return { widest, weight: ranges[widest] * Math.log2(1 + box.reduce((sum, [, count]) => sum + count, 0)) };
  };
  const known = new Map();
  const spreadOf = (box) => known.get(box) ?? known.set(box, spread(box)).get(box);
  while (boxes.length < 256) {
    const box = boxes.filter((each) => each.length > 1).sort((a, b) => spreadOf(b).weight - spreadOf(a).weight)[0];
    if (box === undefined) break;
    const { widest } = spreadOf(box);
    const sorted = [...box].sort(([a], [b]) => channelsOf(a)[widest] - channelsOf(b)[widest]);
    const middle = sorted.length >> 1;
    boxes.splice(boxes.indexOf(box), 1, sorted.slice(0, middle), sorted.slice(middle));
  }
  // The colour that most of its pixels have: large areas keep theirs.
  return boxes.map((box) => box.reduce((most, each) => (each[1] > most[1] ? each : most))[0]);
}

function closest(palette, colour) {
  const [r, g, b] = channelsOf(colour);
  let [best, distance] = [0, Infinity];
  palette.forEach((each, i) => {
    const [R, G, B] = channelsOf(each);
    const d = (r - R) ** 2 + (g - G) ** 2 + (b - B) ** 2;
    if (d < distance) [best, distance] = [i, d];
  });
  return best;
}

function read(png) {
  const parts = [];
  let [width, height, channels] = [0, 0, 0];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const content = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') [width, height, channels] = [content.readUInt32BE(0), content.readUInt32BE(4), content[9] === 6 ? 4 : 3];
    if (type === 'IDAT') parts.push(content);
    at += length + 12;
  }
  const lines = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const data = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = lines[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x < channels ? 0 : data[y * stride + x - channels];
      const up = y === 0 ? 0 : data[(y - 1) * stride + x];
      const corner = x < channels || y === 0 ? 0 : data[(y - 1) * stride + x - channels];
      data[y * stride + x] = lines[y * (stride + 1) + 1 + x] + [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
    }
  }
  return { width, height, channels, data };
}

function paeth(left, up, corner) {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(content.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(checksum(body), body.length + 4);
  return frame;
}

function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
