// The console: the registry in the browser of the people of its party.
import '@mantine/core/styles.css'
import './console.css'
import { createTheme, MantineProvider } from '@mantine/core'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { ConsoleProvider } from './state.tsx'

const theme = createTheme({ primaryColor: 'indigo', primaryShade: 8, autoContrast: true, fontFamily: 'system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif', defaultRadius: 'sm', cursorType: 'pointer' })
const nonce = document.querySelector('meta[name="muster-nonce"]')?.getAttribute('content') ?? ''
// What keeps the page still behind a dialog makes a style of its own and looks for its nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: nonce })

createRoot(document.getElementById('root') as HTMLElement).render(<StrictMode>
  <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}><ConsoleProvider><App /></ConsoleProvider></MantineProvider>
</StrictMode>)
