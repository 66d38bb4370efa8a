// A picture freed of everything else, and the reasons for refusing one.

/** Width or height, in pixels. */
export const SIDE_PIXELS_MAX = 20_000
/** Width times height: what a decoder must be ready to unpack. */
export const AREA_PIXELS_MAX = 200_000_000

export const PHOTO_REASONS = {
  'not-a-photo': { en: 'the file is neither JPEG nor PNG; save the photo as one of them', ru: 'файл не JPEG и не PNG; сохраните снимок в одном из этих форматов' },
  'too-large': { en: 'the photo is larger than 32 MiB or has too many pixels; make a smaller copy', ru: 'снимок больше 32 МиБ или содержит слишком много пикселей; сделайте уменьшенную копию' },
  'truncated': { en: 'the photo is cut off; copy it again from its source', ru: 'снимок обрезан; скопируйте его у источника снова' },
  'damaged': { en: 'the photo is damaged; copy it again from its source', ru: 'снимок повреждён; скопируйте его у источника снова' },
} as const
export type PhotoReason = keyof typeof PHOTO_REASONS

export class PhotoRefused extends Error {
  readonly reason: PhotoReason

  constructor(reason: PhotoReason, detail: string) {
    super(`${PHOTO_REASONS[reason].en} (${detail})`)
    this.name = 'PhotoRefused'
    this.reason = reason
  }
}

/** The copy, and the sides that its header states. */
export type Picture = { readonly copy: Uint8Array, readonly width: number, readonly height: number }

/** Throws PhotoRefused for sides that no mark needs and that a decoder would have to make room for. */
export function checkSides({ width, height }: { readonly width: number, readonly height: number }): void {
  if (width < 1 || height < 1) throw new PhotoRefused('damaged', `${width} by ${height} pixels`)
  if (width > SIDE_PIXELS_MAX || height > SIDE_PIXELS_MAX || width * height > AREA_PIXELS_MAX) throw new PhotoRefused('too-large', `${width} by ${height} pixels`)
}
