// The languages that Muster speaks. What the laws' own terms are called in them lies beside this file, so that the command line and the browser say the same.

export type Lang = 'en' | 'ru'
/** One text in every language. */
export type Words = { readonly en: string, readonly ru: string }
