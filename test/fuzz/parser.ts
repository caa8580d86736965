import type fc from 'fast-check';
import type { Around, Content } from '../support/hostile.ts';

/** What a parser gets; `folder` is an empty one, for what reads files. */
export type Input = Content & { readonly folder: string };

/** Throws where the code breaks a promise. */
export type Property<Extra> = (input: Input, extra: Extra) => void | Promise<void>;

/** One thing of ours that reads what others wrote: all that is needed to look for its faults. */
export type Parser<Extra = unknown> = {
  readonly name: string;
  /** Texts as they should be, or nearly. They are spoilt and replaced by nonsense here. */
  readonly valid: fc.Arbitrary<string>;
  /** Places in such a text where a repetition may be what takes long. */
  readonly around: readonly Around[];
  /** Whatever else a case needs. */
  readonly extra: fc.Arbitrary<Extra>;
  /** Only reads: its time may grow with the text, and no faster. */
  readonly read: (input: Input) => unknown;
  /** What is true of every text, by the words for it. */
  readonly properties: Readonly<Record<string, Property<Extra>>>;
};

/** Parsers differ in what else their cases need, which nobody but themselves has to know. */
export function parser<Extra>(given: Parser<Extra>): Parser {
  return given as unknown as Parser;
}
