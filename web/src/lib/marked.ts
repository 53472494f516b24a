// Words of another program inside a sentence, as *Start Streaming*, so that they can be shown as such.

export interface Piece {
  text: string;
  /** It stood between asterisks. */
  strong: boolean;
}

export function marked(sentence: string): Piece[] {
  return sentence
    .split("*")
    .map((text, index) => ({ text, strong: index % 2 === 1 }))
    .filter(({ text }) => text !== "");
}
