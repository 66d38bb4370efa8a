// A party's registry, as the commands use it: opened, sequenced, served. The clock and the sockets are its own (home.ts, serve.ts); what they
// call takes time as an argument.
export { openHome, systemClock, type Hall, type Home } from './home.ts'
export { catchUp, collectReaders, sequence, signAndCosign, type Readers } from './sequencing.ts'
export type { MessageDoor } from './door.ts'
export { serveHome, type ServeOptions, type Serving } from './serve.ts'
export { servedAt } from './served.ts'
