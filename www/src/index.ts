/** `pretune.js`: defines the elements. Nothing is fetched or started before one of them comes near the viewport. */
import { followContents } from "./contents";
import { define } from "./define";
import { elements } from "./elements/index";
import { adoptTokens } from "./styles/index";

if (typeof document !== "undefined") adoptTokens();
define(elements as unknown as Parameters<typeof define>[0]);
if (typeof document !== "undefined") followContents();
