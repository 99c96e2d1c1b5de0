// Starts every part, and tells each what another has learnt.
// @ts-check
import { copyAddress } from "./address.js";
import { keepPlace, offerReleases } from "./crossing.js";
import { bindKeys, showKeys } from "./keys.js";
import { lightNotes } from "./light.js";
import { markLines } from "./lines.js";
import { turnPage, walk } from "./moves.js";
import { markOutline, settleRail } from "./rail.js";
import { followScope } from "./scope.js";
import { keepSelectionInCode } from "./selection.js";
import { chooseTheme, offerThemes } from "./theme.js";
import { offerTopics } from "./topics.js";

offerThemes();
settleRail();
followScope(markOutline);
lightNotes();
markLines();
keepSelectionInCode();
keepPlace();
offerTopics();
bindKeys({
  j: () => walk(1),
  k: () => walk(-1),
  n: () => turnPage("next"),
  p: () => turnPage("prev"),
  r: offerReleases,
  t: chooseTheme,
  y: copyAddress,
  "?": showKeys,
});
