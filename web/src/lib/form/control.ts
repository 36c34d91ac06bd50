import type { Param } from "../types";

/** What every control is given. */
export interface ControlProps {
  id: string;
  param: Param;
  values: string[];
  /** With inPlace, as while dragging, it is no step to go back to. */
  set: (values: string[], inPlace?: boolean) => void;
}
