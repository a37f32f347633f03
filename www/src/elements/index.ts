/** Every element of the bundle: a new one is one more line in each list. */
import { NextToken } from "./next-token";

export { NextToken };

export const elements = [NextToken];
