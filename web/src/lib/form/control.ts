import type { Param } from "../types";

/** What every control is given. */
export interface ControlProps {
  id: string;
  param: Param;
  values: string[];
  set: (values: string[]) => void;
}
