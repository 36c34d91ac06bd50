// The live training of the demo as curves.
import type { Epoch } from "../types";

export interface CurvePoint {
  x: number; // epochs done, with fractions
  y: number;
}

export interface Net {
  name: string;
  epoch: number;
  epochs: number;
  done: boolean;
  loss: CurvePoint[];
  accuracy: CurvePoint[];
  valLoss: CurvePoint[];
  valAccuracy: CurvePoint[];
}

const most = 600; // points of a curve, more than it has pixels

export function newNet(name: string): Net {
  return { name, epoch: 0, epochs: 0, done: false, loss: [], accuracy: [], valLoss: [], valAccuracy: [] };
}

/** The net with one event more. */
export function advance(net: Net, e: Epoch): Net {
  const x = e.steps > 0 ? (e.epochs * Math.min(e.step, e.steps)) / e.steps : e.epoch;
  const add = (curve: CurvePoint[], y: number | null | undefined) =>
    y === null || y === undefined || !Number.isFinite(y) ? curve : thin([...curve, { x, y }]);
  const held = (curve: CurvePoint[], y: number | null | undefined) => (e.validated ? add(curve, y === undefined ? 0 : y) : curve);
  return {
    ...net,
    epoch: e.epoch,
    epochs: e.epochs,
    loss: add(net.loss, e.loss),
    accuracy: add(net.accuracy, e.accuracy),
    valLoss: held(net.valLoss, e.valLoss),
    valAccuracy: held(net.valAccuracy, e.valAccuracy),
  };
}

function thin(curve: CurvePoint[]): CurvePoint[] {
  return curve.length <= most ? curve : curve.filter((_, i) => i % 2 === 0 || i === curve.length - 1);
}
