// Numbers of figures, which JSON carries as base64 (package figure, floats.go).

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** Little-endian float32, exact: NaN and infinities too. */
export function floatsOf(base64: string): Float32Array<ArrayBuffer> {
  const raw = bytesOf(base64);
  const view = new DataView(raw.buffer);
  const out = new Float32Array(Math.floor(raw.length / 4));
  for (let i = 0; i < out.length; i++) out[i] = view.getFloat32(4 * i, true);
  return out;
}

/** Little-endian float64. */
export function doublesOf(base64: string): Float64Array<ArrayBuffer> {
  const raw = bytesOf(base64);
  const view = new DataView(raw.buffer);
  const out = new Float64Array(Math.floor(raw.length / 8));
  for (let i = 0; i < out.length; i++) out[i] = view.getFloat64(8 * i, true);
  return out;
}
