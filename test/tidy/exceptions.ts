// What the tidy test lets pass, each with its reason. An entry that no longer excepts anything fails, so that the list only shrinks.
export type Exceptions = Readonly<Record<string, string>>

/** Files longer than the limit. */
export const LONG_FILES: Exceptions = {}

/** Functions longer than the limit, as `path#name`. */
export const LONG_FUNCTIONS: Exceptions = {}

/** Exports that nothing in the tree imports, as `path#name`. */
export const DEAD_EXPORTS: Exceptions = {
  'cli/verbs/*#verb': 'loaded by the name of its file',
  'bench/*#default': 'loaded by the name of its file',
  'test/federation/*#*': 'a fixture offers what a story or a crime may need',
}

/** Texts that the tree may hold although a banned word stands in them, as `path`. */
export const BANNED_WORDS: Exceptions = {}

/** Files that read the environment although they are no main.ts, test or bench. */
export const ENVIRONMENT: Exceptions = {}

/** Verbs, scripts and files that documents name before they exist. The test fails for one that has come into being. */
export const AWAITED: Exceptions = {}
