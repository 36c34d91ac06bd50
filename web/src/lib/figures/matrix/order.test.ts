import { describe, expect, it } from "vitest";
import { byFalling, greatest, ownShare, upTo } from "./order";

describe("byFalling", () => {
  const values = [2, NaN, 5, 5, -1];
  it("puts the greatest first, and no number last", () =>
    expect(byFalling(upTo(5), (i) => values[i])).toEqual([2, 3, 0, 4, 1]));
  it("keeps the order of equals", () => expect(byFalling([3, 2], (i) => values[i])).toEqual([3, 2]));
});

describe("ownShare", () => {
  it("spans the finite numbers", () => expect([1, 2, 3].map(ownShare([3, NaN, 1, Infinity]))).toEqual([0, 0.5, 1]));
  it("keeps what is no number", () => expect(ownShare([2, 2])(NaN)).toBeNaN());
});

describe("greatest", () => {
  it("takes no more than there are", () => expect(greatest(2, 5, (i) => i)).toEqual([1, 0]));
});
