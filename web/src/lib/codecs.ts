// What people call the codecs.

import { t } from "./language.svelte";

/** "H.264". A codec this page does not know is shown by the name that it came with. */
export function codecName(codec: string): string {
  return CODECS.get(codec) ?? (codec === "other" ? t("otherCodec") : codec.toUpperCase());
}

/** The name of a codec that has one. */
export function knownName(codec: string | null): string | null {
  return codec === null || codec === "other" ? null : codecName(codec);
}

// Of encoders by what they send, and of targets by what they take.
const CODECS: ReadonlyMap<string, string> = new Map([
  ["avc", "H.264"],
  ["h264", "H.264"],
  ["hevc", "H.265 (HEVC)"],
  ["vvc", "H.266 (VVC)"],
  ["av1", "AV1"],
  ["vp6", "VP6"],
  ["vp8", "VP8"],
  ["vp9", "VP9"],
  ["h263", "H.263"],
  ["screen", "Screen Video"],
  ["aac", "AAC"],
  ["opus", "Opus"],
  ["mp3", "MP3"],
  ["flac", "FLAC"],
  ["ac3", "AC-3"],
  ["eac3", "E-AC-3"],
  ["pcm", "PCM"],
  ["adpcm", "ADPCM"],
  ["nellymoser", "Nellymoser"],
  ["g711a", "G.711 A-law"],
  ["g711u", "G.711 μ-law"],
  ["speex", "Speex"],
]);
