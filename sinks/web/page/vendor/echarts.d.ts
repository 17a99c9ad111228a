// What the page uses of the charts' library; tooling/charts.js makes it.
export function init(box: HTMLElement, theme: null, how: { renderer: "canvas" }): Drawing;
