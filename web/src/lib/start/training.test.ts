import { expect, it } from "vitest";
import { advance, newNet } from "./training";

const event = { net: "honest", epoch: 1, epochs: 8, step: 5, steps: 80, loss: 1.2, accuracy: 0.5 };

it("adds what is a number at the time it was told", () => {
  const net = advance(advance(newNet("honest"), event), { ...event, epoch: 2, step: 20, validated: true, valLoss: 0.7, loss: NaN });
  expect(net.loss).toEqual([{ x: 0.5, y: 1.2 }]);
  expect(net.valLoss).toEqual([{ x: 2, y: 0.7 }]);
  expect(net.valAccuracy).toEqual([{ x: 2, y: 0 }]);
  expect([net.epoch, net.epochs, net.done]).toEqual([2, 8, false]);
});

it("keeps long curves at a bounded number of points, with the last", () => {
  let net = newNet("honest");
  for (let step = 1; step <= 5000; step++) net = advance(net, { ...event, step, steps: 5000, loss: step });
  expect(net.loss.length).toBeLessThanOrEqual(600);
  expect(net.loss.at(-1)).toEqual({ x: 8, y: 5000 });
});
