/** A picture of width × height in a pane, and how it is looked at. All in CSS pixels but width and height. */
export interface Size { width: number; height: number }

/** zoom 1 is the whole picture; x and y are the shift of its middle from the pane's, as shares of its shown size. */
export interface View { zoom: number; x: number; y: number }

export interface Box { left: number; top: number; width: number; height: number }

export const Whole: View = { zoom: 1, x: 0, y: 0 };

/** Pixels of the picture larger than this many of the screen are shown as squares to whoever looks closer than at the whole. */
export const CrispFrom = 4;

const MaxScale = 64;

/** Screen pixels per picture pixel at which it fits; small pictures are made large. */
export const fit = (picture: Size, pane: Size) => Math.min(pane.width / picture.width, pane.height / picture.height);

export function boxOf(view: View, picture: Size, pane: Size): Box {
  const scale = fit(picture, pane) * view.zoom;
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { left: (pane.width - width) / 2 + view.x * width, top: (pane.height - height) / 2 + view.y * height, width, height };
}

/** Zooms by a factor so that what is under a point of the pane stays there. */
export function zoomAt(view: View, by: number, point: { x: number; y: number }, picture: Size, pane: Size): View {
  const most = Math.max(MaxScale / fit(picture, pane), 8);
  const zoom = clamp(view.zoom * by, 1, most);
  const before = boxOf(view, picture, pane);
  const [u, v] = [(point.x - before.left) / before.width, (point.y - before.top) / before.height];
  const after = boxOf({ zoom, x: 0, y: 0 }, picture, pane);
  const [left, top] = [point.x - u * after.width, point.y - v * after.height];
  return within({ zoom, x: (left - after.left) / after.width, y: (top - after.top) / after.height }, picture, pane);
}

/** Moves by screen pixels. */
export function panBy(view: View, dx: number, dy: number, picture: Size, pane: Size): View {
  const box = boxOf(view, picture, pane);
  return within({ ...view, x: view.x + dx / box.width, y: view.y + dy / box.height }, picture, pane);
}

/** Keeps the picture in the pane: in the middle where it is smaller, without a gap where it is larger. */
export function within(view: View, picture: Size, pane: Size): View {
  const { width, height } = boxOf(view, picture, pane);
  const most = (shown: number, room: number) => Math.max(0, (shown - room) / 2 / shown);
  const [x, y] = [most(width, pane.width), most(height, pane.height)];
  return { zoom: view.zoom, x: clamp(view.x, -x, x), y: clamp(view.y, -y, y) };
}

/** The part of the pane in which a picture is seen, from left to right. */
export function seen(box: Box, pane: Size): { from: number; to: number } {
  return { from: Math.max(box.left, 0), to: Math.min(box.left + box.width, pane.width) };
}

/** Side by side or one above the other, whichever shows the picture larger. */
export function halves(picture: Size, pane: Size, gap: number): { pane: Size; column: boolean } {
  const beside = { width: (pane.width - gap) / 2, height: pane.height };
  const above = { width: pane.width, height: (pane.height - gap) / 2 };
  const column = fit(picture, above) > fit(picture, beside);
  return { pane: column ? above : beside, column };
}

export const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);
