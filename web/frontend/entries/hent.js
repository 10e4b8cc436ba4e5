// Every page: the styles of all rooms, htmx, then small behaviours; each page works without them.
import "../styles/index.css";
import "htmx.org";
import "../behaviours/shell.js";
import "../behaviours/list.js";

// A room adds behaviours/<room>.js; each is loaded with the page.
import.meta.glob(["../behaviours/*.js", "!../behaviours/shell.js", "!../behaviours/list.js"], { eager: true });
