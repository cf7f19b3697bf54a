// What every page has: dialogs, keys, the palette, lists, forms that are sent once. Pages work without any of it.
import "./counts.js";
import "./dialogs.js";
import "./forms.js";
import "./keys.js";
import "./lists.js";
import "./palette.js";
import "./scanner.js";
