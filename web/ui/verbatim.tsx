// A text that somebody else wrote. Control characters and those that turn the direction of a line are shown as what they are: signs that do not belong there.
const HIDDEN = /[\p{Cc}\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069]/gu

export function Verbatim({ text }: { readonly text: string }) {
  return <bdi>{text.replace(HIDDEN, '\ufffd')}</bdi>
}
